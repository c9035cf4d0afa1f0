"""What a release did to a topic, as it is kept and shown; worked out in feedback_ml/releases.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from feedback_ml import releases as before_and_after
from feedback_ml.releases import Measurement
from functions.storage.feedback import Labelled
from functions.storage.releases import Release
from schemas.topics import Measured


@dataclass(frozen=True, slots=True)
class Evening:
    """What a night's measurements look at: every text with its topic, every release, and up to when."""

    texts: Sequence[before_and_after.Text]
    releases: Sequence[before_and_after.Release]
    as_of: datetime


def evening(
    members: Mapping[str, Sequence[str]],
    rows: Mapping[str, Labelled],
    releases: Iterable[Release],
    as_of: datetime,
) -> Evening:
    topic_of = {feedback_id: topic_id for topic_id, ids in members.items() for feedback_id in ids}
    texts = [_text(row, topic_of.get(feedback_id, "")) for feedback_id, row in rows.items()]
    return Evening(texts, [release for each in releases if (release := _release(each))], as_of)


def measure(topic_id: str, release: Release, of: Evening) -> tuple[Measurement, bool] | None:
    """(What was found, whether a topic that was helped is back); None for a release without an instant."""
    given = _release(release)
    if given is None:
        return None
    found = before_and_after.measure(topic_id, given, of.texts, of.releases, as_of=of.as_of)
    is_back = (
        found.verdict == "helped"
        and before_and_after.regressed(found, given, of.texts, of.releases, as_of=of.as_of).is_back
    )
    return found, is_back


def kept(found: Measurement, release: Release) -> Measured:
    return Measured(
        release_id=release.release_id,
        verdict=found.verdict,
        rate_before=round(found.rate_before, 2),
        rate_after=round(found.rate_after, 2),
        ratio=_finite(found.ratio.value),
        low=_finite(found.ratio.low),
        high=_finite(found.ratio.high),
        control=_finite(found.control),
        texts_before=found.before.texts,
        texts_after=found.after.texts,
        reasons=tuple(reason.code for reason in found.reasons),
        as_of=found.until,
    )


def _text(row: Labelled, topic_id: str) -> before_and_after.Text:
    feedback = row.feedback
    person = feedback.person or feedback.feedback_id
    return before_and_after.Text(topic_id, feedback.version, feedback.written_at, person)


def _release(release: Release) -> before_and_after.Release | None:
    if release.shipped_at is None:
        return None
    return before_and_after.Release(release.version, release.shipped_at, frozenset(release.topic_ids))


def _finite(figure: float | None) -> float | None:
    """Infinity is no JSON: where nothing was there before, a ratio has no upper end."""
    return round(figure, 3) if figure is not None and isfinite(figure) else None
