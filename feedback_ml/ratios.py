"""Exact intervals of ratios of rates, from counts: conditional, mid-p, nothing assumed about their size.

Given how many texts there were in all, how many of them came after is binomial (one rate against itself) or
noncentral hypergeometric (against a control, where the exposure cancels). A limit is the ratio at which the
chance of what was seen, half of the very count included, falls to (1 - level) / 2. Mid-p because the plain
exact interval covers too much: Agresti, Categorical Data Analysis, sections 1.4 and 16.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDEST = 30.0
_STEPS = 60
_MANY = 4_000
"""Counts from which the normal curve on the log scale is as good, and far quicker."""
_TO_FIT = 1e-9
_NORMAL = {0.95: 1.959964, 0.99: 2.575829}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio after to before. `value` is None where there was nothing before; `high` may be infinite."""

    value: float | None
    low: float
    high: float


def rate_ratio(before: int, after: int, exposures: tuple[float, float], *, level: float = 0.95) -> Ratio:
    """(after / exposure after) to (before / exposure before), for two Poisson counts.

    ValueError for a negative count, or an exposure that is not positive.
    """
    _check(before, after)
    if min(exposures) <= 0:
        raise ValueError("exposures must be more than 0")
    scale = exposures[0] / exposures[1]
    if before + after > _MANY:
        return _scaled(_normal(before, after, (1 / (before + 0.5), 1 / (after + 0.5)), level), scale)
    total = before + after
    weights = [_log_choose(total, x) for x in range(total + 1)]
    low, high = _limits(weights, after, level)
    return _scaled(Ratio(after / before if before else None, low, high), scale)


def ratio_against(
    before: int, after: int, others_before: int, others_after: int, *, level: float = 0.95
) -> Ratio:
    """(after / before) to (others after / others before): the odds ratio of the fourfold table.

    ValueError for a negative count.
    """
    _check(before, after, others_before, others_after)
    if not others_before or not others_after:
        return Ratio(None, 0.0, inf)
    control = others_after / others_before
    if before + after > _MANY:
        noises = tuple(1 / (count + 0.5) for count in (before, after, others_before, others_after))
        return _scaled(_normal(before, after, noises, level), 1 / control)
    own, others, late = before + after, others_before + others_after, after + others_after
    first, last = max(0, late - others), min(own, late)
    weights = [_log_choose(own, x) + _log_choose(others, late - x) for x in range(first, last + 1)]
    low, high = _limits(weights, after - first, level)
    return Ratio(after / before / control if before else None, low, high)


def swing(pairs: Sequence[tuple[int, int]]) -> float:
    """Standard deviation, on the log scale, by which topics' ratios (before, after) differ beyond chance.

    DerSimonian and Laird's moments; 0 when chance explains it all, or for fewer than two topics.
    """
    if len(pairs) < 2:
        return 0.0
    logs = [log((after + 0.5) / (before + 0.5)) for before, after in pairs]
    trust = [1 / (1 / (after + 0.5) + 1 / (before + 0.5)) for before, after in pairs]
    total = sum(trust)
    mean = sum(w * y for w, y in zip(trust, logs, strict=True)) / total
    beyond = sum(w * (y - mean) ** 2 for w, y in zip(trust, logs, strict=True)) - (len(pairs) - 1)
    return sqrt(max(0.0, beyond / (total - sum(w * w for w in trust) / total)))


def widened(ratio: Ratio, deviation: float, *, level: float = 0.95) -> Ratio:
    """The interval when the ratio itself swings by `deviation` (log scale) for no reason of its own."""
    if not deviation:
        return ratio
    extra = (_NORMAL[level] * deviation) ** 2
    # A ratio of 0, or one to nothing, has no logarithm: the limit there is is moved by the whole of it.
    middle = log(ratio.value) if ratio.value else None
    low, high = ratio.low, ratio.high
    if low > 0:
        low = (
            exp(middle - sqrt((middle - log(low)) ** 2 + extra))
            if middle is not None
            else low * exp(-sqrt(extra))
        )
    if high < inf:
        high = (
            exp(middle + sqrt((log(high) - middle) ** 2 + extra))
            if middle is not None
            else high * exp(sqrt(extra))
        )
    return Ratio(ratio.value, low, high)


def _check(*counts: int) -> None:
    if min(counts) < 0:
        raise ValueError("counts must be 0 or more")


def _scaled(ratio: Ratio, scale: float) -> Ratio:
    value = None if ratio.value is None else ratio.value * scale
    return Ratio(value, ratio.low * scale, ratio.high * scale)


def _normal(before: int, after: int, noises: Sequence[float], level: float) -> Ratio:
    half = _NORMAL[level] * sqrt(sum(noises))
    middle = (after + 0.5) / (before + 0.5)
    return Ratio(after / before if before else None, middle * exp(-half), middle * exp(half))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _limits(weights: Sequence[float], at: int, level: float) -> tuple[float, float]:
    """Both limits of the ratio that bends `weights` (logs, over all possible counts), `at` being seen."""
    wanted = (1 - level) / 2
    last = len(weights) - 1
    low = 0.0 if at == 0 else exp(_solve(weights, at, wanted))
    high = inf if at == last else exp(-_solve(weights[::-1], last - at, wanted))
    return low, high


def _solve(weights: Sequence[float], at: int, wanted: float) -> float:
    """The log ratio at which the chance of more than `at`, and half of `at`, is as wanted. It only grows."""
    least, most = -_WIDEST, _WIDEST
    for _ in range(_STEPS):
        middle = (least + most) / 2
        if _beyond(weights, at, middle) < wanted:
            least = middle
        else:
            most = middle
        if most - least < _TO_FIT:
            break
    return (least + most) / 2


def _beyond(weights: Sequence[float], at: int, log_ratio: float) -> float:
    bent = [weight + log_ratio * x for x, weight in enumerate(weights)]
    top = max(bent)
    chances = [exp(weight - top) for weight in bent]
    return (sum(chances[at + 1 :]) + chances[at] / 2) / sum(chances)
