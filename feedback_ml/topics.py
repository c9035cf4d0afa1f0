"""Groups texts that say the same thing, inside one type, across English, Urdu and Roman Urdu.

Three steps. A text that meets a known matter joins it. Of the rest, what many say together (two terms
of one clause) becomes a group of its own. Then a text left over joins the group it is nearest to, if it
is near. Nothing is forced: texts that resemble no group stay ungrouped, and praise and other are never
grouped, for they ask for nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from feedback_ml.concepts import MARK
from feedback_ml.matters import Matter, matter_of
from feedback_ml.wording import Clause, as_name, clauses, fit_for_a_name, readable
from feedback_ml.words import words as word_lists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUPED = ("bug", "performance", "usability", "feature_request", "service_complaint", "question")
NEAR = 0.42
"""Cosine from which a text left over joins a group; below it stays alone."""
_CHUNK = 5_000
_SEEDS = 150
_QUOTES, _LONGEST_QUOTE, _TERMS = 3, 220, 6
_SAME = 0.2
_COMMON, _FEW = 0.08, 20
_BACKGROUND = 100
_SAID_OF_A_THING = frozenset(
    {"=not", "=slow", "=stop", "=error", "=change", "=too_many", "=delete", "=wrong", "=arrive"}
)


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One text to group: `text` is title and text together, `person` a pseudonym or empty."""

    feedback_id: str
    text: str
    type: str
    language: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts about one thing. `matter` is the known matter's id, empty for a group that named itself.

    `quotes` are the feedback ids of up to three of its most typical texts, by different persons.
    """

    type: str
    members: tuple[str, ...]
    name_en: str
    name_ur: str
    quotes: tuple[str, ...]
    terms: tuple[str, ...]
    matter: str = ""


@dataclass(slots=True)
class _Draft:
    """A group being made: rows of its texts, the types that may join, and the terms that began it."""

    rows: list[int]
    types: frozenset[str]
    seed: tuple[str, ...]
    matter: Matter | None = None


def group(items: Sequence[GroupItem], *, smallest: int = 3) -> list[Group]:
    """Group the texts; groups of fewer than `smallest` texts are dropped.

    Largest first; the same input, in any order, gives the same answer. 100,000 short texts take about
    half a minute and less than a gigabyte.
    """
    wanted = sorted((item for item in items if item.type in GROUPED), key=lambda item: item.feedback_id)
    if not wanted:
        return []
    read = [clauses(item.text, item.language) for item in wanted]
    drafts = _known(wanted, read)
    drafts = [draft for draft in drafts if len(draft.rows) >= smallest]
    taken = {row for draft in drafts for row in draft.rows}
    for kind in GROUPED:
        rows = [row for row, item in enumerate(wanted) if item.type == kind and row not in taken]
        drafts += _said_together(rows, read, kind, smallest)
    vectors = _vectors(read)
    if drafts and vectors is not None:
        _join_nearest(drafts, vectors, wanted)
    made = [_finish(draft, wanted, read, vectors) for draft in drafts if len(draft.rows) >= smallest]
    return sorted(made, key=lambda one: (-len(one.members), one.name_en, one.members))


def match(previous: Mapping[str, frozenset[str]], groups: Sequence[Group]) -> dict[int, str]:
    """Give each group the topic of an earlier night that it continues: the largest overlap first, one to one.

    A group that shares less than a fifth of the smaller side with every free topic continues none.
    """
    homes: dict[str, list[str]] = defaultdict(list)
    for topic_id, members in previous.items():
        for feedback_id in members:
            homes[feedback_id].append(topic_id)
    shared: Counter[tuple[int, str]] = Counter()
    for index, one in enumerate(groups):
        for feedback_id in one.members:
            shared.update((index, topic_id) for topic_id in homes.get(feedback_id, ()))
    order = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))
    matched: dict[int, str] = {}
    for (index, topic_id), overlap in order:
        enough = overlap >= _SAME * min(len(groups[index].members), len(previous[topic_id]))
        if enough and index not in matched and topic_id not in matched.values():
            matched[index] = topic_id
    return matched


def _known(items: Sequence[GroupItem], read: Sequence[tuple[Clause, ...]]) -> list[_Draft]:
    found: dict[str, _Draft] = {}
    for row, (item, said) in enumerate(zip(items, read, strict=True)):
        matter = matter_of([clause.terms for clause in said], item.type)
        if matter is None:
            continue
        # Two matters with one name are one topic written about in two ways.
        draft = found.setdefault(matter.name_en, _Draft([], matter.types, (), matter))
        draft.types |= matter.types
        if matter.order < (draft.matter or matter).order:
            draft.matter = matter
        draft.rows.append(row)
    return list(found.values())


def _said_together(
    rows: Sequence[int], read: Sequence[tuple[Clause, ...]], kind: str, smallest: int
) -> list[_Draft]:
    """Take, again and again, the pair of terms that tells most of the rows left, as a group of its own."""
    pairs_of = {row: {pair for clause in read[row] for pair in _tellings(clause)} for row in rows}
    alone = Counter(term for row in rows for term in {term for clause in read[row] for term in clause.terms})
    # Two words that everybody uses ("watch", "video") tell nothing by standing together.
    everywhere = max(_COMMON * len(rows), _FEW)
    having: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row, pairs in pairs_of.items():
        for pair in pairs:
            having[pair].add(row)
    least = max(smallest, 3)
    having = {
        pair: found
        for pair, found in having.items()
        if len(found) >= least and min(map(alone.__getitem__, pair)) <= everywhere
    }
    drafts: list[_Draft] = []
    while having and len(drafts) < _SEEDS:
        best = min(having, key=lambda pair: (-_telling(pair, len(having[pair]), alone, len(rows)), pair))
        if _telling(best, len(having[best]), alone, len(rows)) <= 0:
            break
        members = having.pop(best)
        drafts.append(_Draft(sorted(members), frozenset({kind}), best))
        for row in members:
            for pair in pairs_of[row]:
                if pair in having:
                    having[pair].discard(row)
                    if len(having[pair]) < least:
                        del having[pair]
    return drafts


def _tellings(clause: Clause) -> list[tuple[str, str]]:
    """Pairs of a clause's telling words, and of a telling word with what is said of it (not, slow, stops)."""
    vague = word_lists().vague
    told = sorted({term for term in clause.terms if term not in vague})
    return [pair for pair in combinations(told, 2) if not _SAID_OF_A_THING.issuperset(pair)]


