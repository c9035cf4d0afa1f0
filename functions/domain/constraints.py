"""A night's groups brought into line with what product owners edited. Pure.

Texts that were split out stay out, and texts like them follow; what was merged folds into its target; what
was said to be no topic keeps its texts to itself. The order matters: a split says of single texts where they
belong, so it goes first.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from feedback_ml.topics import Group, match
from feedback_ml.wording import clauses
from functions.storage.topic_edits import Edits
from schemas.topics import TopicBasis

SMALLEST = 3
"""Of fewer texts no new topic is made; one that people know of may shrink below that."""
FOLLOWS = 1.0
"""Log-odds (nats) above which a text is so much more like those split out that it goes with them."""
SMOOTHING = 0.5
MOSTLY = 0.6
QUOTES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A topic of an earlier night: what it is, how it was edited, and the texts that are its own.

    A target's own texts are those that no topic merged into it has.
    """

    row: TopicBasis
    edits: Edits
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    language: str
    type: str


@dataclass(slots=True)
class Arranged:
    """`groups` by topic, hidden ones too; `own` the texts that each merged topic would have by itself."""

    groups: dict[str, Group]
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)


def arrange(
    app: str, groups: Sequence[Group], known: Mapping[str, Known], texts: Mapping[str, Text]
) -> Arranged:
    """The night's groups under their topics' ids, as the edits want them. `texts` are all there are."""
    found = _identified(app, groups, known)
    for topic_id, topic in known.items():
        if topic.edits.anchors and not topic.edits.merged_into:
            _split(found, topic_id, topic, known, texts)
    for topic_id, topic in known.items():
        if topic.edits.hidden and not topic.edits.merged_into:
            _give(found, topic_id, topic, [i for i in topic.members if i in texts])
    arranged = Arranged(found)
    for topic_id, topic in known.items():
        if topic.edits.merged_into:
            _fold(arranged, topic_id, known, texts)
    arranged.groups = {i: g for i, g in found.items() if len(g.members) >= (1 if i in known else SMALLEST)}
    return arranged


def root_of(topic_id: str, known: Mapping[str, Known]) -> str:
    """The topic that has the texts of this one now."""
    for _ in range(len(known)):
        topic = known.get(topic_id)
        if topic is None or topic.edits.merged_into not in known:
            break
        topic_id = topic.edits.merged_into
    return topic_id


def _identified(app: str, groups: Sequence[Group], known: Mapping[str, Known]) -> dict[str, Group]:
    """A topic keeps its id from night to night; a new one is named after its members."""
    previous = {topic_id: frozenset(topic.members) for topic_id, topic in known.items()}
    identity = dict(match(previous, groups))
    found: dict[str, Group] = {}
    for number, group in enumerate(groups):
        own = hashlib.sha256("\x00".join((app, *sorted(group.members))).encode()).hexdigest()[:16]
        found[identity.get(number) or f"t-{own}"] = group
    return found


def _split(
    found: dict[str, Group],
    topic_id: str,
    topic: Known,
    known: Mapping[str, Known],
    texts: Mapping[str, Text],
) -> None:
    anchors = [i for i in topic.edits.anchors if i in texts]
    source = found.get(root_of(topic.edits.split_from, known))
    rest = [i for i in source.members if i not in topic.edits.anchors] if source else []
    grouped = {i for group in found.values() for i in group.members}.union(anchors)
    loose = [i for i, text in texts.items() if text.type == topic.row.type and i not in grouped]
    _give(found, topic_id, topic, [*anchors, *alike(anchors, rest, loose, texts)])


def alike(
    chosen: Sequence[str], rest: Sequence[str], loose: Sequence[str], texts: Mapping[str, Text]
) -> list[str]:
    """Those that are more like the chosen than like `rest`, by the terms that tell the two apart.

    Naive Bayes over the terms of a text's clauses, each text counting a term once. What lay in no group
    (`loose`) may be about anything: it has to share most of what it says.
    """
    if not chosen:
        return []
    terms = {i: _terms(texts[i]) for i in (*chosen, *rest)}
    here = Counter(term for i in chosen for term in terms[i])
    there = Counter(term for i in rest for term in terms[i])

    def leaning(term: str) -> float:
        share_here = (here[term] + SMOOTHING) / (len(chosen) + 2 * SMOOTHING)
        share_there = (there[term] + SMOOTHING) / (len(rest) + 2 * SMOOTHING)
        return math.log(share_here / share_there)

    def follows(said: frozenset[str], shared: float) -> bool:
        return shared > 0 and sum(map(leaning, said)) > FOLLOWS

    found = [i for i in rest if follows(terms[i], _shared(terms[i], here))]
    for i in loose:
        said = _terms(texts[i])
        shared = _shared(said, here)
        if shared >= MOSTLY and shared * len(said) > 1 and follows(said, shared):
            found.append(i)
    return found


def _shared(said: frozenset[str], here: Counter[str]) -> float:
    """Share of a text's terms that the chosen use too."""
    return sum(term in here for term in said) / len(said) if said else 0.0


def _terms(text: Text) -> frozenset[str]:
    return frozenset(term for clause in clauses(text.text, text.language) for term in clause.terms)


def _give(found: dict[str, Group], topic_id: str, topic: Known, ids: Collection[str]) -> None:
    """Takes the texts out of every other group and puts them into this topic's own."""
    wanted = frozenset(ids)
    for other, group in list(found.items()):
        if other != topic_id and not wanted.isdisjoint(group.members):
            found[other] = _with_members(group, [i for i in group.members if i not in wanted])
    base = found.get(topic_id) or _group_of(topic.row)
    found[topic_id] = _with_members(base, [*base.members, *ids])


def _fold(arranged: Arranged, topic_id: str, known: Mapping[str, Known], texts: Mapping[str, Text]) -> None:
    """What is left of a merged topic goes to its target; what it was keeps it recognised the next night."""
    root = root_of(topic_id, known)
    group = arranged.groups.pop(topic_id, None)
    grouped = {i for each in arranged.groups.values() for i in each.members}
    kept = [i for i in known[topic_id].members if i in texts and i not in grouped]
    own = list(dict.fromkeys([*(group.members if group else ()), *kept]))
    arranged.own[topic_id] = tuple(own)
    if not own:
        return
    base = arranged.groups.get(root) or _group_of(known[root].row)
    arranged.groups[root] = _with_members(base, [*base.members, *own])


def _group_of(row: TopicBasis) -> Group:
    """A group without texts, named as the topic is: for one that this night's grouping did not find."""
    return Group(
        type=row.type,
        members=(),
        name_en=row.name["en"],
        name_ur=row.name["ur"],
        quotes=tuple(quote.feedback_id for quote in row.quotes),
        terms=row.terms,
    )


def _with_members(group: Group, ids: Sequence[str]) -> Group:
    members = tuple(dict.fromkeys(ids))
    held = set(members)
    quotes = [i for i in group.quotes if i in held]
    quotes += [i for i in members if i not in quotes][: QUOTES - len(quotes)]
    return replace(group, members=members, quotes=tuple(quotes[:QUOTES]))
