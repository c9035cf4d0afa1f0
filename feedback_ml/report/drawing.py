"""Drawings as SVG: shapes that stretch to their place, words beside them. Lengths are of a box 1000 wide.

A drawing is an image with a title and a description; its text lies in HTML around it, so that it never
shrinks with it. Colours are classes, so that light, dark and paper have their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log2
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedback_ml.report.confusion import Band
    from feedback_ml.report.trends import Mark

WIDTH = 1_000
_BAR, _CAP = 28, 7
_TALL, _HEAD = 100, 8
_ROW, _FOLDS = 24, 4
"""A forest row reaches from 1/16 to 16: four doublings to either side."""
_SIDE, _EDGE = 300, 34
_GAP = 0.12
_PATH = Markup('<path class="{}" d="{}"/>')
_RECT = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')


@dataclass(frozen=True, slots=True)
class Told:
    """What a drawing says to whoever does not see it; `ident` is unique on the page."""

    ident: str
    title: str
    description: str


def stacked(parts: Sequence[tuple[str, float]], *, of: float, margin: float, told: Told) -> Markup:
    """One bar of named parts, of so many points in the whole width, with the interval of their sum."""
    shapes, x = [], 0.0
    for name, points in parts:
        wide = WIDTH * points / of
        shapes.append(_RECT.format(f"p-{name}", x, 4, wide, _BAR - 8))
        x += wide
    low, high = (max(0.0, min(WIDTH, x + sign * WIDTH * margin / of)) for sign in (-1, 1))
    middle, top, foot = _BAR // 2, _BAR // 2 - _CAP, _BAR // 2 + _CAP
    drawn = f"M{low:.1f} {middle}H{high:.1f}M{low:.1f} {top}V{foot}M{high:.1f} {top}V{foot}"
    return _image("bar", _BAR, [*shapes, _PATH.format("halo", drawn), _PATH.format("whisker", drawn)], told)


def columns(values: Sequence[int], marks: Iterable[Mark], *, most: int, told: Told) -> Markup:
    """Columns of counts, with a vertical line for each release: full where it was to help, else broken."""
    step, whole = WIDTH / len(values), _TALL - _HEAD
    shapes = [_PATH.format("axis", f"M0 {_TALL - 0.5}H{WIDTH}M0 {_HEAD}H{WIDTH}")]
    for at, value in enumerate(values):
        tall = whole * value / max(most, 1)
        if value:
            shapes.append(_RECT.format("col", (at + _GAP) * step, _TALL - tall, (1 - 2 * _GAP) * step, tall))
    return _image("columns", _TALL, [*shapes, *map(_mark, marks)], told)


def _mark(mark: Mark) -> Markup:
    kind = "about" if mark.is_about else "mark"
    told = f"{mark.version}, {mark.released_at:%Y-%m-%d}"
    return Markup('<path class="{}" d="M{:.1f} 0V{}"><title>{}</title></path>').format(
        kind, mark.at * WIDTH, _TALL, told
    )


def forest(value: float | None, low: float, high: float, *, verdict: str, told: Told) -> Markup:
    """A ratio and its interval on a scale of doublings, 1 in the middle; what is beyond 16 is cut there."""
    left, right = _doublings(low), _doublings(high)
    shapes = [
        _PATH.format("axis", f"M{WIDTH // 2} 0V{_ROW}"),
        _PATH.format(f"span v-{verdict}", f"M{left:.1f} 12H{max(right, left + 4):.1f}"),
    ]
    if value is not None:
        shapes.append(_PATH.format(f"point v-{verdict}", f"M{_doublings(value):.1f} 5V19"))
    return _image("forest", _ROW, shapes, told)


def _doublings(ratio: float) -> float:
    if ratio <= 0:
        return 0.0
    beyond = _FOLDS if ratio == inf else log2(ratio)
    return WIDTH / 2 * (1 + max(-_FOLDS, min(_FOLDS, beyond)) / _FOLDS)


def calibration(bands: Sequence[Band], told: Told, *, across: str, up: str) -> Markup:
    """Share right against confidence, band by band, with intervals; the diagonal is as sure as right."""
    most = max((band.texts for band in bands), default=1)
    quarters = [quarter / 4 for quarter in range(5)]
    grid = "".join(f"M{_x(0)} {_y(at)}H{_x(1)}M{_x(at)} {_y(0)}V{_y(1)}" for at in quarters)
    shapes = [
        _PATH.format("grid", grid),
        _PATH.format("diagonal", f"M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"),
        *(_dot(band, most) for band in bands),
        *(_label(_x(at), _SIDE - _EDGE + 15, "middle", f"{100 * at:.0f}") for at in quarters[::2]),
        *(_label(_EDGE - 5, _y(at) + 4, "end", f"{100 * at:.0f}") for at in quarters[::2]),
        _label(_SIDE / 2, _SIDE - 3, "middle", across),
        Markup('<g transform="rotate(-90 11 {0})">{1}</g>').format(
            _SIDE / 2, _label(11, _SIDE / 2, "middle", up)
        ),
    ]
    body = _named(told) + Markup("").join(shapes)
    return Markup('<svg class="plot" viewBox="0 0 {0} {0}" {1}</svg>').format(_SIDE, body)


def _x(share: float) -> float:
    return _EDGE + (_SIDE - 2 * _EDGE) * share


def _y(share: float) -> float:
    return _SIDE - _x(share)


def _dot(band: Band, most: int) -> Markup:
    """The larger, the more texts: its area goes with their number."""
    line = f"M{_x(band.confidence):.1f} {_y(band.low):.1f}V{_y(band.high):.1f}"
    return _PATH.format("whisker", line) + Markup(
        '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>'
    ).format(_x(band.confidence), _y(band.right), 3 + 6 * (band.texts / most) ** 0.5)


def _label(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _image(kind: str, tall: int, shapes: Iterable[Markup], told: Told) -> Markup:
    opening = Markup('<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" ').format(
        kind, WIDTH, tall
    )
    return opening + _named(told) + Markup("").join(shapes) + Markup("</svg>")


def _named(told: Told) -> Markup:
    """The end of the opening tag, and the names."""
    return Markup(
        'role="img" focusable="false" aria-labelledby="{0}-t {0}-d"><title id="{0}-t">{1}</title>'
        '<desc id="{0}-d">{2}</desc>'
    ).format(told.ident, escape(told.title), escape(told.description))
