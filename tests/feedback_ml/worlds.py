"""Invented worlds of topics: how many people each has, how severe it is, and what they wrote over a year.

And the two figures by which an order of topics is judged: NDCG at 3, and Spearman's correlation of ranks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from feedback_ml.priority import Evidence, Row

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
KINDS = ("heavy-tailed", "log-normal", "even", "small")
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class World:
    """Topics with their rows, and for each topic people x mean severity, which a ranking is to follow."""

    topics: tuple[Evidence, ...]
    truth: Mapping[str, float]


def _people(kind: str, topics: int, chance: Chance) -> Any:
    if kind == "heavy-tailed":
        return np.clip(chance.pareto(1.1, topics) * 8, 1, 1_500).astype(int)
    if kind == "log-normal":
        return np.clip(chance.lognormal(3, 1, topics), 1, 1_000).astype(int)
    return chance.integers(5, 100, topics) if kind == "even" else chance.integers(1, 30, topics)


def world(kind: str, chance: Chance, *, noise: float = 0.0) -> World:
    """12 to 60 topics. A share `noise` of the texts goes to a wrong topic, and as many severities are one off."""
    people = _people(kind, int(chance.integers(12, 61)), chance)
    rows = [_rows(int(count), int(people.sum()), chance) for count in people]
    truth = {
        f"t{at}": len({row.person for row in own}) * sum(row.severity for row in own) / len(own)
        for at, own in enumerate(rows)
    }
    seen: list[list[Row]] = [[] for _ in rows]
    for at, own in enumerate(rows):
        for row in own:
            wrong = chance.random() < noise
            seen[int(chance.integers(len(rows))) if wrong else at].append(_blurred(row, noise, chance))
    topics = tuple(
        Evidence(f"t{at}", "bug", tuple(own), area=str(chance.choice(["sign_in", "payments", "app"])))
        for at, own in enumerate(seen)
    )
    return World(topics, truth)


def _rows(people: int, pool: int, chance: Chance) -> list[Row]:
    """A topic's texts: one to several a person, over some weeks or the whole year, two in five without stars."""
    severity, spread = chance.uniform(1.3, 4.7), float(chance.choice([20.0, 200.0, 365.0]))
    begin = chance.uniform(0, 365 - spread)
    return [
        Row(
            person=f"p{who}",
            written_at=AS_OF - timedelta(days=float(begin + chance.uniform(0, spread))),
            severity=_clipped(chance.normal(severity, 1)),
            rating=None if chance.random() < 0.4 else _clipped(chance.normal(6 - severity, 1)),
            language=str(chance.choice(["en", "ur", "ur-Latn"])),
            version=str(chance.integers(1, 9)),
            district=f"d{chance.integers(1, 36)}",
            overseas=bool(chance.random() < 0.1),
        )
        for who in chance.choice(pool, people, replace=False)
        for _ in range(int(chance.geometric(0.6)))
    ]


def _blurred(row: Row, noise: float, chance: Chance) -> Row:
    if chance.random() >= noise:
        return row
    off = _clipped(row.severity + float(chance.choice([-1.0, 1.0])))
    return Row(
        row.person, row.written_at, off, row.rating, row.language, row.version, row.district, row.overseas
    )


def _clipped(value: float) -> int:
    return int(min(5, max(1, round(value))))


def ndcg_at_3(order: Sequence[str], truth: Mapping[str, float]) -> float:
    best = sorted(truth.values(), reverse=True)
    return _gain(truth[topic] for topic in order[:3]) / _gain(best[:3])


def _gain(values: Any) -> float:
    return sum(value / math.log2(at + 2) for at, value in enumerate(values))


def spearman(order: Sequence[str], truth: Mapping[str, float]) -> float:
    return float(spearmanr([-at for at in range(len(order))], [truth[topic] for topic in order])[0])
