"""What all figures share: fonts, colours, axes, and text that Plotly may not read as markup."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from hindcast.reporting.run_tables import StampArray
from hindcast.reporting.theme import FONT, Palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Spec = dict[str, object]


def plain(text: str) -> str:
    """Text for a name or hover: Plotly reads a small HTML there, so what looks like it is escaped."""
    return html.escape(text, quote=False)


def figure(traces: list[Spec], layout: Spec) -> Figure:
    """A Plotly figure of plain dicts."""
    from plotly import graph_objects

    return graph_objects.Figure({"data": traces, "layout": layout})


def canvas(colours: Palette, *, height: int) -> Spec:
    """The layout that every figure starts from."""
    return {
        "template": {},
        "height": height,
        "autosize": True,
        "uirevision": "keep",
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "paper_bgcolor": colours.surface,
        "plot_bgcolor": colours.surface,
        "font": {"family": FONT, "size": 12, "color": colours.muted},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colours.raised,
            "bordercolor": colours.line,
            "font": {"color": colours.ink, "family": FONT, "size": 12},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"color": colours.ink},
            "bgcolor": "rgba(0, 0, 0, 0)",
        },
        "dragmode": "zoom",
        "modebar": {"bgcolor": "rgba(0, 0, 0, 0)", "color": colours.muted, "activecolor": colours.ink},
    }


def axis(colours: Palette, **more: object) -> Spec:
    """An axis: quiet grid, labels that make room for themselves."""
    return {
        "gridcolor": colours.grid,
        "linecolor": colours.line,
        "zerolinecolor": colours.line,
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": 12, "color": colours.muted}, "standoff": 8},
        **more,
    }


def titled(colours: Palette, text: str, **more: object) -> Spec:
    """An axis with a title."""
    return axis(
        colours, **(more | {"title": {"text": text, "font": {"size": 12, "color": colours.muted}, "standoff": 8}})
    )


def time_axis(colours: Palette, when: StampArray, **more: object) -> Spec:
    """The axis of time (UTC) of these stamps; hovers tell the time of day where there is one."""
    days = bool((when == when.astype("datetime64[D]")).all())
    look: Spec = {
        "type": "date",
        "showgrid": False,
        "showline": True,
        "hoverformat": "%Y-%m-%d" if days else "%Y-%m-%d %H:%M",
    }
    return axis(colours, **(look | more))


def remark(colours: Palette, text: str) -> Spec:
    """A sentence in the middle of a figure that has nothing to show."""
    return {
        "text": plain(text),
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"size": 14, "color": colours.muted},
    }


def empty(colours: Palette, text: str, *, height: int) -> Figure:
    """A figure that says why it is empty."""
    hidden: Spec = {"visible": False}
    layout = canvas(colours, height=height) | {"xaxis": hidden, "yaxis": hidden}
    return figure([], layout | {"annotations": [remark(colours, text)]})
