"""The flags of `hindcast run`: what each is called, what it takes, what `--help` says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

_COSTS, _RULES, _OUTPUT = "Costs", "Trading rules", "Output"

StrategyName = Annotated[str, typer.Argument(help="Strategy type; `hindcast strategies list` shows them.")]
Symbols = Annotated[
    list[str], typer.Option("--symbols", "-s", metavar="A,B", help="Symbols; may be given again.", show_default=False)
]
Provider = Annotated[str, typer.Option(metavar="NAME", help="Source of the prices.")]
Interval = Annotated[str, typer.Option(metavar="LENGTH", help="How long a bar is: 1d, or 1min, 5min … 60min.")]
Adjusted = Annotated[
    bool, typer.Option("--adjusted", help="Take prices with splits and dividends worked in, instead of raw ones.")
]
DataVersion = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Read this version of the stored prices; fetch nothing.", show_default=False),
]
Start = Annotated[str | None, typer.Option(metavar="DATE", help="First day, as 1999-01-04.", show_default=False)]
End = Annotated[str | None, typer.Option(metavar="DATE", help="Last day, included.", show_default=False)]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the strategy.", show_default=False),
]
Benchmark = Annotated[str | None, typer.Option(metavar="SYMBOL", help="What to compare with.", show_default=False)]
Capital = Annotated[float, typer.Option(metavar="MONEY", help="Money at the start.")]

CommissionBps = Annotated[
    float, typer.Option(min=0, metavar="BPS", help="Basis points of a fill's value.", rich_help_panel=_COSTS)
]
CommissionPerShare = Annotated[
    float, typer.Option(min=0, metavar="MONEY", help="Money per unit filled.", rich_help_panel=_COSTS)
]
CommissionPerOrder = Annotated[
    float, typer.Option(min=0, metavar="MONEY", help="Money per order.", rich_help_panel=_COSTS)
]
CommissionMin = Annotated[
    float, typer.Option(min=0, metavar="MONEY", help="Least money per order.", rich_help_panel=_COSTS)
]
SlippageBps = Annotated[
    float, typer.Option(min=0, metavar="BPS", help="Basis points a fill is worse by.", rich_help_panel=_COSTS)
]

SizingText = Annotated[
    str,
    typer.Option(
        "--sizing",
        metavar="KIND:AMOUNT",
        help="weight:1.0, quantity:10 or cash:1000.",
        rich_help_panel=_RULES,
    ),
]
AllowShort = Annotated[
    bool, typer.Option("--allow-short", help="Let sales open short positions.", rich_help_panel=_RULES)
]
MaxLeverage = Annotated[
    float, typer.Option(metavar="RATIO", help="Largest gross exposure per equity.", rich_help_panel=_RULES)
]
LotSize = Annotated[
    float | None,
    typer.Option(
        metavar="UNITS",
        help="Quantities are multiples of it; else fractional.",
        rich_help_panel=_RULES,
        show_default=False,
    ),
]
FillOn = Annotated[
    Literal["next_open", "close"], typer.Option(help="The price that a decision fills at.", rich_help_panel=_RULES)
]
GapRule = Annotated[
    Literal["forward_fill", "drop", "raise"],
    typer.Option(help="What ready-made columns see where a bar is missing.", rich_help_panel=_RULES),
]
Proof = Annotated[
    Literal["sampled", "full", "off"],
    typer.Option(help="On how many bars the look-ahead proof decides again.", rich_help_panel=_RULES),
]
RiskFree = Annotated[float, typer.Option(metavar="RATE", help="Yearly rate: 0.02 is 2 %.", rich_help_panel=_RULES)]

ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write an HTML report.", rich_help_panel=_OUTPUT, show_default=False),
]
JsonTarget = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE|-",
        help="Write the result as JSON; - prints nothing else.",
        rich_help_panel=_OUTPUT,
        show_default=False,
    ),
]
Name = Annotated[
    str, typer.Option(metavar="TEXT", help="A name for the result.", rich_help_panel=_OUTPUT, show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result's id alone.", rich_help_panel=_OUTPUT)]
