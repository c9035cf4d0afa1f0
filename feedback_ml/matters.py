"""The matters that citizens' apps are known to be written about, each with a name in English and in Urdu.

They are data (`matters.json`), exact matters before general ones. A matter is met by a clause that has
one concept out of each of its lists. Amend the file to give a topic of your app its name; a matter
nobody writes about costs nothing.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback_ml.concepts import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

MATTERS = Path(__file__).parent / "matters.json"


@dataclass(frozen=True, slots=True)
class Matter:
    """`needs` holds lists of concepts: a clause meets the matter with one out of each. `order` is its place.

    `home` is the type of a group about it; empty: the type of most of its texts.
    """

    matter_id: str
    types: frozenset[str]
    needs: tuple[frozenset[str], ...]
    name_en: str
    name_ur: str
    order: int
    home: str = ""


@functools.cache
def matters() -> dict[str, tuple[Matter, ...]]:
    """Read the matters, under each concept of their first list."""
    found: dict[str, list[Matter]] = {}
    for order, row in enumerate(json.loads(MATTERS.read_bytes())):
        needs = tuple(frozenset(MARK + name for name in names) for names in row["all"])
        matter = Matter(
            row["id"], frozenset(row["types"]), needs, row["en"], row["ur"], order, row.get("type", "")
        )
        for concept in needs[0]:
            found.setdefault(concept, []).append(matter)
    return {concept: tuple(known) for concept, known in found.items()}


def matter_of(clauses: Sequence[Sequence[str]], kind: str) -> Matter | None:
    """Choose the matter of a text of one type: the first in the file that it meets is the most exact."""
    known = matters()
    met: set[Matter] = set()
    for clause in clauses:
        there = frozenset(clause)
        for concept in there:
            met.update(
                matter
                for matter in known.get(concept, ())
                if kind in matter.types and not any(there.isdisjoint(names) for names in matter.needs)
            )
    return min(met, key=lambda matter: matter.order, default=None)
