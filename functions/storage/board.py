"""An app's board in few items: what its lists are filtered and sorted by, so that no list reads the topics.

One item says which generation of it holds and which topics changed since; the parts of a generation never
change, so that whoever has read them may keep them. All lie in the topics' table, under keys none can type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from functions.storage.tables import Table, TableMeta, instant_key, named_failures

PART_BYTES = 350_000
"""Of the 400 KB that an item may have."""


class BoardItem(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    generation = UnicodeAttribute(null=True)
    parts = NumberAttribute(null=True)
    changed = UnicodeSetAttribute(null=True)
    """What was decided upon since: instant and id, so that a later change of the same topic is another."""


class BoardPart(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    content = BinaryAttribute(legacy_encoding=False)


@dataclass(frozen=True, slots=True)
class Head:
    """`generation` is "" before the first one."""

    generation: str = ""
    parts: int = 0
    changed: frozenset[str] = frozenset()

    @property
    def changed_ids(self) -> tuple[str, ...]:
        return tuple(sorted({note.partition("#")[2] for note in self.changed}))

    def before(self, instant: datetime) -> frozenset[str]:
        """The notes that are older than the instant."""
        return frozenset(note for note in self.changed if note < instant_key(instant))


def head(app: str) -> Head:
    try:
        with named_failures():
            item = BoardItem.get(_key(app), consistent_read=True)
    except DoesNotExist:
        return Head()
    return Head(item.generation or "", int(item.parts or 0), frozenset(item.changed or ()))


def content(app: str, of: Head) -> bytes | None:
    """All parts of a generation in one; None where a newer one has taken its place meanwhile."""
    parts = []
    for number in range(of.parts):
        try:
            with named_failures():
                parts.append(BoardPart.get(_part_key(app, of.generation, number)).content)
        except DoesNotExist:
            return None
    return b"".join(parts)


def note(app: str, topic_ids: Iterable[str], at: datetime) -> None:
    """Says, before they change, that topics differ from what the generation holds of them."""
    notes = {f"{instant_key(at)}#{topic_id}" for topic_id in topic_ids}
    with named_failures():
        BoardItem(_key(app)).update([BoardItem.changed.add(notes)])


def publish(app: str, whole: bytes, former: Head, settled: frozenset[str]) -> None:
    """A new generation, which knows of the changes `settled`. What it was made of is its name.

    StaleError when another took the place of `former` meanwhile, and with it the parts that this would name.
    """
    generation = hashlib.sha256(whole).hexdigest()[:16]
    pieces = [whole[i : i + PART_BYTES] for i in range(0, len(whole), PART_BYTES)]
    if generation != former.generation:
        for number, piece in enumerate(pieces):
            with named_failures():
                BoardPart(_part_key(app, generation, number), content=piece).save()
    actions: list[Action] = [BoardItem.generation.set(generation), BoardItem.parts.set(len(pieces))]
    if settled:
        actions.append(BoardItem.changed.delete(set(settled)))
    of_head = BoardItem.generation
    unchanged = of_head == former.generation if former.generation else of_head.does_not_exist()
    with named_failures():
        BoardItem(_key(app)).update(actions, condition=unchanged)
    if generation != former.generation:
        for number in range(former.parts):
            with named_failures():
                BoardPart(_part_key(app, former.generation, number)).delete()


def _key(app: str) -> str:
    return f"board#{app}"


def _part_key(app: str, generation: str, number: int) -> str:
    return f"{_key(app)}#{generation}#{number:03d}"
