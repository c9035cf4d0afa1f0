"""Use cases of the audit: a day's root, the verification of everything, one case's entries for an auditor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from functions.domain import complaints
from functions.domain.access import Caller, Permission
from functions.domain.deadlines import KARACHI
from functions.domain.history import GENESIS, first_broken, first_changed
from functions.domain.ledger import (
    Bad,
    Root,
    digest_of_root,
    first_bad_copy,
    first_bad_item,
    first_bad_root,
    first_not_copied,
    follow,
    follow_line,
    read_root,
    root_of,
    signed,
)
from functions.domain.officers import POSTINGS, facts_of
from functions.storage import cases, ledger, officers
from functions.storage.history import read_history
from functions.storage.keyring import keyring
from functions.storage.ledger import Copy
from schemas.cases import Case, Entry
from schemas.ledger import Line

COPIED_WITHIN = timedelta(hours=2)
"""An entry that is older than this and still not in the ledger was passed by."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What an item comes to that was written by somebody who did not know its form."""
PAGE = 50
Tell = Callable[[str], None]


def entries_of(
    caller: Caller, reference: str, position: str | None, now: datetime
) -> tuple[Case, list[Entry], int | None, str | None]:
    """(The case, a page of its entries, the first that does not follow, the position to go on from).

    NotFound for an auditor it is about; the reading of a restricted case's audit is itself put on record.
    """
    shown = complaints.show(caller, reference, Permission.AUDIT_READ)
    case = complaints.recorded(caller, shown, now, "audit_read", permission=Permission.AUDIT_READ)
    entries = complaints.whole_history(case)
    since = int(position) if position else 0
    page = [entry for entry in entries if entry.sequence > since][: PAGE + 1]
    following = str(page[PAGE - 1].sequence) if len(page) > PAGE else None
    return case, page[:PAGE], first_broken(entries), following


def seal(now: datetime) -> list[date]:
    """Makes the root of every day that is over and has none yet; answers those days. Idempotent."""
    today = now.astimezone(KARACHI).date()
    sealed = [(copy.day, copy) for copy in ledger.roots() if copy.day and copy.day < today]
    days, _ = ledger.days()
    previous = digest_of_root(ledger.read(sealed[-1][1])) if sealed else GENESIS
    following = sealed[-1][0] + timedelta(days=1) if sealed else min(days, default=today)
    made = list(_days(following, today))
    for day in made:
        ledger.put_root(day, signed(root_of(day, previous, _lines_of(day)), keyring().ledger))
        # Read back: another run may have been first, and the one that is there is the one that counts.
        previous = digest_of_root(ledger.root(day) or "")
    return made


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((end - first).days))


def _lines_of(day: date) -> list[Line]:
    return [line for copy in ledger.copies_of(day) for line in ledger.read_lines(copy)]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at: days with a root, copies, chains; and the first thing that is wrong."""

    days: int
    copies: int
    chains: int
    bad: Bad | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified.

    `only`: one subject, such as case:KH-2345-6789-A. `since`: the first day whose objects are read; what
    went before is taken from the signed roots. `items`: whether the items themselves are compared.
    """

    items: bool = True
    only: str = ""
    since: date = date.min


EVERYTHING = Asked()


@dataclass(slots=True)
class _Walk:
    """The ledger as far as it was read: digests by subject, and nothing else of the copies is kept."""

    asked: Asked
    copies: int = 0
    chains: dict[str, list[str]] = field(default_factory=dict)

    def chain(self, subject: str) -> list[str] | None:
        if self.asked.only not in ("", subject):
            return None
        return self.chains.setdefault(subject, [])


