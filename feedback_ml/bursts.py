"""Tells a burst from chance: weekly counts against what a topic's own past and the whole inbox let expect.

The count of a topic that goes on as before is taken for negative binomial. Its variance exceeds the
Poisson's for two reasons: the topic's usual rate is known from few weeks only (a gamma with Jeffreys'
prior), and topics swing from week to week by more than chance, by as much as all of them do together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEKS, RECENT_WEEKS = 8, 2
_BEFORE = WEEKS - RECENT_WEEKS
_PRIOR = 0.5
"""Half a text on both sides (Jeffreys): a topic that did not exist before is not expected never."""
_CALM = 2
"""Texts a week of somebody else, steady, beside the others': few others tell little of the inbox's growth."""
_SWING_LIMIT = 0.5
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Inbox:
    """What all topics together did: texts before and lately, and how much topics swing (0 = Poisson)."""

    before: int
    recent: int
    swing: float


@dataclass(frozen=True, slots=True)
class Burst:
    """`rise` and `fall` are the chances of as many recent texts or more, and of as few or fewer.

    `excess` is the share, 0..1, of the recent texts that goes beyond what was to be expected.
    """

    rise: float
    fall: float
    excess: float


def inbox(weeks_of: Sequence[Sequence[int]]) -> Inbox:
    """Sum the weekly counts of all topics (each WEEKS long, oldest first)."""
    before = sum(sum(weeks[:_BEFORE]) for weeks in weeks_of)
    recent = sum(sum(weeks[_BEFORE:]) for weeks in weeks_of)
    return Inbox(before, recent, _swing([weeks[:_BEFORE] for weeks in weeks_of]))


def burst(weeks: Sequence[int], everything: Inbox) -> Burst:
    """Compare a topic's last two weeks with its six before; `everything` holds the topic's own texts too.

    Where all the others grow a topic is expected to grow; where all else fell silent, going on is no burst.
    """
    own, count = sum(weeks[:_BEFORE]) + _PRIOR, sum(weeks[_BEFORE:])
    others = (
        everything.before - sum(weeks[:_BEFORE]) + _CALM * _BEFORE,
        everything.recent - count + _CALM * RECENT_WEEKS,
    )
    grown = own * others[1] / others[0]
    plain = own * RECENT_WEEKS / _BEFORE
    most = max(grown, plain)
    least = min(grown, plain)
    swing = everything.swing + 1 / own
    rise = at_least(count, most, swing)
    return Burst(rise, at_most(count, least, swing), max(0.0, 1 - most / count) if count else 0.0)


def _swing(weeks_of: Sequence[Sequence[int]]) -> float:
    """Variance beyond the Poisson's as a share of the squared mean, by the method of moments."""
    by_week = [sum(column) for column in zip(*weeks_of, strict=True)]
    total = sum(by_week)
    beyond = squares = 0.0
    for weeks in weeks_of:
        share = sum(weeks) / total if total else 0.0
        for count, whole in zip(weeks, by_week, strict=True):
            mean = share * whole
            # Both margins were fitted: that much of a Poisson's variance cannot show.
            beyond += (count - mean) ** 2 - mean * (1 - share) * (1 - whole / total if total else 0)
            squares += mean * mean
    return min(_SWING_LIMIT, max(0.0, beyond / squares)) if squares else 0.0


def at_least(count: int, mean: float, swing: float) -> float:
    """Chance of `count` or more of a negative binomial with variance mean + swing x mean^2 (swing > 0)."""
    if count == 0:
        return 1.0
    if count <= mean:
        return 1 - _tail(count - 1, mean, swing, step=-1)
    return _tail(count, mean, swing, step=1)


def at_most(count: int, mean: float, swing: float) -> float:
    """Chance of `count` or fewer."""
    if count <= mean:
        return _tail(count, mean, swing, step=-1)
    return 1 - _tail(count + 1, mean, swing, step=1)


def _tail(count: int, mean: float, swing: float, *, step: int) -> float:
    """Sum chances from `count` away from the mean, where they only fall."""
    size = 1 / swing
    odds = mean / (size + mean)
    term = exp(
        lgamma(count + size)
        - lgamma(size)
        - lgamma(count + 1)
        + size * log(size / (size + mean))
        + count * log(odds)
    )
    total = term
    while count + step >= 0 and term > _NEGLIGIBLE * total:
        term *= (count + size) / (count + 1) * odds if step > 0 else count / (count - 1 + size) / odds
        count += step
        total += term
    return min(1.0, total)
