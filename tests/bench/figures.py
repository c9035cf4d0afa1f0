"""One figure of a measurement, and the plain table they are printed in."""

from __future__ import annotations

import math
import statistics
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

WIDTH = 118


@dataclass(frozen=True)
class Figure:
    """What was measured, the number and its unit, the goal in words and whether it is reached (None: no goal)."""

    what: str
    figure: float
    unit: str
    goal: str = ""
    reached: bool | None = None
    how: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def at_most(what: str, figure: float, unit: str, limit: float, how: str) -> Figure:
    return Figure(what, figure, unit, f"<= {limit:g}", figure <= limit, how)


def at_least(what: str, figure: float, unit: str, limit: float, how: str) -> Figure:
    return Figure(what, figure, unit, f">= {limit:g}", figure >= limit, how)


def told(what: str, figure: float, unit: str, how: str) -> Figure:
    """A figure that no goal speaks of; it helps to read the others."""
    return Figure(what, figure, unit, how=how)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed; 0 when there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def table(rows: Sequence[Figure]) -> str:
    """The figures as lines, and below them how each was measured (the same words once)."""
    what = max([len("what"), *(len(row.what) for row in rows)]) + 2
    unit = max([len("unit"), *(len(row.unit) for row in rows)]) + 2
    lines = [f"{'what':<{what}}{'figure':>10}  {'unit':<{unit}}{'goal':<12}reached  how"]
    lines.append("-" * len(lines[0]))
    notes = list(dict.fromkeys(row.how for row in rows if row.how))
    for row in rows:
        reached = {None: "", True: "yes", False: "NO"}[row.reached]
        note = f"({notes.index(row.how) + 1})" if row.how else ""
        lines.append(
            f"{row.what:<{what}}{shown(row.figure):>10}  {row.unit:<{unit}}{row.goal:<12}{reached:<9}{note}"
        )
    lines.append("")
    for number, note in enumerate(notes, start=1):
        lines += textwrap.wrap(f"({number}) {note}", WIDTH, subsequent_indent="    ")
    return "\n".join(lines)


def shown(figure: float) -> str:
    if float(figure).is_integer():
        return f"{int(figure):,}"
    return f"{figure:,.0f}" if abs(figure) >= 1_000 else f"{figure:.3g}"
