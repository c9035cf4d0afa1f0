"""Names, quotes and terms of a group: what a product owner reads of it.

A group most of whose texts meet a known matter has the matter's names. Any other is named by its most typical
clause, in each language; where no text is in Urdu, by the lexicon's Urdu words for what the clause is about.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from feedback_ml import phonetics
from feedback_ml.concepts import MARK
from feedback_ml.matters import Matter, matter_of
from feedback_ml.readings import WORD
from feedback_ml.topics import GROUPED, Formed, Group, GroupItem
from feedback_ml.wording import Clause, as_name, clauses, fit_for_a_name, readable
from feedback_ml.words import words as word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedback_ml.constraining import Constraints, Named

_READ = 60
"""Texts of a group, those nearest to its centre, that its name and terms come from."""
_SHARE_OF_A_MATTER = 0.4
_QUOTES, _LONGEST_QUOTE, _TERMS, _NAMING = 3, 220, 6, 3
_SAID_OF_A_THING = frozenset(
    MARK + name
    for name in ("not", "slow", "stop", "error", "change", "too_many", "delete", "wrong", "arrive")
)


def finished(formed: Formed, found: Sequence[Sequence[int]], wanted: Constraints) -> list[Group]:
    """Make the groups of the rows; of two with one known matter the larger has its name."""
    made = [_Draft(formed, rows) for rows in found]
    taken: set[str] = set()
    groups = []
    for draft in sorted(made, key=lambda one: (-len(one.rows), one.rows)):
        matter = draft.matter if draft.matter and draft.matter.name_en not in taken else None
        taken.update([matter.name_en] if matter else [])
        groups.append(draft.group(matter, wanted.named))
    return groups


class _Draft:
    """A group being named: its rows, the texts nearest to its centre first, and those read as clauses."""

    def __init__(self, formed: Formed, rows: Sequence[int]) -> None:
        self.rows = sorted(rows)
        self.items = formed.items
        centre = formed.rows[self.rows].sum(axis=0)
        self.telling = _telling(formed, centre)
        near = (formed.rows[self.rows] @ centre.T).ravel().tolist()[0]
        self.near = {row: round(float(value), 6) for row, value in zip(self.rows, near, strict=True)}
        order = sorted(self.rows, key=lambda row: (-self.near[row], row))[:_READ]
        self.read = {row: clauses(self.items[row].text, self.items[row].language) for row in order}
        self.matter = self._matter()

    def group(self, matter: Matter | None, named: Iterable[Named]) -> Group:
        members = tuple(self.items[row].feedback_id for row in self.rows)
        name_en, name_ur = (matter.name_en, matter.name_ur) if matter else self._names()
        given = _given(frozenset(members), named)
        kinds = Counter(self.items[row].type for row in self.rows)
        areas = Counter(area for row in self.rows if (area := self.items[row].area) not in ("", "none"))
        return Group(
            type=(matter.home if matter else "") or _most(kinds),
            members=members,
            name_en=given.name_en or name_en if given else name_en,
            name_ur=given.name_ur or name_ur if given else name_ur,
            quotes=_quotes(self.rows, self.items, self.near),
            terms=self._terms(),
            matter=matter.matter_id if matter else "",
            area=min(areas, key=lambda area: (-areas[area], area)) if areas else "",
        )

    def _matter(self) -> Matter | None:
        met = Counter(
            matter
            for row, said in self.read.items()
            if (matter := matter_of([clause.terms for clause in said], self.items[row].type))
        )
        best = min(met, key=lambda matter: (-met[matter], matter.order), default=None)
        return best if best and met[best] >= _SHARE_OF_A_MATTER * len(self.read) else None

    def _names(self) -> tuple[str, str]:
        english = self._typical("en")
        urdu = self._typical("ur")
        other = english or self._typical("ur-Latn", "mixed") or urdu
        seed = tuple(term for term, _ in self.telling.most_common(_NAMING))
        name_en = other or readable(self._terms()[:_NAMING]) or self._begun()
        return name_en, urdu or _in_urdu(seed) or name_en

    def _begun(self) -> str:
        """What the first text begins with, when it has no clause fit for a name and no term."""
        written = " ".join(self.items[self.rows[0]].text.split()[:9])
        return as_name(written) or "—"

    def _typical(self, *languages: str) -> str:
        """Choose the clause that says most of what the group says, with the fewest words beside it."""
        best: tuple[float, str] | None = None
        for row, said in self.read.items():
            if self.items[row].language not in languages:
                continue
            for clause in filter(fit_for_a_name, said):
                told = sum(
                    self.telling[term]
                    for term in set(phonetics.terms(clause.written, self.items[row].language))
                )
                score = -round(told / (2 + len(clause.written.split())), 6), clause.written.casefold()
                if told > 0 and (best is None or score < best):
                    best = score
        return as_name(best[1]) if best else ""

    def _terms(self) -> tuple[str, ...]:
        untold = word_lists().vague | _SAID_OF_A_THING
        every = [set(_pairs(said)) for said in self.read.values()]
        counts = Counter(term for pairs in every for term in {term for term, _ in pairs} - untold)
        chosen = sorted(counts, key=lambda term: (-counts[term], term))[:_TERMS]
        shown = {
            term: Counter(word for pairs in every for own, word in pairs if own == term) for term in chosen
        }
        return tuple(
            min(found, key=lambda word: (-found[word], word)).removeprefix(MARK) for found in shown.values()
        )


def _telling(formed: Formed, centre: Any) -> Counter[str]:
    """How much each term of the common form weighs in the group's centre."""
    values = centre.A1 if hasattr(centre, "A1") else centre
    there = values.nonzero()[0].tolist()
    terms = formed.readings.terms
    return Counter(
        {
            terms[at]: float(values[at])
            for at in there
            if " " not in terms[at] and not terms[at].startswith(WORD)
        }
    )


def _pairs(said: Sequence[Clause]) -> Iterable[tuple[str, str]]:
    for clause in said:
        yield from zip(clause.terms, clause.shown, strict=True)


def _most(kinds: Counter[str]) -> str:
    return min(kinds, key=lambda kind: (-kinds[kind], GROUPED.index(kind) if kind in GROUPED else 9, kind))


def _in_urdu(terms: Sequence[str]) -> str:
    """The lexicon's Urdu words for concepts; empty when it knows none of them."""
    return "، ".join(word for term in terms if (word := phonetics.urdu_of(term)))


def _given(members: frozenset[str], named: Iterable[Named]) -> Named | None:
    """The name people gave to a topic that most of these texts are of, or that is mostly of these texts."""
    best, most = None, 0
    for each in named:
        shared = len(members & each.members)
        if shared > most and shared >= 0.5 * min(len(members), len(each.members)):
            best, most = each, shared
    return best


def _quotes(rows: Sequence[int], items: Sequence[GroupItem], near: Mapping[int, float]) -> tuple[str, ...]:
    """Up to three texts near the centre, short ones first, by different people and not the same twice."""
    order = sorted(rows, key=lambda row: (len(items[row].text) > _LONGEST_QUOTE, -near[row], row))
    chosen: list[str] = []
    people: set[str] = set()
    texts: set[str] = set()
    for row in order:
        person = items[row].person or items[row].feedback_id
        text = items[row].text.casefold().strip()
        if person in people or text in texts:
            continue
        people.add(person)
        texts.add(text)
        chosen.append(items[row].feedback_id)
        if len(chosen) == _QUOTES:
            break
    return tuple(chosen)
