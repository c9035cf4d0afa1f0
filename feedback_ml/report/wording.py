"""The words of a report in English and Urdu, which are data; and numbers and days as they are written."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Tongue = Literal["en", "ur"]
WORDS = Path(__file__).parent / "words.json"
# What software is to read a text as: "mixed" is no tag, and several languages have one of their own.
_TAGS = {"mixed": "mul"}


@functools.cache
def _sentences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(WORDS.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    tongue: Tongue

    def __call__(self, key: str, **fill: object) -> str:
        """A sentence with its gaps filled; KeyError for one there is none of."""
        return _sentences()[key][self.tongue].format(**fill)

    def named(self, kind: str, name: str) -> str:
        """The word for a type, a language, a source ...; the name itself where there is none."""
        found = _sentences().get(f"{kind}_{name}")
        return found[self.tongue] if found else name.replace("_", " ")

    def group(self, harder: str) -> str:
        """A group that `Ranked.hit_harder` names: a language, those overseas, or a district by its code."""
        kind, _, name = harder.partition(":")
        if kind == "language":
            return self.named("language", name)
        said = self.named("group", kind)
        return said if kind == "overseas" else f"{said} {name}"

    def month(self, at: datetime) -> str:
        return f"{self('months').split()[at.month - 1]} {at.year}"

    @property
    def direction(self) -> str:
        return "rtl" if self.tongue == "ur" else "ltr"


def tag(language: str) -> str:
    """The `lang` attribute for a text of one of our languages."""
    return _TAGS.get(language, language)


def ratio(value: float | None) -> str:
    """A ratio as it is read; ∞ where nothing bounds it, – where there is none."""
    if value is None:
        return "–"
    return "∞" if value == inf else f"{value:.2f}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