def verify(now: datetime, asked: Asked = EVERYTHING, tell: Tell = lambda _: None) -> Verified:
    """Roots, copies, chains and the chains in the items themselves; stops at the first fault."""
    today = now.astimezone(KARACHI).date()
    roots = ledger.roots()
    walk = _Walk(asked)
    tell(f"{len(roots)} roots")
    bad = _bad_roots(roots, today) or _bad_days(roots, walk, tell)
    if bad is None and asked.items:
        tell(f"{len(walk.chains)} chains")
        bad = _bad_items(walk.chains, now)
    return Verified(len(roots), walk.copies, len(walk.chains), bad)


def _bad_roots(roots: Sequence[Copy], today: date) -> Bad | None:
    days, strays = ledger.days()
    replaced = [root.name for root in roots if root.replaced]
    strays += [root.name for root in roots if root.day is None]
    if replaced or strays:
        return Bad("copy_replaced" if replaced else "copy_not_rooted", where=(replaced + strays)[0])
    known = [(root.day, root) for root in roots if root.day]
    first = min([*days, *(day for day, _ in known)], default=today)
    return first_bad_root(((day, ledger.read(root)) for day, root in known), keyring().ledger, first, today)


def _bad_days(roots: Sequence[Copy], walk: _Walk, tell: Tell) -> Bad | None:
    sealed = {root.day: root for root in roots}
    days, _ = ledger.days()
    for day in sorted({*days, *(day for day in sealed if day)}):
        tell(f"copies of {day.isoformat()}")
        root = read_root(ledger.read(sealed[day]), keyring().ledger) if day in sealed else None
        bad = _bad_listed(root, walk) if root and day < walk.asked.since else _bad_day(day, root, walk)
        if bad:
            return bad
    return None


def _bad_listed(root: Root, walk: _Walk) -> Bad | None:
    for subject, sequence, digest in root.entries:
        chain = walk.chain(subject)
        bad = follow(chain, subject, sequence, digest) if chain is not None else None
        if bad:
            return bad
    return None


def _bad_day(day: date, root: Root | None, walk: _Walk) -> Bad | None:
    lines: list[Line] = []
    for copy in ledger.copies_of(day):
        if copy.replaced:
            return Bad("copy_replaced", where=copy.name)
        lines += ledger.read_lines(copy)
    walk.copies += len(lines)
    bad = first_bad_copy(root, lines) if root else None
    if bad:
        return bad
    for line in lines:
        chain = walk.chain(line.subject)
        bad = follow_line(chain, line) if chain is not None else None
        if bad:
            return bad
    return None


def _bad_items(chains: dict[str, list[str]], now: datetime) -> Bad | None:
    return next(filter(None, (_bad_item(subject, copied, now) for subject, copied in chains.items())), None)


def _bad_item(subject: str, copied: Sequence[str], now: datetime) -> Bad | None:
    try:
        chain = chain_of(subject)
        bad = first_bad_item(subject, copied, chain) or first_not_copied(
            subject, copied, chain or (), now - COPIED_WITHIN
        )
        return bad or (_differs(subject, chain) if chain else None)
    except UNREADABLE:
        return Bad("item_unreadable", subject, 1)


def _differs(subject: str, chain: Sequence[Entry]) -> Bad | None:
    """Whether the row says other than its chain: what a case was lodged as, what an officer was made."""
    kind, _, name = subject.partition(":")
    if kind == "case":
        case = cases.get(name)
        sequence = first_changed(case, chain) if case else None
        return Bad("row_differs", subject, sequence) if sequence else None
    officer = officers.get(name, consistent=True)
    posts = [entry for entry in chain if entry.action in POSTINGS]
    if officer is None or not posts or dict(posts[-1].facts) == facts_of(officer):
        return None
    return Bad("row_differs", subject, posts[-1].sequence)


def chain_of(subject: str) -> tuple[Entry, ...] | None:
    """The chain in the item itself; None when the item is not there."""
    kind, _, name = subject.partition(":")
    if kind == "case":
        case = cases.get(name)
        return complaints.whole_history(case) if case else None
    officer = officers.get(name, consistent=True)
    return read_history(officer.history) if officer else None
