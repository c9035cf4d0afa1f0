"""Reach and equity: how widely a topic is felt, and whether it falls on some harder than on the rest."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback_ml.counting import Counted

_SURE = 1.92
"""Half of chi-squared's 95 % point for one degree: log-likelihood below it is taken for chance."""
_CALM = 5.0
"""People with everybody's shares who are added to each topic before a lift is believed."""
_FEW = 10
"""People in a topic from which its groups count for half."""
_TRUST = 2.0
NOT_OVERSEAS = ("overseas", "no")


@dataclass(frozen=True, slots=True)
class Everyone:
    """The people of all topics together: how many, how many by area, and what share is in each group.

    `looked_at` is the number of groups of each kind.
    """

    people: int
    by_area: dict[str, int]
    share: dict[tuple[str, str], float]
    looked_at: dict[str, int]


def everyone(topics: Sequence[Counted]) -> Everyone:
    """Count each person once for the areas, and once for each topic they wrote about for the groups."""
    names = {person.name for one in topics for person in one.people}
    areas: dict[str, set[str]] = {}
    groups: Counter[tuple[str, str]] = Counter()
    for one in topics:
        if one.topic.area != "none":
            areas.setdefault(one.topic.area, set()).update(person.name for person in one.people)
        groups.update(one.groups)
    totals = _by_kind(groups)
    return Everyone(
        people=len(names),
        by_area={area: len(people) for area, people in areas.items()},
        share={(kind, name): count / totals[kind] for (kind, name), count in groups.items()},
        looked_at=dict(Counter(kind for kind, _ in groups)),
    )


def _by_kind(groups: Counter[tuple[str, str]]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (kind, _), count in groups.items():
        totals[kind] += count
    return totals


def reach(one: Counted, all_people: Everyone) -> float:
    """0..1: half for the share of all people who write about the area, half for evenness.

    Evenness, over versions and over districts, is the chance that two of its people are of different ones.
    """
    area = all_people.by_area.get(one.topic.area, 0) / all_people.people
    districts = [count for (kind, _), count in one.groups.items() if kind == "district"]
    return 0.5 * area + 0.25 * _evenness(one.version_people) + 0.25 * _evenness(districts)


def _evenness(counts: Sequence[int]) -> float:
    """Simpson's index without bias; 0 for fewer than two people, and trusted by how many there are."""
    total = sum(counts)
    if total < 2:
        return 0.0
    same = sum(count * (count - 1) for count in counts) / (total * (total - 1))
    return (1 - same) * total / (total + _TRUST)


def equity(one: Counted, all_people: Everyone) -> tuple[float, str]:
    """0..1 and the group hit hardest beyond its share of all feedback, as "district:lahore"; "" for none.

    The lift of each group is drawn to 1 as by five more people with everybody's shares, and weighed by how
    far its log-likelihood ratio exceeds chance, the number of groups looked at allowed for: what is thin
    gives about 0.
    """
    strongest = (0.0, "")
    sizes = _by_kind(one.groups)
    for (kind, name), hit in one.groups.items():
        if (kind, name) != NOT_OVERSEAS:
            usual = all_people.share[kind, name]
            harder = _harder(hit, sizes[kind], usual, all_people.looked_at[kind])
            strongest = max(strongest, (harder, f"{kind}:{name}"))
    return strongest if strongest[0] > 0 else (0.0, "")


def _harder(hit: int, size: int, usual: float, looked_at: int) -> float:
    if usual >= 1 or hit <= size * usual:
        return 0.0
    beyond = _log_likelihood_ratio(hit, size, usual) - _SURE - math.log(looked_at)
    lift = (hit + _CALM * usual) / ((size + _CALM) * usual)
    return (1 - 1 / lift) * -math.expm1(-max(0.0, beyond)) * size / (size + _FEW)


def _log_likelihood_ratio(hit: int, size: int, usual: float) -> float:
    """How much likelier the group's share is the topic's own than everybody's (binomial, natural log)."""
    missed = size - hit
    told = hit * math.log(hit / (size * usual))
    return told + (missed * math.log(missed / (size * (1 - usual))) if missed else 0.0)
