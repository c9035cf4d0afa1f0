"""Before and after each release of a changelog, and the same with the changelog dealt at random."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback_ml import release_files
from feedback_ml.release_files import VERDICTS, Entry
from feedback_ml.windows import Text as Counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback_ml.releases import Measurement
    from feedback_ml.report.findings import Findings, Topic

SHUFFLES = 20
GIVEN = VERDICTS[:3]
"""Verdicts; `too_early` is none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One topic round one release that was to help it."""

    entry: Entry
    topic: Topic
    measured: Measurement


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`as_it_is` and `shuffled` count verdicts; the latter are the sum of SHUFFLES changelogs."""

    entries: tuple[Entry, ...]
    found: tuple[Outcome, ...]
    as_it_is: Counter[str]
    shuffled: Counter[str]

    def versions_about(self, topic: Topic) -> frozenset[str]:
        return frozenset(one.entry.version for one in self.of(topic))

    def of(self, topic: Topic) -> tuple[Outcome, ...]:
        return tuple(one for one in self.found if one.topic is topic)


def shares(verdicts: Counter[str]) -> dict[str, float]:
    """Share (0..1) of each verdict among those that were given; empty where none was."""
    given = sum(verdicts[name] for name in GIVEN)
    return {name: verdicts[name] / given for name in GIVEN} if given else {}


def weigh(entries: Sequence[Entry], found: Findings) -> Outcomes:
    """Measure every topic that a release says it is about. Nothing to measure gives nothing."""
    entries = tuple(entry for entry in entries if entry.released_at <= found.as_of)
    topics = {one.ranked.topic_id: one for one in found.topics}
    if not entries or not topics:
        return Outcomes(entries, (), Counter(), Counter())
    told = [_words(one) for one in found.topics]
    texts = _texts(found)
    measured = release_files.measured(entries, told, texts, as_of=found.as_of)
    dealt = release_files.shuffled(entries, told, texts, as_of=found.as_of, times=SHUFFLES)
    by_version = {entry.version: entry for entry in entries}
    outcomes = tuple(Outcome(by_version[one.version], topics[one.topic], one) for one in measured)
    return Outcomes(entries, outcomes, Counter(one.verdict for one in measured), dealt)


def _words(topic: Topic) -> release_files.Topic:
    words = tuple(release_files.words_of(text.said, text.labels.language) for text in topic.texts)
    return release_files.Topic(topic.ranked.topic_id, topic.group.name_en, words)


def _texts(found: Findings) -> list[Counted]:
    home = {text.feedback.feedback_id: one.ranked.topic_id for one in found.topics for text in one.texts}
    return [
        Counted(
            home.get(text.feedback.feedback_id, ""),
            text.feedback.version,
            text.feedback.written_at,
            text.feedback.person,
        )
        for text in found.texts
    ]
