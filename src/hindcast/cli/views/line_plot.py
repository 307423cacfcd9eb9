"""A line plot in text: Braille characters of two by four dots, or stars where a stream holds only ASCII."""

from __future__ import annotations

import numpy as np

from hindcast.cli.views.axis_ticks import Ticks
from hindcast.reporting.run_tables import FloatArray

POINT = "·"
BoolArray = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_TO_ASCII = str.maketrans({"│": "|", "┤": "+", "└": "+", "┬": "+", "─": "-", "·": "."})


def line_plot(
    curve: FloatArray,
    behind: FloatArray | None = None,
    *,
    size: tuple[int, int],
    across: Ticks,
    up: Ticks,
    ascii_only: bool = False,
) -> str:
    """Draw a curve, and another behind it as points, in so many columns and rows, the axes included.

    Ticks across are at positions of the curve's points, ticks up at values. A column shows the range of all its points,
    so that no spike is lost. `curve` is finite; `behind` is as long, and NaN where there is nothing to draw.
    """
    margin = max((len(label) for label in up.labels), default=0)
    width, height = size[0] - margin - 1, size[1] - 2
    limits = _limits(curve, behind)
    if ascii_only:
        cells = np.where(_marked(curve, limits, width, height), ord("*"), ord(" "))
    else:
        dots = _marked(curve, limits, 2 * width, 4 * height).reshape(height, 4, width, 2)
        patterns = (dots * _DOTS[:, None, :]).sum(axis=(1, 3))
        cells = np.where(patterns > 0, patterns + 0x2800, ord(" "))
    if behind is not None:
        cells[_marked(behind, limits, width, height) & (cells == ord(" "))] = ord(POINT)
    detail = 1 if ascii_only else 4
    rows = (np.rint(_rows(np.array(up.places), limits, detail * height)) // detail).astype(int).tolist()
    labels = dict(zip(rows, up.labels, strict=True))
    lines = [
        f"{labels.get(row, ''):>{margin}}{'┤' if row in labels else '│'}{''.join(map(chr, line))}"
        for row, line in enumerate(cells.tolist())
    ]
    text = "\n".join(line.rstrip() for line in (*lines, *_foot(across, len(curve), margin=margin, width=width)))
    return text.translate(_TO_ASCII) if ascii_only else text


def _limits(curve: FloatArray, behind: FloatArray | None) -> tuple[float, float]:
    lowest, highest = float(curve.min()), float(curve.max())
    if behind is None:
        return lowest, highest
    return float(np.fmin(lowest, np.fmin.reduce(behind))), float(np.fmax(highest, np.fmax.reduce(behind)))


def _marked(values: FloatArray, limits: tuple[float, float], width: int, height: int) -> BoolArray:
    """Which dots of a grid a line covers: those whose middle a column's range crosses, and the way to the next ones."""
    low, high = _ranges(values, width)
    top, bottom = _rows(high, limits, height), _rows(low, limits, height)
    nearest, thin = np.rint((top + bottom) / 2), np.ceil(top) > np.floor(bottom)
    top, bottom = np.where(thin, nearest, np.ceil(top)), np.where(thin, nearest, np.floor(bottom))
    up, down = top, bottom
    for nearby in (np.r_[0, : width - 1], np.r_[1:width, width - 1]):
        up = np.fmin(up, np.ceil((top + bottom[nearby]) / 2))
        down = np.fmax(down, np.floor((bottom + top[nearby]) / 2))
    row = np.arange(height)[:, None]
    return (row >= up) & (row <= down)


def _ranges(values: FloatArray, columns: int) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value in each column; where the points are fewer than the columns, the lines between them."""
    points = len(values)
    if points < columns:
        places = np.arange(points)
        line = np.interp(np.linspace(0, points - 1, columns), places, values)
        line[_column(places, points, columns)] = values
        return line, line
    starts = np.maximum(np.ceil((np.arange(columns) - 0.5) * (points - 1) / (columns - 1)), 0).astype(np.intp)
    return np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)


def _column(places: np.ndarray[tuple[int], np.dtype[np.int64]], points: int, columns: int) -> FloatArray:
    return np.rint(places * (columns - 1) / max(points - 1, 1)).astype(np.intp)


def _rows(values: FloatArray, limits: tuple[float, float], height: int) -> FloatArray:
    """Rows counted from the top, not yet rounded; a level curve is in the middle."""
    lowest, highest = limits
    share = (values - lowest) / (highest - lowest) if highest > lowest else np.full(len(values), 0.5)
    return (1 - share) * (height - 1)


def _foot(across: Ticks, points: int, *, margin: int, width: int) -> tuple[str, str]:
    """The axis and the labels below it; a tick whose label would touch the one before is left out."""
    axis, below = ["─"] * width, ""
    for column, label in zip(_column(np.array(across.places), points, width).tolist(), across.labels, strict=True):
        start = min(max(margin + 1 + column - len(label) // 2, 0), margin + 1 + width - len(label))
        if below and start <= len(below):
            continue
        axis[column] = "┬"
        below = f"{below:<{start}}{label}"
    return f"{'':{margin}}└{''.join(axis)}", below
