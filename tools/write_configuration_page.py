"""Write docs/reference/configuration.md from the records: `python tools/write_configuration_page.py`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

from hindcast.cli.views.strategy_view import bounds_text
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage, Slippage, SquareRootSlippage, VolumeShareSlippage
from hindcast.domain.records import CheckedRecord
from hindcast.domain.sizing import FixedCash, FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "configuration.md"

INTRODUCTION = """\
# Configuration of a backtest

How a backtest trades. In Python `hc.BacktestConfig(...)` with the fields below; on the command line the
[flags of `hindcast run`](command_line.md) set those that most runs need. All fields but `proof` are in the manifest, so
another value is another result id. What they do to fills and books:
[how a backtest is simulated](../concepts/simulation.md).

```python
config = hc.BacktestConfig(
    initial_capital=50_000, commission=hc.Commission(rate=0.001, minimum=1), sizing=hc.TargetWeight(0.5), lot_size=1
)
```

`slippage` takes any of the four slippages below, `sizing` any of the six sizers; both, and `commission`, take an
instance of a class of your own as well: [costs and sizes](../concepts/costs_and_sizes.md).
"""

RECORDS = (
    BacktestConfig,
    Commission,
    Slippage,
    HalfSpreadSlippage,
    VolumeShareSlippage,
    SquareRootSlippage,
    TargetWeight,
    FixedQuantity,
    FixedCash,
    VolatilityTarget,
    RiskPerTrade,
    Kelly,
)


def render() -> str:
    """Give the page as text: one table per record."""
    return INTRODUCTION + "".join(_section(record) for record in RECORDS)


def _section(record: type[CheckedRecord]) -> str:
    meaning = (inspect.getdoc(record) or "").partition("\n")[0]
    head = "| Field | Default | Allowed | Meaning |\n| --- | --- | --- | --- |\n"
    rows = "".join(_row(record, name) for name in record.model_fields if name != "kind")
    return f"\n## `{record.__name__}`\n\n{meaning}\n\n{head}{rows}"


def _row(record: type[CheckedRecord], name: str) -> str:
    field = record.model_fields[name]
    schema = record.model_json_schema()["properties"][name]
    default = "required" if field.is_required() else f"`{_shown(field.default)}`"
    cells = (f"`{name}`", default, bounds_text(schema), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _shown(value: object) -> str:
    """A default as it is written in Python, a record without the fields that have their own default."""
    if not isinstance(value, CheckedRecord):
        return json.dumps(value) if isinstance(value, str) else repr(value)
    given = ", ".join(repr(each) for name, each in value if name != "kind") if isinstance(value, TargetWeight) else ""
    return f"{type(value).__name__}({given})"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
