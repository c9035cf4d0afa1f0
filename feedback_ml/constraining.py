"""What people said of topics, kept when texts are grouped anew, and learnt from.

What was merged stays together and takes along the groups that are mostly of it. The parts of a split stay
apart, and a text of theirs joins the part it is nearest to. A text like what was said to be no topic is in
none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOSTLY = 0.5
"""Share of a group that was merged, or named, from which the whole of it is meant."""


@dataclass(frozen=True, slots=True)
class Named:
    """The name that people gave to the topic of these texts; an empty one leaves that language's as it is."""

    members: frozenset[str]
    name_en: str = ""
    name_ur: str = ""


@dataclass(frozen=True, slots=True)
class Constraints:
    """Sets of feedback ids. Ids of texts that are not there are passed over.

    `merged`: each set is one topic. `apart`: each split, as the sets of its parts. `not_topics`: each set,
    and what is like it, is no topic. `named`: topics that people named.
    """

    merged: tuple[frozenset[str], ...] = ()
    apart: tuple[tuple[frozenset[str], ...], ...] = ()
    not_topics: tuple[frozenset[str], ...] = ()
    named: tuple[Named, ...] = ()


NONE = Constraints()


def constrained(rows: Any, labels: Any, ids: Sequence[str], wanted: Constraints) -> Any:
    """Give the labels (-1: in no group) as people want them; `rows` are unit vectors in the same order."""
    place = {feedback_id: at for at, feedback_id in enumerate(ids)}
    for members in wanted.merged:
        _merge(labels, _places(place, members))
    for parts in wanted.apart:
        _part(rows, labels, [there for part in parts if (there := _places(place, part))])
    for members in wanted.not_topics:
        _dismiss(rows, labels, _places(place, members))
    return labels


def sums(rows: Any, labels: Any) -> Any:
    """Sum of the vectors of each group (groups x terms, sparse); texts in none count for nothing."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from scipy.sparse import csr_matrix  # noqa: PLC0415  as above

    inside = np.flatnonzero(labels >= 0)
    belongs = csr_matrix(
        (np.ones(len(inside)), (labels[inside], inside)), shape=(int(labels.max()) + 1, len(labels))
    )
    return (belongs @ rows).tocsr()


def _places(place: dict[str, int], members: Iterable[str]) -> list[int]:
    return sorted(place[member] for member in members if member in place)


def _merge(labels: Any, there: list[int]) -> None:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    if not there:
        return
    met, counts = np.unique(labels[there], return_counts=True)
    known = [(int(n), int(label)) for label, n in zip(met, counts, strict=True) if label >= 0]
    # The largest part keeps its number; of equals the first.
    home = min(known, key=lambda pair: (-pair[0], pair[1]))[1] if known else int(labels.max()) + 1
    for n, label in known:
        if n >= MOSTLY * (labels == label).sum():
            labels[labels == label] = home
    labels[there] = home


def _part(rows: Any, labels: Any, parts: list[list[int]]) -> None:
    """Make each part a group, with those texts of the groups they came from that are nearest to it."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    if len(parts) < 2:
        return
    came_from = {int(label) for part in parts for label in labels[part] if label >= 0}
    shared = [label for label in came_from if sum(bool((labels[part] == label).any()) for part in parts) > 1]
    anchors = {row for part in parts for row in part}
    open_to = [row for row in np.flatnonzero(np.isin(labels, shared)).tolist() if row not in anchors]
    nearest = _cosines(rows, open_to, parts).argmax(axis=1) if open_to else []
    first = int(labels.max()) + 1
    for at, part in enumerate(parts):
        labels[part] = first + at
    for row, at in zip(open_to, nearest, strict=True):
        labels[row] = first + int(at)


def _dismiss(rows: Any, labels: Any, there: list[int]) -> None:
    """Take the texts out, and those of their groups that are nearer to them than to what is left."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    if not there:
        return
    touched = {int(label) for label in labels[there] if label >= 0}
    labels[there] = -1
    for label in touched:
        left = np.flatnonzero(labels == label).tolist()
        gone = len(there) >= MOSTLY * (len(there) + len(left))
        nearer = gone or _cosines(rows, left, [there, left]).argmax(axis=1) == 0 if left else gone
        labels[np.array(left, dtype=int)[np.broadcast_to(nearer, len(left))]] = -1


def _cosines(rows: Any, of: list[int], to: list[list[int]]) -> Any:
    """Cosine of each text to each set of texts taken together (texts x sets)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    found = []
    for part in to:
        centre = np.asarray(rows[part].sum(axis=0)).ravel()
        found.append((rows[of] @ centre) / max(float(np.linalg.norm(centre)), 1e-9))
    return np.array(found).T
