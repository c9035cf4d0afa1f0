"""Strings that stand for people's data: each in one field alone, and looked for wherever something is kept."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from tests import stored

Place = tuple[str, str]
"""Where something lies, and what lies there as text."""


@dataclass
class Canaries:
    """Hands out a new string for a field, plainly invented and found nowhere else."""

    sent: dict[str, str] = field(default_factory=dict)

    def _new(self, name: str, pattern: str) -> str:
        assert name not in self.sent, f"{name} has its canary already"
        self.sent[name] = pattern.format(n=len(self.sent) + 1)
        return self.sent[name]

    def word(self, name: str) -> str:
        return self._new(name, "Zxqcanary{n:03}w")

    def phone(self, name: str) -> str:
        return self._new(name, "0300 55{n:05}")

    def card(self, name: str) -> str:
        return self._new(name, "00000-77{n:05}-1")

    def passport(self, name: str) -> str:
        return self._new(name, "ZX77{n:05}")

    def plate(self, name: str) -> str:
        return self._new(name, "LEZ-{n:04}")

    def mail(self, name: str) -> str:
        return self._new(name, "zxqcanary{n:03}w@example.org")

    def address(self, name: str) -> str:
        return self._new(name, "203.0.113.{n}")

    def in_feedback(self, name: str) -> str:
        """A text with one of each that is masked before feedback is kept."""
        return (
            f"App is slow. Call {self.phone(f'{name}: phone')} or {self.mail(f'{name}: mail')}, card "
            f"{self.card(f'{name}: card')}, passport {self.passport(f'{name}: passport')}, car "
            f"{self.plate(f'{name}: plate')}, ask Mr {self.word(f'{name}: name')} please"
        )


def forms(text: str) -> tuple[set[str], set[str]]:
    """(Forms to be found in letters of either size, forms to be found as they are)."""
    digits = "".join(re.findall(r"\d", text))
    plain = [text]
    if len(digits) >= 9:
        # A telephone is kept without its first nought.
        plain += [digits, digits.removeprefix("0")] if digits.startswith("0300") else [digits]
    alike = {quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1]}
    for each in plain:
        alike |= {each, each.encode().hex()}
    written = {each for one in plain for each in (one, one.lower(), one.upper())}
    return {each.lower() for each in alike}, {form for each in written for form in _base64_of(each)}


def _base64_of(text: str) -> Iterator[str]:
    """What every base64 of something that holds the text holds, wherever in it the text begins."""
    for before in range(3):
        whole = base64.b64encode(b"\x00" * before + text.encode()).decode().rstrip("=")
        # The first and last signs hang together with the neighbours.
        inner = whole[4 if before else 0 : len(whole) - len(whole) % 4] if before else whole[:-2]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))


def found(sent: dict[str, str], places: Iterable[Place]) -> set[tuple[str, str]]:
    """(Field, place) of every canary that lies somewhere in one of its forms."""
    looked_for = {name: forms(text) for name, text in sent.items()}
    hits = set()
    for where, text in places:
        lowered = text.lower()
        for name, (alike, exact) in looked_for.items():
            if any(form in lowered for form in alike) or any(form in text for form in exact):
                hits.add((name, where))
    return hits


def kept() -> Iterator[Place]:
    """Everything in the tables (attribute by attribute, keys among them), the queues and the buckets.

    Of evidence the name and what lies with it; the file itself is the citizen's own.
    """
    for name, table in stored.tables().items():
        for item in stored.items(table):
            for attribute, value in item.attrs.items():
                yield f"{name.removeprefix('khidmat-test-')}.{attribute}", _text(stored.plain(value))
    for name, queue in stored.queues().items():
        for message in queue._messages:
            yield f"queue {name}", str(message.body)
    for name, bucket in stored.buckets().items():
        kind = name.removeprefix("khidmat-test-").partition("-")[0]
        for key in list(bucket.keys):
            held = bucket.keys[key]
            yield f"bucket {kind} key", key
            yield f"bucket {kind} metadata", json.dumps(dict(held.metadata), default=str)
            if kind != "evidence":
                yield f"bucket {kind} object", held.value.decode()


def _text(value: Any) -> str:
    """Text as it is; of bytes each as one letter, and once more as text where it decodes to some."""
    if isinstance(value, str):
        return f"{value} {_decoded(value)}"
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return json.dumps(value, default=lambda each: _text(each) if isinstance(each, bytes) else str(each))


def _decoded(text: str) -> str:
    """moto keeps binary attributes as base64: what they say is looked through besides."""
    try:
        return base64.b64decode(text, validate=True).decode("latin-1")
    except ValueError:
        return ""