def _telling(pair: tuple[str, str], together: int, alone: Counter[str], total: int) -> float:
    """Rows covered, times how much more often than by chance the two terms meet (normalised, 0..1)."""
    from math import log  # noqa: PLC0415  only grouping needs it

    # Among a few texts that all say one thing nothing is rarer than anything: other texts are taken as given.
    total += _BACKGROUND
    chance = alone[pair[0]] * alone[pair[1]] / total
    return together * log(together / chance) / log(total / together) if together > chance else 0.0


def _vectors(read: Sequence[tuple[Clause, ...]]) -> Any:
    """Make unit vectors of terms and of pairs of neighbours in a clause; None when no term is said twice."""
    from numpy import float32  # noqa: PLC0415  labelling must not load it
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  as above

    vectors = TfidfVectorizer(
        analyzer=_terms, min_df=2, max_features=20_000, sublinear_tf=True, dtype=float32
    )
    try:
        return vectors.fit_transform(read)
    except ValueError:
        return None


def _terms(said: tuple[Clause, ...]) -> list[str]:
    found: list[str] = []
    for clause in said:
        found += clause.terms
        found += [f"{min(pair)} {max(pair)}" for pair in zip(clause.terms, clause.terms[1:], strict=False)]
    return found


def _centres(drafts: Sequence[_Draft], vectors: Any) -> Any:
    """The mean direction of each draft's texts, one unit row each (drafts x terms, sparse)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  labelling must not load it
    from sklearn.preprocessing import normalize  # noqa: PLC0415  as above

    belongs = [(at, row) for at, draft in enumerate(drafts) for row in draft.rows]
    ones = csr_matrix(
        ([1.0] * len(belongs), ([at for at, _ in belongs], [row for _, row in belongs])),
        shape=(len(drafts), vectors.shape[0]),
        dtype="float32",
    )
    return normalize(ones @ vectors)


def _join_nearest(drafts: list[_Draft], vectors: Any, items: Sequence[GroupItem]) -> None:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    centres = _centres(drafts, vectors).T.tocsc()
    taken = {row for draft in drafts for row in draft.rows}
    for kind in GROUPED:
        open_to = np.array([kind in draft.types for draft in drafts])
        left = [row for row, item in enumerate(items) if item.type == kind and row not in taken]
        if not open_to.any():
            continue
        for start in range(0, len(left), _CHUNK):
            rows = left[start : start + _CHUNK]
            near = (vectors[rows] @ centres).toarray() * open_to
            best = near.argmax(axis=1)
            for row, at, cosine in zip(rows, best, near.max(axis=1), strict=True):
                if cosine >= NEAR:
                    drafts[int(at)].rows.append(row)


def _finish(
    draft: _Draft, items: Sequence[GroupItem], read: Sequence[tuple[Clause, ...]], vectors: Any
) -> Group:
    rows = sorted(draft.rows)
    closeness = _closeness(rows, vectors)
    terms = _terms_of(rows, read)
    kinds = Counter(items[row].type for row in rows)
    if draft.matter:
        name_en, name_ur = draft.matter.name_en, draft.matter.name_ur
    else:
        english = _typical(draft, rows, items, read, closeness, ("en",))
        roman = _typical(draft, rows, items, read, closeness, ("ur-Latn", "mixed"))
        urdu = _typical(draft, rows, items, read, closeness, ("ur",))
        name_en = english or roman or urdu or readable(draft.seed)
        name_ur = urdu or name_en
    return Group(
        type=(draft.matter.home if draft.matter else "") or _most(kinds),
        members=tuple(items[row].feedback_id for row in rows),
        name_en=name_en,
        name_ur=name_ur,
        quotes=_quotes(rows, items, closeness),
        terms=terms,
        matter=draft.matter.matter_id if draft.matter else "",
    )


def _most(kinds: Counter[str]) -> str:
    return min(kinds, key=lambda kind: (-kinds[kind], GROUPED.index(kind)))


def _terms_of(rows: Sequence[int], read: Sequence[tuple[Clause, ...]]) -> tuple[str, ...]:
    untold = word_lists().vague | _SAID_OF_A_THING
    counts = Counter(term for row in rows for term in {term for clause in read[row] for term in clause.terms})
    order = sorted((-count, term) for term, count in counts.items() if term not in untold)
    chosen = [term for _, term in order[:_TERMS]]
    written: dict[str, Counter[str]] = {term: Counter() for term in chosen}
    for row in rows:
        for clause in read[row]:
            for term, shown in zip(clause.terms, clause.shown, strict=True):
                if term in written:
                    written[term][shown] += 1
    return tuple(
        min(found, key=lambda word: (-found[word], word)).removeprefix(MARK) for found in written.values()
    )


def _closeness(rows: Sequence[int], vectors: Any) -> dict[int, float]:
    """Cosine of each text to the group's centre."""
    if vectors is None:
        return dict.fromkeys(rows, 0.0)
    centre = _centres([_Draft(list(rows), frozenset(), ())], vectors)
    near = (vectors[rows] @ centre.T).toarray().ravel()
    return {row: float(value) for row, value in zip(rows, near, strict=True)}


