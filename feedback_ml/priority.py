"""Ranks topics by the evidence behind them, with the reasons as parts that sum to the score.

    score = sum of the parts, 0..100;  part = weight x strength (0..1)

    people    log(people) against log(a million): one person in five channels is one person
    severity  log of the mean severity over people, 1 -> 0 and 5 -> 1
    trend     a burst: how sure a negative binomial test is that the last two weeks hold more people than the
              six before, and the traffic of all topics, let expect, times the share that is beyond it
    rating    mean stars, 5 -> 0 and 1 -> 1, drawn to 3 as if two more people had given 3; without stars 0.5
    reach     share of all people who write about its area; evenness over versions and districts
    recency   mean over the people of one half to the power of (age of their last text / four weeks)
    equity    a language, a district or those overseas hit harder than their share of all feedback
    effort    1 / (1 + days / 5), the owner's estimate; 0 where none is given

People and severity have the same points per logarithm in the weights that ship, so that they order topics as
people times severity does, and the other parts decide between near equals. All but those two are drawn to
nothing where data is thin. Topics of fewer than three people come after all others, and praise and other,
which ask for nothing, come after those.

How sure the order is comes from a bootstrap over people (resampling.py). Topics whose order is not sure at
95 % share a `place`. The same evidence, in any order, gives the same ranking.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from feedback_ml.bursts import RECENT_WEEKS, WEEKS, Burst, Inbox, burst, inbox
from feedback_ml.counting import Counted, count
from feedback_ml.resampling import Standing, resample, stand
from feedback_ml.spread import equity, everyone, reach
from feedback_ml.weights import PARTS, scaled, shipped_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = ["FEW", "NOT_UPGRADES", "PARTS", "WEEKS", "Evidence", "Ranked", "Row", "came_again", "rank"]

NOT_UPGRADES = frozenset({"praise", "other"})
FEW = 3
"""Topics of fewer people than this never come before a topic of more."""
SEED = 20_260_101
_WEEK = timedelta(days=7)
_SURE = 0.025
_EFFORT_HALVES_AT_DAYS = 5.0
_UNLIKELY = 1e-6

State = Literal["new", "escalating", "ongoing", "fading", "regressed"]


@dataclass(frozen=True, slots=True)
class Row:
    """One text of a topic. `person` is a pseudonym; an empty one counts as a person of its own.

    `district` is a code, `channel` where the text came from (play, whatsapp ...): both may be empty.
    """

    person: str
    written_at: datetime
    severity: float
    rating: float | None
    language: str
    version: str = ""
    district: str = ""
    overseas: bool = False
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A topic and all its texts. `effort_days` is the owner's estimate, where there is one.

    `regressed` says that it was thought mended and has come back, as `came_again` or releases.py found.
    """

    topic_id: str
    type: str
    rows: tuple[Row, ...]
    area: str = "none"
    effort_days: float | None = None
    regressed: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """A topic's place. `parts` maps names to points and sums to `score` (0..100).

    `rank` is 1, 2, 3 ...; topics whose order is not sure share a `place` (the rank of the first of them) and
    are `tied`. From `low_rank` (nearest the top) to `high_rank` is the 90 % interval of the rank; `margin` is
    half the width of the score's, in points. `weeks` counts texts in eight weeks, oldest first, the last
    ending at the instant of ranking; `severity` is the mean of the texts, 1..5; `languages` and `versions`
    are the distinct ones, most frequent first; `hit_harder` is the group that `equity` is about.
    """

    topic_id: str
    rank: int
    score: float
    parts: Mapping[str, float]
    people: int
    weeks: tuple[int, ...]
    severity: float
    languages: tuple[str, ...]
    versions: tuple[str, ...]
    state: State
    texts: int
    place: int
    tied: bool
    low_rank: int
    high_rank: int
    margin: float
    hit_harder: str = ""


@dataclass(frozen=True, slots=True)
class _Scored:
    """A topic with its points, before places are known; `column` is where its draws stand."""

    one: Counted
    column: int
    parts: dict[str, float]
    state: State
    hit_harder: str

    @property
    def score(self) -> float:
        return round(sum(self.parts.values()), 3)

    @property
    def below(self) -> int:
        """Topics stand in four classes, 0 to 3, and none passes one of a class before its own."""
        return 2 * (self.one.topic.type in NOT_UPGRADES) + (len(self.one.people) < FEW)


