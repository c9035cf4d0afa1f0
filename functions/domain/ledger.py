"""The audit ledger: what the chains said when they were written, and whether they still say it. Pure.

Every entry of every chain is copied to a store that no role can change, and each day's copies are listed in
a root that is signed and chained to the root of the day before. So an entry that was changed, taken out, put
in or moved, in a chain or in the copies, stands against at least one record that was not changed with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from functions.domain.history import GENESIS, digest_of, entry_digest
from schemas.cases import Entry
from schemas.ledger import Line

Fault = Literal[
    "root_missing",
    "root_forged",
    "root_chain_broken",
    "copy_replaced",
    "copy_missing",
    "copy_out_of_order",
    "copy_not_rooted",
    "copy_unreadable",
    "entry_removed",
    "entry_rewritten",
    "entry_missing",
    "entry_out_of_order",
    "entry_changed",
    "item_missing",
    "row_differs",
    "item_unreadable",
    "item_shorter",
    "item_differs",
    "item_not_copied",
]
ALGORITHM = "ES256"
Listed = tuple[str, int, str]
"""Subject, sequence and digest: a copy as a root lists it; a mark and a space may stand before the digest."""
MARKED_FAULTS: dict[str, Fault] = {"removed": "entry_removed", "unreadable": "copy_unreadable"}
MARKED = tuple(f"{mark} " for mark in MARKED_FAULTS)


class RootRegistry(jws.JWSRegistry):
    """A root may be long: joserfc takes 128 KB, which is some 1,300 entries; this takes a million."""

    max_payload_length = 150_000_000


@dataclass(frozen=True, slots=True)
class Root:
    """One day's copies: [subject, sequence, digest] in the order they were written; and the root before."""

    day: date
    previous: str
    entries: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Bad:
    """The first thing found wrong; `subject` is "" where a root or object is at fault, named by `where`."""

    fault: Fault
    subject: str = ""
    sequence: int = 0
    where: str = ""


def lines_of_change(
    subject: str, old: Sequence[Entry], new: Sequence[Entry], *, moved: bool = False
) -> list[Line]:
    """What a change of an item adds to the ledger.

    Entries that are new, and entries that are not what they were: those stand beside their former copies and
    give the change away. Entries that are gone are named, unless older ones `moved` to an item of their own.
    """
    known = {entry.sequence: entry for entry in old}
    added = [_line(subject, entry) for entry in new if known.get(entry.sequence) != entry]
    if moved:
        return added
    kept = {entry.sequence for entry in new}
    gone = [entry for entry in old if entry.sequence not in kept]
    return added + [_line(subject, entry, removed=True) for entry in gone]


def _line(subject: str, entry: Entry, *, removed: bool = False) -> Line:
    return Line(subject, entry, digest_of(entry.text), removed=removed)


def root_of(day: date, previous: str, lines: Iterable[Line]) -> Root:
    return Root(day, previous, tuple((*line.key, _digest_listed(line)) for line in lines))


def signed(root: Root, key: Mapping[str, Any]) -> str:
    """The root as a compact JWS (RFC 7515), ES256 by the keyring's ledger key."""
    content = {"day": root.day.isoformat(), "previous": root.previous, "entries": root.entries}
    private = ECKey.import_key(dict(key))
    header = {"alg": ALGORITHM, "kid": private.kid}
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return jws.serialize_compact(header, text.encode(), private, registry=_registry())


def read_root(token: str, key: Mapping[str, Any]) -> Root | None:
    """The root, if the ledger key signed it; None otherwise."""
    public = ECKey.import_key({name: value for name, value in key.items() if name != "d"})
    try:
        content = json.loads(jws.deserialize_compact(token, public, registry=_registry()).payload)
        entries = tuple((str(s), int(n), str(d)) for s, n, d in content["entries"])
        return Root(date.fromisoformat(content["day"]), str(content["previous"]), entries)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _registry() -> RootRegistry:
    return RootRegistry(algorithms=[ALGORITHM])


