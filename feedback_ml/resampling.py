"""How sure a ranking is: the parts that people decide, and the score again on people drawn anew.

A bootstrap over PEOPLE, not texts: each person counts as often as a Poisson draw with mean 1 says (Poisson
bootstrap), with the same draw in every topic they wrote about. Trend, reach, equity and effort are held: the
burst test and the shrunk lift carry their own uncertainty already. numpy comes with scikit-learn.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feedback_ml.counting import Counted

DRAWS = 300
MOST_PEOPLE = 1_000_000
_AT_ONCE = 20
_LOWEST, _HIGHEST, _CERTAIN = 0.05, 0.95, 0.95
_CALM_STARS, _CALM_PEOPLE, _TRUST = 3.0, 2.0, 2.0


@dataclass(frozen=True, slots=True)
class Resampled:
    """`strengths`: per part, one number 0..1 for each topic. `scores`: DRAWS x topics, in points."""

    strengths: Mapping[str, Sequence[float]]
    scores: Any


def resample(
    topics: Sequence[Counted], points: Mapping[str, float], held: Sequence[float], seed: int
) -> Resampled:
    """Strengths of the people's parts, and scores of draws; `held` are each topic's other points."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    columns = _Columns.of(topics)
    counted = _strengths(columns, np.ones((1, columns.names)))
    scores = [
        sum(points[part] * strength for part, strength in _strengths(columns, weights).items())
        + np.array(held)
        for weights in _draws(columns.names, seed)
    ]
    return Resampled({part: row[0].tolist() for part, row in counted.items()}, np.concatenate(scores))


def _draws(people: int, seed: int) -> Iterator[Any]:
    import numpy as np  # noqa: PLC0415  as above

    chance = np.random.default_rng(seed)
    for _ in range(DRAWS // _AT_ONCE):
        yield chance.poisson(1.0, size=(_AT_ONCE, people))


@dataclass(frozen=True, slots=True)
class _Columns:
    """All (topic, person) pairs, topic by topic: where each topic begins, and what each person gives."""

    begins: Any
    who: Any
    names: int
    severity: Any
    rated: Any
    stars: Any
    fresh: Any

    @classmethod
    def of(cls, topics: Sequence[Counted]) -> _Columns:
        import numpy as np  # noqa: PLC0415  as above

        every = [person for one in topics for person in one.people]
        number = {name: at for at, name in enumerate(dict.fromkeys(person.name for person in every))}
        return cls(
            begins=np.cumsum([0, *(len(one.people) for one in topics[:-1])]),
            who=np.array([number[person.name] for person in every]),
            names=len(number),
            severity=np.array([person.severity for person in every]),
            rated=np.array([person.rated for person in every], dtype=float),
            stars=np.array([person.stars for person in every]),
            fresh=np.array([person.fresh for person in every]),
        )


def _strengths(columns: _Columns, drawn: Any) -> dict[str, Any]:
    """Each part as an array, draws x topics. A topic that a draw left without people gives nothing."""
    import numpy as np  # noqa: PLC0415  as above

    weights = drawn[:, columns.who].astype(float)

    def total(values: Any) -> Any:
        return np.add.reduceat(weights * values, columns.begins, axis=1)

    people = total(1.0)
    some = np.maximum(people, 1.0)
    calm = (total(columns.stars) + _CALM_STARS * _CALM_PEOPLE) / (total(columns.rated) + _CALM_PEOPLE)
    severity = np.maximum(total(columns.severity) / some, 1.0)
    return {
        "people": np.minimum(1.0, np.log(some) / math.log(MOST_PEOPLE)),
        "severity": np.log(severity) / math.log(5),
        "rating": (5 - calm) / 4,
        "recency": total(columns.fresh) / (people + _TRUST),
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """How sure one topic's rank is; see priority.Ranked for the fields."""

    place: int
    tied: bool
    low_rank: int
    high_rank: int
    margin: float


def stand(scores: Any, columns: Sequence[int], classes: Sequence[int]) -> list[Standing]:
    """Standings of topics in the order of their rank: `columns` of `scores`, and the class of each.

    A topic of a higher class number comes after all of a lower in every draw, and is never tied with them.
    """
    import numpy as np  # noqa: PLC0415  as above

    mine = scores[:, list(columns)]
    # More than any score is worth, so that each class keeps its order in every draw.
    order = np.argsort(1_000.0 * np.array(classes) - mine, axis=1, kind="stable")
    low_ranks, high_ranks = np.quantile(np.argsort(order, axis=1) + 1, (_LOWEST, _HIGHEST), axis=0)
    low, high = np.quantile(mine, (_LOWEST, _HIGHEST), axis=0)
    places = _places(mine, classes)
    sharing = Counter(places)
    return [
        Standing(
            place=place,
            tied=sharing[place] > 1,
            low_rank=min(at, math.floor(low_ranks[at - 1])),
            high_rank=max(at, math.ceil(high_ranks[at - 1])),
            margin=round(float(high[at - 1] - low[at - 1]) / 2, 3),
        )
        for at, place in enumerate(places, start=1)
    ]


def _places(mine: Any, classes: Sequence[int]) -> list[int]:
    """For each topic the rank of the first that it is not surely behind."""
    places: list[int] = []
    first = 0
    for at in range(len(classes)):
        ahead = mine[:, first] - mine[:, at]
        surely = (ahead > 0).mean() + (ahead == 0).mean() / 2 >= _CERTAIN
        if surely or classes[at] != classes[first]:
            first = at
        places.append(first + 1)
    return places
