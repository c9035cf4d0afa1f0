"""One self-contained page: its words, figures and drawings, and no script, font or picture from elsewhere."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml.classifier import TYPES
from feedback_ml.report import charts, confusion
from feedback_ml.report.findings import shown
from feedback_ml.report.outcomes import GIVEN, SHUFFLES, shares
from feedback_ml.report.wording import Words, percent, ratio, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from feedback_ml.report.confusion import Judged
    from feedback_ml.report.findings import Findings
    from feedback_ml.report.outcomes import Outcomes
    from feedback_ml.report.wording import Tongue

FOLDER = Path(__file__).parent
_SHADES = 6
_LANGUAGES = ("en", "ur", "ur-Latn", "mixed")


@dataclass(frozen=True, slots=True)
class Report:
    """All that a page shows. `files` are names alone: where they lie is nobody's business."""

    found: Findings
    outcomes: Outcomes
    judged: Judged | None
    files: tuple[str, ...] = ()
    refused: int = 0


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  only a page needs it

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(thousands=lambda number: f"{number:,}", ratio=ratio, percent=percent, tag=tag)
    environment.filters.update(shown=shown, shade=shade, day=lambda at: f"{at:%Y-%m-%d}")
    return environment


def shade(count: int, of: int) -> int:
    """How dark a cell is, 0 (nothing) to 5, by its share of the whole."""
    return min(_SHADES - 1, -(-count * (_SHADES - 1) // of)) if count and of else 0


def html(report: Report, *, tongue: Tongue = "en", title: str = "") -> str:
    """The page as a document in the language asked for; `title` instead of the usual heading."""
    words, found = Words(tongue), report.found
    kinds = found.counts(lambda text: text.labels.type)
    types = sorted(kinds, key=lambda kind: (-kinds[kind], TYPES.index(kind)))
    lines = charts.ranking(found, words)
    return _environment().get_template("page.html").render(
        t=words,
        lang=tongue,
        title=title or words("title"),
        report=report,
        found=found,
        outcomes=report.outcomes,
        judged=report.judged,
        lines=lines,
        topics=[(one, charts.of_topic(one.topic, found, report.outcomes, words)) for one in lines],
        types=charts.of_types(found, report.outcomes, words, types),
        releases=charts.releases(report.outcomes, words),
        plot=charts.calibration(report.judged, words) if report.judged else None,
        shuffled=_chance(report.outcomes),
        given=GIVEN,
        shuffles=SHUFFLES,
        table=_languages(found),
        names=TYPES,
        fewest=confusion.FEWEST,
        **_headlines(report),
    )  # fmt: skip


def _headlines(report: Report) -> dict[str, Any]:
    found = report.found
    first = min(found.texts, key=lambda text: text.feedback.written_at).feedback.written_at
    states = Counter(one.ranked.state for one in found.topics)
    weakest = min(report.judged.matrices, key=lambda one: one.macro_f1.value) if report.judged else None
    return {
        "first": first,
        "last": max(text.feedback.written_at for text in found.texts),
        "channels": sorted(found.counts(lambda text: text.feedback.source).items(), key=_most),
        "spoken": sorted(found.counts(lambda text: text.labels.language).items(), key=_most),
        "grouped": sum(len(one.texts) for one in found.topics),
        "unnamed": sum(not text.feedback.person for text in found.texts),
        "unsure": sum(text.labels.abstained for text in found.texts),
        "danger": sum(text.labels.danger for text in found.texts),
        "tied": sum(one.ranked.place == 1 for one in found.topics),
        "states": states,
        "weakest": weakest,
    }


def _most(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _chance(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Each verdict's number and share, as the changelog is and shuffled."""
    own, dealt = shares(outcomes.as_it_is), shares(outcomes.shuffled)
    return [
        {
            "verdict": name,
            "count": outcomes.as_it_is[name],
            "share": own.get(name),
            "dealt": dealt.get(name),
            "each_time": outcomes.shuffled[name] / SHUFFLES,
        }
        for name in GIVEN
    ]


def _languages(found: Findings) -> list[tuple[str, Sequence[int]]]:
    """Rows of counts by type, one a language; the last, without a name, is their sum."""
    counts = found.counts(lambda text: f"{text.labels.language} {text.labels.type}")
    rows = [(form, [counts[f"{form} {kind}"] for kind in TYPES]) for form in _LANGUAGES]
    rows = [(form, row) for form, row in rows if any(row)]
    return [*rows, ("", [sum(column) for column in zip(*(row for _, row in rows), strict=True)])]
