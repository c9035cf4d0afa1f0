"""The word lists behind language, severity and reasons. They are data (`words.json`): amend them there."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

WORDS = Path(__file__).parent / "words.json"


@dataclass(frozen=True, slots=True)
class Words:
    """`english` and `roman_urdu` carry grammar and belong to one language only; `stop` words name nothing.

    `vague` words (concepts with their `=`) never begin a topic.
    `danger`, `money` and `locked_out` raise severity; they may be pairs of words.
    """

    english: frozenset[str]
    roman_urdu: frozenset[str]
    stop: frozenset[str]
    danger: frozenset[str]
    money: frozenset[str]
    locked_out: frozenset[str]
    vague: frozenset[str]


@functools.cache
def words() -> Words:
    """Read the lists, once."""
    return Words(**{name: frozenset(listed) for name, listed in json.loads(WORDS.read_bytes()).items()})
