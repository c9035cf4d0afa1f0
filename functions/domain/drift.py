"""Whether what comes in is still what the model learnt from: words it never saw, and shares of its labels.

The last AFTER_DAYS of an app against the BEFORE_DAYS before. What is called a shift is data below; too few
texts say nothing.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from feedback_ml.classifier import Classifier
from functions.storage import feedback as store
from functions.storage import models
from functions.storage.feedback import Labelled
from schemas.models import Drift, Shifted

AFTER_DAYS, BEFORE_DAYS = 14, 90
FEWEST_AFTER, FEWEST_BEFORE = 50, 200
PSI_ALARM = 0.2
"""The usual rule: below 0.1 no change, above 0.2 one to act on (Siddiqi 2006, Credit Risk Scorecards)."""
MISSED_ALARM = 0.05
"""Points by which the share of words never seen may rise; assumed."""
READ_AT_MOST = 5_000
"""Texts of a window whose words are looked up; of more every n-th is, so that a night costs what it costs."""
SMALLEST_SHARE = 0.001
"""Stands for a share of nothing, whose logarithm there is none of."""
Alarm = Literal["missed_words", "types", "languages"]
log = logging.getLogger("khidmat")


@dataclass(slots=True)
class Window:
    """What is counted of the texts of some days."""

    texts: int = 0
    types: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    said: list[tuple[str, str]] = field(default_factory=list)
    """Text and title of those whose words are looked up."""
    every: int = 1

    def add(self, row: Labelled) -> None:
        self.texts += 1
        self.types[row.labels.type] += 1
        self.languages[row.labels.language] += 1
        if self.texts % self.every == 0 and (row.feedback.text or row.feedback.title):
            self.said.append((row.feedback.text, row.feedback.title))
        if len(self.said) > READ_AT_MOST:
            self.said, self.every = self.said[::2], self.every * 2


@dataclass(frozen=True, slots=True)
class Watched:
    """Apps looked at, and those with an alarm; whether the run got to the end."""

    apps: int
    alarmed: int
    finished: bool


def watch(now: datetime, model: Classifier, has_time: Callable[[], bool] = lambda: True) -> Watched:
    """Measures the drift of every app and keeps it, each by itself."""
    apps = alarmed = 0
    for app, _ in store.apps():
        if not has_time():
            return Watched(apps, alarmed, finished=False)
        found = measure(app, now, model)
        models.save_drift(found)
        apps += 1
        if found.alarms:
            alarmed += 1
            # The app's name is anybody's who imports; the row says which it is.
            log.warning("drift", extra={"found": len(found.alarms)})
    return Watched(apps, alarmed, finished=True)


def of_apps(app: str | None) -> list[Drift]:
    """What was measured last, of one app or of all."""
    return [each for each in models.drifts() if app is None or each.app == app]


def measure(app: str, now: datetime, model: Classifier) -> Drift:
    """One app's drift as of an instant."""
    parted, first = now - timedelta(days=AFTER_DAYS), now - timedelta(days=AFTER_DAYS + BEFORE_DAYS)
    before, after = Window(), Window()
    for row in store.written_between(app, first, now):
        (before if row.feedback.written_at < parted else after).add(row)
    missed = {"before": missed_share(before.said, model), "after": missed_share(after.said, model)}
    types, languages = shifted(before.types, after.types), shifted(before.languages, after.languages)
    is_measured = before.texts >= FEWEST_BEFORE and after.texts >= FEWEST_AFTER
    return Drift(
        app=app,
        as_of=now,
        texts_before=before.texts,
        texts_after=after.texts,
        measured=is_measured,
        missed_before=missed["before"],
        missed_after=missed["after"],
        types=types,
        languages=languages,
        alarms=_alarms(missed["after"] - missed["before"], types, languages) if is_measured else (),
    )


def _alarms(more_missed: float, types: Shifted, languages: Shifted) -> tuple[Alarm, ...]:
    found: list[Alarm] = []
    if more_missed > MISSED_ALARM:
        found.append("missed_words")
    if types.psi > PSI_ALARM:
        found.append("types")
    if languages.psi > PSI_ALARM:
        found.append("languages")
    return tuple(found)


def missed_share(said: Iterable[tuple[str, str]], model: Classifier) -> float:
    """Mean over texts of the share of words that the model never saw, 0..1; 0 for no texts."""
    shares = [model.missed(text, title) for text, title in said]
    return round(math.fsum(shares) / len(shares), 4) if shares else 0.0


def shifted(before: Counter[str], after: Counter[str]) -> Shifted:
    """How far the shares of labels moved; 0 where a window has none."""
    names = sorted({*before, *after})
    was, now_is = _shares(before, names), _shares(after, names)
    both = bool(before and after)
    return Shifted(
        psi=round(_psi(was, now_is), 4) if both else 0.0,
        js=round(_divergence(was, now_is), 4) if both else 0.0,
        before={name: round(share, 4) for name, share in zip(names, was, strict=True) if share},
        after={name: round(share, 4) for name, share in zip(names, now_is, strict=True) if share},
    )


def _shares(counts: Counter[str], names: Iterable[str]) -> list[float]:
    total = counts.total() or 1
    return [counts[name] / total for name in names]


def _psi(before: list[float], after: list[float]) -> float:
    pairs = [
        (max(was, SMALLEST_SHARE), max(now_is, SMALLEST_SHARE))
        for was, now_is in zip(before, after, strict=True)
    ]
    return math.fsum((now_is - was) * math.log(now_is / was) for was, now_is in pairs)


def _divergence(before: list[float], after: list[float]) -> float:
    """Jensen-Shannon, in bits."""
    middle = [(was + now_is) / 2 for was, now_is in zip(before, after, strict=True)]

    def against(shares: list[float]) -> float:
        return math.fsum(
            share * math.log2(share / mean) for share, mean in zip(shares, middle, strict=True) if share
        )

    return (against(before) + against(after)) / 2