def digest_of_root(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def first_bad_root(
    tokens: Iterable[tuple[date, str]], key: Mapping[str, Any], first_day: date, today: date
) -> Bad | None:
    """Whether every day before today has its root, signed, each following from the one before.

    `tokens`: (day, root), oldest first.
    """
    previous, expected = GENESIS, first_day
    for day, token in tokens:
        if not expected <= day < today:
            return Bad("root_forged", where=day.isoformat())
        if day != expected:
            return Bad("root_missing", where=expected.isoformat())
        root = read_root(token, key)
        if root is None or root.day != day:
            return Bad("root_forged", where=day.isoformat())
        if root.previous != previous:
            return Bad("root_chain_broken", where=day.isoformat())
        previous, expected = digest_of_root(token), day + timedelta(days=1)
    # Yesterday's is made in the night: it may be on its way.
    return Bad("root_missing", where=expected.isoformat()) if expected < today - timedelta(days=1) else None


def first_bad_copy(root: Root, lines: Sequence[Line]) -> Bad | None:
    """Whether a day's copies are those its root lists, in the same order."""
    there = [(*line.key, _digest_listed(line)) for line in lines]
    place = next(
        (n for n, (listed, found) in enumerate(zip(root.entries, there, strict=False)) if listed != found),
        min(len(root.entries), len(there)),
    )
    missing, added = root.entries[place:], there[place:]
    if not missing and not added:
        return None
    return Bad(*_variance(missing, added), root.day.isoformat())


def _variance(missing: Sequence[Listed], added: Sequence[Listed]) -> tuple[Fault, str, int]:
    """What is wrong at the first place where listed and present differ: (fault, subject, sequence)."""
    if not missing:
        return "copy_not_rooted", *added[0][:2]
    if not added:
        return "copy_missing", *missing[0][:2]
    wanted, found = missing[0], added[0]
    if wanted in added and found in missing:
        return "copy_out_of_order", *wanted[:2]
    if wanted in added:
        return "copy_not_rooted", *found[:2]
    return "entry_rewritten" if wanted[:2] == found[:2] else "copy_missing", *wanted[:2]


def follow(copied: list[str], subject: str, sequence: int, digest: str) -> Bad | None:
    """Takes one more copy into what is known of a subject's chain: the digests of its entries, in order.

    The same copy twice is one.
    """
    if digest.startswith(MARKED):
        return Bad(MARKED_FAULTS[digest.partition(" ")[0]], subject, sequence)
    if sequence < 1:
        return Bad("entry_out_of_order", subject, sequence)
    if sequence > len(copied) + 1:
        return Bad("entry_missing", subject, len(copied) + 1)
    if sequence <= len(copied):
        return None if copied[sequence - 1] == digest else Bad("entry_rewritten", subject, sequence)
    copied.append(digest)
    return None


def follow_line(copied: list[str], line: Line) -> Bad | None:
    """As `follow`, for a copy that is at hand whole: its digest is worked out anew."""
    bad = follow(copied, *line.key, _digest_listed(line))
    if bad:
        return bad
    previous = copied[line.entry.sequence - 2] if line.entry.sequence > 1 else GENESIS
    if line.entry.digest != entry_digest(previous, line.entry, line.text_digest):
        return Bad("entry_changed", *line.key)
    return None


def first_bad_item(subject: str, copied: Sequence[str], chain: Sequence[Entry] | None) -> Bad | None:
    """Whether the item's own chain is whole and is what was copied; `chain` None: the item is not there.

    The item may be ahead of the copies by what was written a moment ago, never behind them.
    """
    if chain is None:
        return Bad("item_missing", subject, 1)
    previous = GENESIS
    for place, entry in enumerate(chain, start=1):
        if entry.sequence != place:
            return Bad("entry_missing" if entry.sequence > place else "entry_out_of_order", subject, place)
        if entry.digest != entry_digest(previous, entry):
            return Bad("entry_changed", subject, place)
        if place <= len(copied) and copied[place - 1] != entry.digest:
            return Bad("item_differs", subject, place)
        previous = entry.digest
    return Bad("item_shorter", subject, len(chain) + 1) if len(chain) < len(copied) else None


def first_not_copied(
    subject: str, copied: Sequence[str], chain: Sequence[Entry], before: datetime
) -> Bad | None:
    """An entry older than `before` that was never copied: the copying has stopped, or was passed by."""
    late = next((entry for entry in chain[len(copied) :] if entry.at < before), None)
    return Bad("item_not_copied", subject, late.sequence) if late else None


def _digest_listed(line: Line) -> str:
    mark = next((mark for mark in MARKED_FAULTS if getattr(line, mark)), "")
    return f"{mark} {line.entry.digest}" if mark else line.entry.digest