def rank(
    topics: Sequence[Evidence],
    *,
    as_of: datetime,
    weights: Mapping[str, float] | None = None,
    seed: int = SEED,
) -> list[Ranked]:
    """Rank topics at one instant; texts written after it do not count, nor do topics left without any.

    `weights` gives points per part and is scaled to sum to 100; WeightsError (a ValueError) when a part is
    unknown or negative. 5,000 topics of 200,000 texts take about ten seconds.
    """
    points = scaled(weights or shipped_weights())
    ordered = sorted(topics, key=lambda topic: topic.topic_id)
    seen = [one for topic in ordered if (one := count(topic, as_of))]
    if not seen:
        return []
    scored, draws = _score(seen, points, as_of, seed)
    scored.sort(key=lambda found: (found.below, -found.score, found.one.topic.topic_id))
    standings = stand(draws, [found.column for found in scored], [found.below for found in scored])
    return [
        _ranked(found, at, standing)
        for at, (found, standing) in enumerate(zip(scored, standings, strict=True), 1)
    ]


def came_again(rows: Sequence[Row], *, mended_at: datetime, as_of: datetime) -> bool:
    """Whether a burst came after the topic was shipped or measured as helped.

    The last two weeks are held against the weeks since `mended_at` (at most six, at least one), so that the
    flood before it hides nothing. False until three weeks have passed.
    """
    if as_of - mended_at < (RECENT_WEEKS + 1) * _WEEK:
        return False
    since = tuple(row for row in rows if mended_at < row.written_at <= as_of)
    one = count(Evidence("", "", since), as_of)
    if one is None:
        return False
    recent = sum(one.people_weeks[-RECENT_WEEKS:])
    weeks = min(WEEKS, (as_of - mended_at) // _WEEK) - RECENT_WEEKS
    before = sum(one.people_weeks[:-RECENT_WEEKS])
    # The weeks that there were stand for six: the test wants its count at the usual length.
    usual = round(before * (WEEKS - RECENT_WEEKS) / weeks)
    weeks_seen = (usual, *[0] * (WEEKS - 2), recent)
    alone = Inbox(usual, recent, swing=0.0)
    return recent >= FEW and burst(weeks_seen, alone).rise < _SURE


def _score(
    seen: Sequence[Counted], points: Mapping[str, float], as_of: datetime, seed: int
) -> tuple[list[_Scored], Any]:
    everything = inbox([one.people_weeks for one in seen])
    all_people = everyone(seen)
    bursts = [burst(one.people_weeks, everything) for one in seen]
    hit = [equity(one, all_people) for one in seen]
    held = [
        {
            "trend": _trend(found),
            "reach": reach(one, all_people),
            "equity": harder,
            "effort": _cheapness(one.topic.effort_days),
        }
        for one, found, (harder, _) in zip(seen, bursts, hit, strict=True)
    ]
    kept = [sum(points[part] * strength for part, strength in row.items()) for row in held]
    drawn = resample(seen, points, kept, seed)
    scored = []
    for at, one in enumerate(seen):
        strengths = held[at] | {part: column[at] for part, column in drawn.strengths.items()}
        parts = {part: round(points[part] * strengths[part], 3) for part in PARTS}
        scored.append(_Scored(one, at, parts, _state(one, bursts[at], as_of), hit[at][1]))
    return scored, drawn.scores


def _trend(found: Burst) -> float:
    """From a chance of one half (0) to one of five in 100,000 (1), times the share beyond expectation."""
    sure = min(1.0, max(0.0, -math.log10(max(found.rise, _UNLIKELY) / 0.5) / 4))
    return sure * found.excess


def _cheapness(effort_days: float | None) -> float:
    return 0.0 if effort_days is None else 1 / (1 + max(0.0, effort_days) / _EFFORT_HALVES_AT_DAYS)


def _state(one: Counted, found: Burst, as_of: datetime) -> State:
    if one.topic.regressed:
        return "regressed"
    if as_of - one.first <= RECENT_WEEKS * _WEEK:
        return "new"
    if found.rise < _SURE:
        return "escalating"
    if found.fall < _SURE or not any(one.weeks[-2 * RECENT_WEEKS :]):
        return "fading"
    return "ongoing"


def _ranked(found: _Scored, at: int, standing: Standing) -> Ranked:
    one = found.one
    return Ranked(
        topic_id=one.topic.topic_id,
        rank=at,
        score=found.score,
        parts=found.parts,
        people=len(one.people),
        weeks=one.weeks,
        severity=round(one.severity, 2),
        languages=one.languages,
        versions=one.versions,
        state=found.state,
        texts=one.texts,
        place=standing.place,
        tied=standing.tied,
        low_rank=standing.low_rank,
        high_rank=standing.high_rank,
        margin=standing.margin,
        hit_harder=found.hit_harder,
    )
