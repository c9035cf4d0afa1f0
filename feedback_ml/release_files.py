"""The `releases` command: a changelog and files of reviews in; before/after verdicts by topic out.

Which topics a release was to help is read off its changelog: an item touches the topic whose telling words it
shares. That is a guess, so the same is done with the changelog's entries dealt to the releases at random:
where the true order tells no more than the shuffled one, the verdicts prove nothing about the releases.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from math import inf, log
from typing import TYPE_CHECKING, Any, get_args

from feedback_ml.importing import progress
from feedback_ml.releases import Measurement, Release, Text, measure
from feedback_ml.sources.rows import Refused, UnfitRowError, instant
from feedback_ml.topics import GroupItem, group
from feedback_ml.wording import clauses
from schemas.feedback import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from feedback_ml.classifier import Classifier
    from schemas.feedback import Feedback

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_ITEM = re.compile(r"\(\d+\)|\n|•")
_TELLING, _SHARED = 12, 2
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Entry:
    """One release of a changelog, with what it says was done, item by item."""

    version: str
    released_at: datetime
    items: tuple[str, ...]


@dataclass(slots=True)
class Changelog:
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the reviews: its name, and the words of each of its texts."""

    topic_id: str
    name: str
    words: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Reviews grouped: the topics, and every text with its topic (empty where it fits nowhere)."""

    topics: tuple[Topic, ...]
    texts: tuple[Text, ...]

    @property
    def names(self) -> dict[str, str]:
        return {topic.topic_id: topic.name for topic in self.topics}


def grouped(rows: Sequence[Feedback], classifier: Classifier) -> Reviews:
    """Label and group reviews as the product does; texts alone, stars without words are nobody's topic."""
    said = {row.feedback_id: f"{row.title} . {row.text}" if row.title else row.text for row in rows}
    labels = {
        row.feedback_id: classifier.label(row.text, title=row.title, rating=row.rating)
        for row in progress(rows, total=len(rows), unit=" texts")
    }
    groups = group(
        [
            GroupItem(name, text, labels[name].type, labels[name].language)
            for name, text in said.items()
            if text.strip()
        ]
    )
    topic_of = {name: str(at) for at, one in enumerate(groups) for name in one.members}
    return Reviews(
        tuple(
            Topic(str(at), one.name_en, tuple(words_of(said[i], labels[i].language) for i in one.members))
            for at, one in enumerate(groups)
        ),
        tuple(
            Text(topic_of.get(row.feedback_id, ""), row.version, row.written_at, row.person) for row in rows
        ),
    )


def read_changelog(path: Path) -> Changelog:
    """Read JSON lines of `version`, `date` and `changelog`. OSError when the file cannot be opened."""
    found = Changelog()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    found.entries.append(_entry(line))
                except UnfitRowError as error:
                    found.refused.append(Refused(path.name, number, str(error)))
    found.entries.sort(key=lambda entry: (entry.released_at, entry.version))
    return found


def _entry(line: bytes) -> Entry:
    try:
        told = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnfitRowError("not JSON in UTF-8; write one object on each line") from None
    if not isinstance(told, dict):
        raise UnfitRowError('not an object; write {"version": ..., "date": ..., "changelog": ...}')
    version, date, said = (told.get(name) for name in ("version", "date", "changelog"))
    for name, value in (("version", version), ("date", date)):
        if not isinstance(value, str) or not value.strip():
            raise UnfitRowError(f"field {name!r}: missing; write it as text")
    if said is not None and not isinstance(said, str):
        raise UnfitRowError("field 'changelog': not text; write what was done, or leave it out")
    items = tuple(item.strip() for item in _ITEM.split(said or "") if item.strip())
    return Entry(str(version).strip(), instant("date", str(date)), items)


def words_of(text: str, language: str = "en") -> frozenset[str]:
    """The concepts and telling words of a text, alike in three languages."""
    return frozenset(term for clause in clauses(text, language) for term in clause.terms)


def telling_words(topics: Sequence[Topic]) -> dict[str, frozenset[str]]:
    """For each topic the words that its texts hold oftener than those of all topics together."""
    every = [words for topic in topics for words in topic.words]
    usual = Counter(word for words in every for word in words)
    telling = {}
    for topic in topics:
        own = Counter(word for words in topic.words for word in words)
        weight = {
            word: count
            / len(topic.words)
            * log((count / len(topic.words)) / (usual[word] / len(every)) + 1e-9)
            for word, count in own.items()
        }
        best = sorted(weight, key=lambda word: (-weight[word], word))[:_TELLING]
        telling[topic.topic_id] = frozenset(word for word in best if weight[word] > 0)
    return telling


