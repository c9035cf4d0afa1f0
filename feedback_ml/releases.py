"""Before and after a release: whether a topic is written about less since, and less than topics not touched.

A text belongs to the version it was written on, whenever it was written: somebody on the old version after
the release has not seen what it mends. Versions are ordered by the instants they came out, never by their
names ("12.1" may come after "12.05" and after "12.09"). Texts without a known version go by their date.

Between two releases that touch the same topic the earlier one's `after` ends and the later one's `before`
begins. Control are the topics that no release within the window touches: what moves them, a campaign or a
slow month, moves the topic too. They also tell how far topics swing for no reason; the interval is widened by
it. What no control can tell: a topic chosen because it had just burst falls again by itself, so the window
before is long.

Pure functions: counts and instants in, verdicts with their reasons as data out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf, log, sqrt
from typing import TYPE_CHECKING

from feedback_ml import windows
from feedback_ml.ratios import Ratio, rate_ratio, ratio_against, swing, widened
from feedback_ml.windows import Release, Side, Text
from schemas.feedback import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Measurement",
    "Reason",
    "Regression",
    "Release",
    "Side",
    "Text",
    "came_back",
    "judge",
    "measure",
    "regressed",
]

HORIZON = timedelta(days=56)
LEAST_DAYS = 7
LEAST_EXPOSURE = 100
"""Texts on either side, whatever they are about."""
LEAST_EXPECTED = 10
"""Texts about the topic to be expected after if nothing changed; with fewer a halving hides in chance."""
LEAST_CONTROLS = 5
_SPARSE = 5
"""Control topics of fewer texts in both windows tell nothing of how topics swing."""
_USUAL_SWING, _CALM = 0.25, 2
_CORNISH_FISHER = 1.21
"""(z^2 + 1) / 4 at 95 %."""
_HALF_WAY = 0.5
_ALARM = 0.99
"""Level of the interval for an alarm that is asked for every night."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is: a code, and the figures it rests on."""

    code: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A topic before and after a release.

    Rates are per 1,000 texts, or per 1,000 active users. `plain` is rate after to rate before; `control` the
    same of the untouched topics together (None without any); `ratio` is `plain` set against it (or `plain`,
    where there is no control), with its 95 % interval, and decides the verdict. `until` is the last instant
    that counted.
    """

    topic: str
    version: str
    until: datetime
    before: Side
    after: Side
    rate_before: float
    rate_after: float
    plain: Ratio
    control: float | None
    ratio: Ratio
    verdict: Verdict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Regression:
    """Whether a topic that was helped is back. `ratio` is its rate of late to the rate right after."""

    is_back: bool
    ratio: Ratio
    later: Side
    reasons: tuple[Reason, ...]


def measure(
    topic: str,
    release: Release,
    texts: Iterable[Text],
    releases: Sequence[Release],
    *,
    as_of: datetime,
    active: Mapping[str, float] | None = None,
) -> Measurement:
    """Measure one topic round one release, on texts written within eight weeks of it and up to `as_of`.

    `releases` are all releases of the app, this one among them or not. `active` gives active users by
    version: rates are then per user, and texts of versions it does not name are left out.
    """
    begin, end = release.released_at - HORIZON, min(as_of, release.released_at + HORIZON)
    versions = windows.came_out(release, releases)
    within = windows.span(topic, release, releases)
    near = [text for text in texts if begin <= text.written_at <= end]
    if active is not None:
        active = {version: count for version, count in active.items() if version in versions}
        near = [text for text in near if text.version in active]
    before, after = windows.sides(topic, near, versions, within)
    if active is not None:
        before = replace(before, exposure=windows.users(active, versions, within.since, within.release))
        after = replace(after, exposure=windows.users(active, versions, within.release, within.until))
    exclude = windows.touched(releases, begin, end) | release.topics
    controls = windows.untouched(topic, (before, after), exclude)
    return judge(topic, release, before, after, until=end, controls=controls)


def judge(
    topic: str, release: Release, before: Side, after: Side, *, until: datetime, controls: Sequence[str]
) -> Measurement:
    """Give the verdict on counts; `controls` are those of `others` that no release touched."""
    pairs = [(before.others.get(name, 0), after.others.get(name, 0)) for name in controls]
    others = (sum(old for old, _ in pairs), sum(new for _, new in pairs))
    plain = _plain(before, after)
    ratio, reasons = _against(plain, before, after, pairs)
    exposed = before.exposure > 0 and after.exposure > 0
    control = others[1] / others[0] * before.exposure / after.exposure if all(others) and exposed else None
    too_early = _too_early(release, before, after, others, until)
    verdict, why = _verdict(plain, ratio)
    if too_early:
        verdict, why = "too_early", too_early
    return Measurement(
        topic=topic,
        version=release.version,
        until=until,
        before=before,
        after=after,
        rate_before=_per_thousand(before),
        rate_after=_per_thousand(after),
        plain=plain,
        control=control,
        ratio=ratio,
        verdict=verdict,
        reasons=(*why, *reasons),
    )


def regressed(
    measured: Measurement,
    release: Release,
    texts: Iterable[Text],
    releases: Sequence[Release],
    *,
    as_of: datetime,
    days: int = 28,
) -> Regression:
    """Whether a topic measured as helped came back: in the last `days`, and only after it was measured.

    It is back when the rate of late is surely (99 %) above the rate right after the release, against the
    topics that nothing touched since, and has made good more than half of the fall (on the log scale).
    """
    begin = max(measured.until, as_of - timedelta(days=days))
    late = [text for text in texts if begin < text.written_at <= as_of]
    within = windows.Span(windows.EVER, release.released_at, windows.NEVER)
    _, later = windows.sides(measured.topic, late, windows.came_out(release, releases), within)
    exclude = windows.touched(releases, release.released_at - HORIZON, as_of) | release.topics
    names = windows.untouched(measured.topic, (measured.after, later), exclude)
    pairs = [(measured.after.others.get(name, 0), later.others.get(name, 0)) for name in names]
    ratio, reasons = _against(_plain(measured.after, later, _ALARM), measured.after, later, pairs, _ALARM)
    back = _way_back(measured, later)
    is_back = measured.verdict == "helped" and later.texts >= _SPARSE and ratio.low > 1 and back > _HALF_WAY
    figures = {"low": ratio.low, "way_back": round(back, 3), "texts": later.texts}
    why = Reason("came_back" if is_back else "still_down", figures)
    return Regression(is_back, ratio, later, (why, *reasons))


def came_back(
    topic: str,
    release: Release,
    texts: Sequence[Text],
    releases: Sequence[Release],
    *,
    as_of: datetime,
    days: int = 28,
) -> Regression:
    """Whether a topic that was helped, as it stood `days` before `as_of`, came back since.

    For every night's asking: once the flood is among the texts of `after`, the verdict itself is lost in it.
    """
    then = measure(topic, release, texts, releases, as_of=as_of - timedelta(days=days))
    return regressed(then, release, texts, releases, as_of=as_of, days=days)


def _plain(before: Side, after: Side, level: float = 0.95) -> Ratio:
    if min(before.exposure, after.exposure) <= 0:
        return Ratio(None, 0.0, inf)
    return rate_ratio(before.texts, after.texts, (before.exposure, after.exposure), level=level)


def _against(
    plain: Ratio, before: Side, after: Side, pairs: Sequence[tuple[int, int]], level: float = 0.95
) -> tuple[Ratio, tuple[Reason, ...]]:
    """The ratio against the control, as unsure as topics swing by themselves; and what control there was."""
    others = (sum(old for old, _ in pairs), sum(new for _, new in pairs))
    if not all(others):
        figures = {"topics": len(pairs), "swing": _USUAL_SWING}
        return widened(plain, _USUAL_SWING, level=level), (Reason("no_control", figures),)
    ratio = ratio_against(before.texts, after.texts, *others, level=level)
    telling = [pair for pair in pairs if sum(pair) >= _SPARSE]
    deviation = _deviation(telling)
    figures = {"topics": len(pairs), "texts": sum(others), "swing": round(deviation, 3)}
    code = "control" if len(telling) >= LEAST_CONTROLS else "few_controls"
    ratio = ratio_against(before.texts, after.texts, *others, level=level)
    return widened(ratio, deviation, level=level), (Reason(code, figures),)


def _deviation(pairs: Sequence[tuple[int, int]]) -> float:
    """By how much (log scale) a topic's ratio may differ from the control's for no reason of its own.

    What the control topics do, drawn to what is usual as by two more of them; a little more for their being
    few (Student's t by Cornish and Fisher's first term), and for the control's own mean.
    """
    many = len(pairs)
    variance = (many * swing(pairs) ** 2 + _CALM * _USUAL_SWING**2) / (many + _CALM)
    return sqrt(variance * (1 + 1 / (many + _CALM))) * (1 + _CORNISH_FISHER / (many + 1))


def _too_early(
    release: Release, before: Side, after: Side, others: tuple[int, int], until: datetime
) -> tuple[Reason, ...]:
    """What is still missing for a verdict; nothing when it can be given."""
    days = (until - release.released_at) / timedelta(days=1)
    found = []
    if days < LEAST_DAYS:
        found.append(Reason("few_days", {"days": round(days, 1), "least": LEAST_DAYS}))
    if min(before.exposure, after.exposure) < LEAST_EXPOSURE:
        least = {"before": before.exposure, "after": after.exposure, "least": LEAST_EXPOSURE}
        found.append(Reason("few_texts", least))
    growth = (
        others[1] / others[0] if all(others) else after.exposure / before.exposure if before.exposure else 0.0
    )
    expected = before.texts * growth
    # More than were expected can be told too: a topic that was not there before may have been made.
    if max(expected, after.texts) < LEAST_EXPECTED:
        found.append(Reason("few_expected", {"expected": round(expected, 1), "least": LEAST_EXPECTED}))
    return tuple(found)


def _verdict(plain: Ratio, ratio: Ratio) -> tuple[Verdict, tuple[Reason, ...]]:
    """By the interval against the control; and the plain rate must have gone the same way."""
    figures = {"low": ratio.low, "high": ratio.high}
    if ratio.high < 1 and (plain.value or 0.0) < 1:
        return "helped", (Reason("fell", figures),)
    if ratio.low > 1 and (plain.value is None or plain.value > 1):
        return "worse", (Reason("rose", figures),)
    if ratio.high < 1 or ratio.low > 1:
        return "no_change", (Reason("only_against_control", figures),)
    return "no_change", (Reason("halving_ruled_out" if ratio.low > 0.5 else "halving_possible", figures),)


def _per_thousand(side: Side) -> float:
    return 1_000 * side.texts / side.exposure if side.exposure else 0.0


def _way_back(measured: Measurement, later: Side) -> float:
    """The share of the fall that has been made good: 0 as right after the release, 1 as before it."""
    before, after, late = (
        log((side.texts + 0.5) / max(1.0, side.exposure)) for side in (measured.before, measured.after, later)
    )
    return (late - after) / (before - after) if before > after else 0.0
