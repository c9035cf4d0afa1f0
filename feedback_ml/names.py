"""Finds the names of people in a text by the words beside them: titles, `son of`, `my name is`, `sahib`.

A name is only looked for there. What stands beside a title is a name when it is a known given name, or when
it is no ordinary word and looks like a name besides: after `Mr` anything does, after a rank a capital letter
does, or a word that follows names (`Inspector zubair ne ...`). The lists are data (`names.json`).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from feedback_ml.words import words as word_lists

NAMES = Path(__file__).parent / "names.json"
_MARKS = r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
_WORD = re.compile(rf"\[[a-z]+\]|[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
_INSIDE_TITLE = re.compile(r"[ \t\u06d4.\-/]{1,3}")
_AFTER_TITLE = re.compile(r"[ \t\u06d4.\-:(]{1,4}")
_BETWEEN = re.compile(r"[ \t\-]{1,3}")
_SENTENCE_END = re.compile(r"[.\u06d4]\s")
_SLASHED = frozenset({("s", "o"), ("d", "o"), ("w", "o")})
_LONGEST, _LONGEST_BEFORE, _LONGEST_TITLE = 5, 4, 4
# What no rank, place or thing is called by.
_NOT_NAMES = re.compile(r".+(?:ing|ly|tion|tions|ment|ness|ful|less|able|ible|ity|ance|ence|ed)")
_VOWELS = frozenset("aeiou")

Title = tuple[str, ...]
Trust = Literal["sure", "office", "weak"]
Spelling = Callable[[str], str]
_TRUSTS: dict[str, Trust] = {
    "sure": "sure", "office": "office", "upper": "office", "capital": "office", "weak": "weak",
}  # fmt: skip


class Word(NamedTuple):
    """A word and its place: `key` in one spelling, `shape` how it is capitalised."""

    start: int
    end: int
    key: str
    shape: Literal["cap", "upper", "lower"]


@dataclass(frozen=True, slots=True)
class Lists:
    """`sure` titles go before names, `office` before names or any word, `weak` ones before known names.

    `upper` and `capital` are titles only when written so. `after` follows a name; `kin` stands between two.
    `no_plates` are letters that stand before numbers of other things.
    """

    titles: dict[Title, str]
    title_words: frozenset[str]
    weak: frozenset[str]
    after: dict[Title, str]
    links: frozenset[str]
    markers: frozenset[str]
    places: frozenset[str]
    given: frozenset[str]
    no_plates: frozenset[str]
    ordinary: frozenset[str]


@functools.cache
def lists() -> Lists:
    """Read the lists, once."""
    read = json.loads(NAMES.read_bytes())
    known = word_lists()
    # `Miss` is a title and `miss` a verb: what is capital goes before what is weak.
    titles = {_parts(title): kind for kind in reversed(_TRUSTS) for title in read[kind]}
    return Lists(
        titles=titles,
        title_words=frozenset(part for title in titles for part in title),
        weak=frozenset(read["weak"]),
        after={_parts(title): kind for kind in ("after", "after_weak", "kin") for title in read[kind]},
        links=frozenset(read["links"]),
        markers=frozenset(read["markers"]),
        places=frozenset(read["places"]),
        given=frozenset(read["given"]),
        no_plates=frozenset(read["no_plates"]),
        ordinary=known.english.union(known.roman_urdu, known.stop, known.vague, read["ordinary"])
        - frozenset(read["given"]),
    )


def _parts(title: str) -> Title:
    return tuple(re.split(r"[ /']", title))


def spans(text: str, spelt: Spelling) -> list[tuple[int, int]]:
    """Give begin and end of each name, in order, none overlapping. `spelt` brings a word to one spelling."""
    found = sorted(_Reading(text, spelt).names())
    joined: list[tuple[int, int]] = []
    for begin, end in found:
        if joined and begin < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


class _Reading:
    """One text being read. A place is the index of a word; each is looked at a bounded number of times."""

    def __init__(self, text: str, spelt: Spelling) -> None:
        self.text = text
        self.lists = lists()
        self.words = [_word(found, spelt) for found in _WORD.finditer(text)]
        self.keys = [word.key for word in self.words]
        self.capitals_tell = self._capitals_tell()

    def names(self) -> Iterator[tuple[int, int]]:
        for at in range(len(self.words)):
            for length in range(1, _LONGEST_TITLE + 1):
                yield from self._beside(at, length)

    def _beside(self, at: int, length: int) -> Iterator[tuple[int, int]]:
        title = tuple(self.keys[at : at + length])
        before, behind = self.lists.after.get(title), self.lists.titles.get(title) or self._spelt_out(title)
        if not (before or behind) or not self._together(at, length):
            return
        if before and (first := self._first_before(at, before)) < at:
            yield self.words[first].start, self.words[at - 1].end
        if behind and (last := self._last_after(at, length, behind)) >= at + length:
            yield self.words[at + length].start, self.words[last].end

    def _spelt_out(self, title: Title) -> str | None:
        """`S.H.O.` and `S H O` are `SHO`."""
        if len(title) < 2 or not all(len(part) == 1 for part in title):
            return None
        return self.lists.titles.get(("".join(title),))

    def _together(self, at: int, length: int) -> bool:
        gaps = [self._gap(place) for place in range(at + 1, at + length)]
        if tuple(self.keys[at : at + length]) in _SLASHED:
            return gaps[0].strip() == "/"
        return all(_INSIDE_TITLE.fullmatch(gap) or gap == "'" for gap in gaps)

    def _last_after(self, at: int, length: int, kind: str) -> int:
        """The place of the last word of the name behind a title, or one before it when there is none."""
        begin = at + length
        gap = self._gap(begin)
        trust = self._trust(at, length, kind)
        if trust is None or begin >= len(self.words) or not _AFTER_TITLE.fullmatch(gap):
            return begin - 1
        if trust == "office" and length == 1 and _SENTENCE_END.search(gap):
            trust = "weak"  # "I met the inspector. Rude man."
        first = begin
        while first < begin + 2 and self._is_initial(first):
            first += 1
        if not self._begins(first, trust):
            return begin - 1
        last = self._run(first, begin + _LONGEST)
        # "SHO Iqbal Town" and "Dr Imran Hospital" are places; so is "janab ali" a greeting.
        if self._key(last + 1) in self.lists.places and _BETWEEN.fullmatch(self._gap(last + 1)):
            return begin - 1
        if self.keys[at] in {"janab", "janaab"} and self.keys[begin : last + 1] == ["ali"]:
            return begin - 1 if self._key(last + 1) not in self.lists.markers else last
        return last

    def _trust(self, at: int, length: int, kind: str) -> Trust | None:
        """How far a title is to be trusted as it is written here; None when it is none."""
        written = self.words[at : at + length]
        if kind == "upper" and not all(self.text[word.start : word.end].isupper() for word in written):
            return "weak" if self.keys[at] in self.lists.weak else None
        if kind == "capital" and written[0].key.isascii():
            return "office" if written[0].shape != "lower" and self.capitals_tell else "weak"
        return _TRUSTS[kind]

    def _run(self, first: int, limit: int) -> int:
        """Go on while the words are names: `Zia ul Haq`, `Abdul-Rehman Khan`."""
        last = first
        while last + 1 < min(limit, len(self.words)):
            step = 2 if self._key(last + 1) in self.lists.links else 1
            if not self._next_is_name(last, step):
                break
            last += step
        return last

    def _next_is_name(self, last: int, step: int) -> bool:
        places = range(last + 1, last + step + 1)
        return all(_BETWEEN.fullmatch(self._gap(place)) for place in places) and self._begins(
            last + step, "office"
        )

    def _begins(self, at: int, trust: Trust) -> bool:
        """Whether the word can be a name, as far as what stands before it is trusted."""
        if self.keys[at] in self.lists.given:
            return True
        if trust == "weak" or not self._is_strange(at):
            return False
        return trust == "sure" or self._has_capital(at) or self._is_followed_like_a_name(at)

    def _is_strange(self, at: int) -> bool:
        key = self.keys[at]
        if len(key) < 2 or key.startswith("[") or key in self.lists.ordinary or (key,) in self.lists.titles:
            return False
        return not key.isascii() or not (_NOT_NAMES.fullmatch(key) or _VOWELS.isdisjoint(key))

    def _has_capital(self, at: int) -> bool:
        return self.capitals_tell and self.words[at].shape == "cap"

    def _is_followed_like_a_name(self, at: int) -> bool:
        following = self._key(at + 1)
        return bool(_BETWEEN.fullmatch(self._gap(at + 1))) and (
            following in self.lists.markers or following in self.lists.given
        )

    def _is_initial(self, at: int) -> bool:
        if at + 1 >= len(self.words):
            return False
        word = self.words[at]
        return word.end - word.start == 1 and self.text[word.start].isupper()

    def _first_before(self, at: int, kind: str) -> int:
        """The place of the first word of the name that ends before `at`, or `at` when there is none."""
        if not (at and _BETWEEN.fullmatch(self._gap(at)) and self._ends(at - 1, kind)):
            return at
        first = at - 1
        while first and at - first < _LONGEST_BEFORE and _BETWEEN.fullmatch(self._gap(first)):
            step = 2 if self.keys[first - 1] in self.lists.links else 1
            if first < step or not self._joins_before(first - step):
                break
            first -= step
        return first

    def _ends(self, at: int, kind: str) -> bool:
        if self.keys[at] in self.lists.given:
            return True
        return kind != "after_weak" and self._is_strange(at)

    def _joins_before(self, at: int) -> bool:
        return self.keys[at] in self.lists.given or (self._is_strange(at) and self._has_capital(at))

    def _key(self, at: int) -> str:
        return self.keys[at] if at < len(self.keys) else ""

    def _gap(self, at: int) -> str:
        """What stands between a word and the one before it."""
        if not 0 < at < len(self.words):
            return ""
        return self.text[self.words[at - 1].end : self.words[at].start]

    def _capitals_tell(self) -> bool:
        """Whether this text keeps capitals for names; judged by ordinary words, which are never masked."""
        shapes = [
            word.shape
            for word in self.words
            if len(word.key) > 2
            and word.key in self.lists.ordinary
            and word.key not in self.lists.title_words
        ]
        return 2 * sum(shape != "lower" for shape in shapes) <= len(shapes) or len(shapes) == 1


def _word(found: re.Match[str], spelt: Spelling) -> Word:
    written = found[0]
    shape: Literal["cap", "upper", "lower"] = "lower"
    if written.isupper() and len(written) > 1:
        shape = "upper"
    elif written[0].isupper():
        shape = "cap"
    return Word(found.start(), found.end(), spelt(written), shape)
