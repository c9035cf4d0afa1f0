"""The weekly letter in words: a subject, plain text for any reader, and the same in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from functions.domain import digests
from functions.domain.dispatch import Letter
from functions.messages import catalogue
from schemas.common import Tongue
from schemas.digests import Digest, DigestApp, DigestTopic

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "pages" / "templates"
ISOLATE = "\u2066{}\u2069"
"""Left to right inside a line of Urdu: a week or an app's name would be read from its end."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines; without any, what is said instead."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One app's week: a heading, sections of topics, and notes below them."""

    heading: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]


def written(letter: Letter) -> tuple[str, str, str]:
    """(Subject, text, HTML) of a letter of the week."""
    digest, tongue = digests.read(letter.words), letter.tongue
    parts = [_part(app, digest, tongue) for app in digest.apps]
    subject = _say("subject", tongue, week=_left_to_right(digest.week, tongue))
    alert = _calls(digest, tongue)
    text = "\n".join([*_lines(digest, parts, alert, tongue), "", _say("leave", tongue), ""])
    html = _template().render(
        lang=tongue,
        dir="rtl" if tongue == "ur" else "ltr",
        subject=subject,
        intro=_say("intro", tongue),
        alert=alert,
        parts=parts,
        nothing=_say("nothing", tongue),
        none=_say("none", tongue),
        board=digest.board,
        open_board=_say("open_board", tongue),
        leave=_say("leave", tongue),
    )
    return subject, text, html


def _lines(digest: Digest, parts: list[Part], alert: str, tongue: Tongue) -> Iterator[str]:
    yield _say("intro", tongue)
    if alert:
        yield f"! {alert}"
    if not parts:
        yield _say("nothing", tongue)
    for part in parts:
        yield from ("", part.heading)
        for section in part.sections:
            yield from ("", section.heading)
            yield from (f"  {line}" for line in section.lines or (_say("none", tongue),))
        if part.notes:
            yield from ("", *part.notes)
    yield from ("", f"{_say('open_board', tongue)}: {digest.board}")


def _part(app: DigestApp, digest: Digest, tongue: Tongue) -> Part:
    sections = [
        ("top", [_told(each, tongue, place=_moved(each, digest, tongue)) for each in app.top]),
        ("moving", [_told(each, tongue) for each in app.moving]),
        ("done", [_told(each, tongue) for each in app.done]),
    ]
    notes = []
    if app.waiting:
        key = "waiting_more" if app.more_waiting else "waiting"
        notes.append(_say(key, tongue, count=f"{app.waiting:,}"))
    if app.drift:
        alarms = _say("comma", tongue).join(_say(f"alarm_{each}", tongue) for each in app.drift)
        notes.append(_say("drift", tongue, alarms=alarms))
    return Part(
        _say("app", tongue, app=_left_to_right(app.app, tongue), count=f"{app.topics:,}"),
        tuple(Section(_say(key, tongue), tuple(lines)) for key, lines in sections),
        tuple(notes),
    )


def _told(topic: DigestTopic, tongue: Tongue, *, place: str = "") -> str:
    """A topic as one line: rank, name, how many wrote, and what there is to say of it."""
    few = topic.people is None
    said = [_say("few", tongue) if few else _say("people", tongue, count=f"{topic.people:,}")]
    said += [place] if place else []
    said += [_say(f"trend_{topic.trend}", tongue)] if topic.trend in digests.MOVING else []
    said += [_say(f"status_{topic.status}", tongue)] if topic.status in digests.DONE else []
    said += [_say(f"verdict_{topic.verdict}", tongue)] if topic.verdict else []
    return f"{topic.rank}. {topic.name[tongue]} ({_say('comma', tongue).join(said)})"


def _moved(topic: DigestTopic, digest: Digest, tongue: Tongue) -> str:
    """Against the letter before; "" in a first letter."""
    if digest.before is None:
        return ""
    former = digest.before.get(topic.topic_id)
    if former is None:
        return _say("entered", tongue)
    if former == topic.rank:
        return _say("same", tongue)
    return _say("up" if former > topic.rank else "down", tongue, count=str(abs(former - topic.rank)))


def _calls(digest: Digest, tongue: Tongue) -> str:
    if not digest.calls_wait:
        return ""
    if digest.calls is None:
        return _say("calls_some", tongue)
    return _say("calls", tongue, count=str(digest.calls))


def _say(key: str, tongue: Tongue, **fill: str) -> str:
    return str(catalogue()["digest"][key][tongue].format(**fill))


def _left_to_right(text: str, tongue: Tongue) -> str:
    return ISOLATE.format(text) if tongue == "ur" else text


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - other letters need none

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("digest.html")