def touched(items: Iterable[str], telling: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The topics that a changelog's items are about: for each item the one it shares most words with."""
    found = set()
    for item in items:
        said = words_of(item)
        shared = {topic: len(said & words) for topic, words in telling.items()}
        best = max(sorted(shared), key=lambda topic: shared[topic], default="")
        if best and shared[best] >= _SHARED:
            found.add(best)
    return frozenset(found)


def measured(
    entries: Sequence[Entry], topics: Sequence[Topic], texts: Sequence[Text], *, as_of: datetime
) -> list[Measurement]:
    """Measure every topic that a release's changelog is about, release by release."""
    telling = telling_words(topics)
    releases = [Release(entry.version, entry.released_at, touched(entry.items, telling)) for entry in entries]
    return [
        measure(topic, release, texts, releases, as_of=as_of)
        for release in releases
        for topic in sorted(release.topics)
    ]


def shuffled(
    entries: Sequence[Entry], topics: Sequence[Topic], texts: Sequence[Text], *, as_of: datetime, times: int
) -> Counter[str]:
    """Verdicts when what the changelog says is dealt to its releases at random, `times` over."""
    chance = random.Random(_SEED)  # noqa: S311  # nosec B311  # a control for statistics guards nothing
    verdicts: Counter[str] = Counter()
    for _ in range(times):
        items = [entry.items for entry in entries]
        chance.shuffle(items)
        dealt = [
            Entry(entry.version, entry.released_at, said) for entry, said in zip(entries, items, strict=True)
        ]
        verdicts.update(one.verdict for one in measured(dealt, topics, texts, as_of=as_of))
    return verdicts


def report(
    entries: Sequence[Entry], reviews: Reviews, *, as_of: datetime, times: int, as_json: bool
) -> Iterator[str]:
    """Verdicts release by release, their sum, and the same of `times` shuffled changelogs."""
    found = measured(entries, reviews.topics, reviews.texts, as_of=as_of)
    sums = {"as it is": Counter[str](one.verdict for one in found)}
    if times:
        sums[f"shuffled {times} times"] = shuffled(
            entries, reviews.topics, reviews.texts, as_of=as_of, times=times
        )
    yield from json_lines(found, reviews.names) if as_json else table(found, reviews.names)
    for name, verdicts in sums.items():
        yield json.dumps({"changelog": name, **summary(verdicts)}) if as_json else told(name, verdicts)


def summary(verdicts: Counter[str]) -> dict[str, float]:
    """Share of each verdict among those that were given; `measured` and `too_early` are numbers."""
    given = verdicts.total() - verdicts["too_early"]
    shares: dict[str, float] = {
        name: round(verdicts[name] / given, 3) if given else 0.0 for name in VERDICTS[:3]
    }
    return {"measured": verdicts.total(), "too_early": verdicts["too_early"], **shares}


def json_lines(found: Sequence[Measurement], names: Mapping[str, str]) -> Iterator[str]:
    """One JSON object for each release and topic."""
    for one in found:
        line = {
            "version": one.version,
            "topic": one.topic,
            "topic_name": names.get(one.topic, ""),
            "verdict": one.verdict,
            "rate_before": round(one.rate_before, 2),
            "rate_after": round(one.rate_after, 2),
            "texts_before": one.before.texts,
            "texts_after": one.after.texts,
            "control": _finite(one.control),
            "ratio": _finite(one.ratio.value),
            "low": _finite(one.ratio.low),
            "high": _finite(one.ratio.high),
            "reasons": [
                {"code": reason.code, **{name: _finite(value) for name, value in reason.figures.items()}}
                for reason in one.reasons
            ],
        }
        yield json.dumps(line, ensure_ascii=False)


def table(found: Sequence[Measurement], names: Mapping[str, str]) -> Iterator[str]:
    """The same for people."""
    head = f"{'version':<10}{'verdict':<11}{'before':>8}{'after':>8}"
    yield f"{head}  {'ratio to control':<24}topic (texts per 1,000)"
    for one in found:
        ratio = "-" if one.ratio.value is None else f"{one.ratio.value:.2f}"
        between = f"{ratio} [{one.ratio.low:.2f}, {one.ratio.high:.2f}]"
        yield (
            f"{one.version:<10}{one.verdict:<11}{one.rate_before:>8.1f}{one.rate_after:>8.1f}  {between:<24}"
            f"{names.get(one.topic, one.topic)}"
        )


def told(title: str, verdicts: Counter[str]) -> str:
    """One line that sums verdicts up."""
    figures = summary(verdicts)
    shares = ", ".join(f"{name.replace('_', ' ')} {figures[name]:.0%}" for name in VERDICTS[:3])
    return (
        f"{title}: {figures['measured']:,} measured, {figures['too_early']:,} too early; of the rest {shares}"
    )


def _finite(value: float | None) -> Any:
    if value is None or value in (inf, -inf):
        return None
    return round(value, 3)