def _typical(
    draft: _Draft,
    rows: Sequence[int],
    items: Sequence[GroupItem],
    read: Sequence[tuple[Clause, ...]],
    closeness: Mapping[int, float],
    languages: tuple[str, ...],
) -> str:
    """Choose the clause that says the seed with the fewest words beside it, in a text near the centre."""
    common = Counter(term for row in rows for clause in read[row] for term in set(clause.terms))
    best: tuple[float, str] | None = None
    for row in rows:
        if items[row].language not in languages:
            continue
        for clause in read[row]:
            if not fit_for_a_name(clause) or not set(draft.seed) <= set(clause.terms):
                continue
            told = sum(common[term] for term in set(clause.terms)) / (
                len(rows) * (2 + len(clause.written.split()))
            )
            score = (-round(told + 0.05 * closeness[row], 6), clause.written.casefold())
            if best is None or score < best:
                best = score
    return as_name(best[1]) if best else ""


def _quotes(
    rows: Sequence[int], items: Sequence[GroupItem], closeness: Mapping[int, float]
) -> tuple[str, ...]:
    order = sorted(
        rows, key=lambda row: (len(items[row].text) > _LONGEST_QUOTE, -round(closeness[row], 6), row)
    )
    chosen: list[int] = []
    people: set[str] = set()
    texts: set[str] = set()
    for row in order:
        person = items[row].person or items[row].feedback_id
        text = items[row].text.casefold().strip()
        if person in people or text in texts:
            continue
        people.add(person)
        texts.add(text)
        chosen.append(row)
        if len(chosen) == _QUOTES:
            break
    return tuple(items[row].feedback_id for row in chosen)
