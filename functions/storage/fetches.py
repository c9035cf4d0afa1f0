"""How far the reading of each app store has come: one row an app and store, in one small partition.

What is asked for and what a run says are different attributes: neither writes over the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, cast

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant

FETCH = "fetch"
FetchState = Literal["off", "never_run", "running", "read", "failed"]
Asked = Literal["", "run", "dry_run"]


class FetchItem(Table):
    noun = "sources"

    class Meta(TableMeta):
        pass

    kind = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True, attr_name="app")
    state = UnicodeAttribute(null=True)
    cursor = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    begun_at = UnicodeAttribute(null=True)
    ended_at = UnicodeAttribute(null=True)
    succeeded_at = UnicodeAttribute(null=True)
    missed_since = UnicodeAttribute(null=True)
    problem = UnicodeAttribute(null=True)
    report = UnicodeAttribute(null=True)
    rehearsal = UnicodeAttribute(null=True)
    asked = UnicodeAttribute(null=True)
    asked_at = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class RunReport:
    """Counts of rows of one run, and why those that were refused were: (row, reason), the first ones."""

    at: datetime
    read: int = 0
    passed_over: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: tuple[tuple[int, str], ...] = ()
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """`cursor`: all up to here was read. `position`, `pending`: of a walk that goes on in the next run."""

    name: str
    state: FetchState = "never_run"
    cursor: datetime | None = None
    position: str = ""
    pending: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    succeeded_at: datetime | None = None
    missed_since: datetime | None = None
    """Since when reviews may be missing that the store's API no longer gives."""
    problem: str = ""
    report: RunReport | None = None
    rehearsal: RunReport | None = None
    """The last dry run."""
    asked: Asked = ""
    asked_at: datetime | None = None


INSTANTS = ("cursor", "pending", "begun_at", "ended_at", "succeeded_at", "missed_since", "asked_at")
REPORTS = ("report", "rehearsal")
BY_REQUEST = frozenset({"name", "asked", "asked_at"})


def rows() -> list[Fetch]:
    """Every app and store there ever was, by name."""
    with named_failures():
        return [_fetch(item) for item in FetchItem.query(FETCH, consistent_read=True)]


def save(row: Fetch) -> None:
    """Writes what a run found; what was asked for in the meantime stays."""
    attributes = FetchItem.get_attributes()
    actions: list[Action] = []
    for each in fields(Fetch):
        if each.name in BY_REQUEST:
            continue
        value = _written(each.name, getattr(row, each.name))
        actions.append(attributes[each.name].set(value) if value else attributes[each.name].remove())
    with named_failures():
        FetchItem(FETCH, row.name).update(actions)


def ask(name: str, asked: Asked, now: datetime) -> bool:
    """Puts down that a run is wanted; False where there is no such app or it is off."""
    wanted: list[Action] = [FetchItem.asked.set(asked), FetchItem.asked_at.set(instant_key(now))]
    is_on = FetchItem.name.exists() & (FetchItem.state != "off")
    try:
        with named_failures():
            FetchItem(FETCH, name).update(wanted, condition=is_on)
    except StaleError:
        return False
    return True


def answered(row: Fetch) -> None:
    """Takes back what was asked for, unless it was asked for again since it was read."""
    if row.asked_at is None:
        return
    nothing: list[Action] = [FetchItem.asked.remove(), FetchItem.asked_at.remove()]
    try:
        with named_failures():
            FetchItem(FETCH, row.name).update(
                nothing, condition=FetchItem.asked_at == instant_key(row.asked_at)
            )
    except StaleError:
        return


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in INSTANTS:
        return instant_key(value)
    if name not in REPORTS:
        return str(value)
    said = {each.name: getattr(value, each.name) for each in fields(RunReport)}
    return json.dumps(said | {"at": instant_key(value.at)}, ensure_ascii=False)


def _fetch(item: FetchItem) -> Fetch:
    read: dict[str, Any] = {each.name: getattr(item, each.name) or "" for each in fields(Fetch)}
    read |= {name: read_instant(text) if (text := read[name]) else None for name in INSTANTS}
    read |= {name: _report(text) if (text := read[name]) else None for name in REPORTS}
    read["state"] = cast("FetchState", read["state"] or "never_run")
    return Fetch(**read)


def _report(text: str) -> RunReport:
    said = json.loads(text)
    refusals = tuple((int(row), str(reason)) for row, reason in said["refusals"])
    return RunReport(**said | {"at": read_instant(said["at"]), "refusals": refusals})
