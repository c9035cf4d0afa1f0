"""Releases of an app: planned, shipped, and brought in from a changelog. Shipping one ships what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from functions.domain.access import Caller
from functions.domain.deadlines import KARACHI
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
)
from functions.domain.topic_decisions import ship
from functions.storage import feedback as feedback_store
from functions.storage import queues
from functions.storage import releases as store
from functions.storage import topics as topic_store
from functions.storage.releases import Release, State
from functions.storage.tables import StaleError
from schemas.releases import ChangedRelease, ChangelogLine, NewRelease, ReleaseOutcome

RELEASE_ID = re.compile(r"r-[0-9a-f]{16}")


def listed(app: str, after: str | None, limit: int) -> tuple[list[Release], str | None]:
    """Newest first, what is still to come before it, and the position to go on from."""
    return store.of_app(app, after=after, limit=limit)


def show(release_id: str) -> Release:
    release = store.get(release_id) if RELEASE_ID.fullmatch(release_id) else None
    if release is None:
        raise NotFound
    return release


def create(caller: Caller, new: NewRelease, own_app: str, now: datetime) -> Release:
    """InvalidRequest where the app has a release of that version; sent twice, the same is the same."""
    app = new.app or own_app
    release = _dated(
        Release(
            release_id=store.id_of(app, new.version),
            app=app,
            version=new.version,
            state=new.state,
            released_on=new.released_on,
            shipped_at=None,
            notes=new.notes,
            changed_at=now,
            changed_by=caller.subject,
        ),
        now,
    )
    if store.create(release):
        return release
    present = show(release.release_id)
    if _said(present) != _said(release):
        raise InvalidRequest(FieldFault("/version", "release_known"))
    return present


def change(
    caller: Caller, release_id: str, wanted: ChangedRelease, now: datetime, if_version: int | None
) -> Release:
    """Its day, notes and state. Shipping it ships the topics in it; sent again, those that were left."""
    present = show(release_id)
    if if_version is not None and if_version != present.row_version:
        raise PreconditionFailed(state=present.state)
    if present.state == "shipped" and wanted.state == "planned":
        raise InvalidRequest(FieldFault("/state", "release_shipped"))
    asked = replace(
        present,
        state=wanted.state,
        released_on=wanted.released_on,
        notes=wanted.notes,
        changed_at=now,
        changed_by=caller.subject,
    )
    changed = _dated(asked, now)
    if _said(changed) != _said(present):
        _write(changed, present)
    if changed.state == "shipped":
        ship_topics(release_id, now)
    return show(release_id)


def take_in(caller: Caller, app: str, lines: Sequence[ChangelogLine], now: datetime) -> list[ReleaseOutcome]:
    """Brings in a changelog; one outcome a line, in order. The same line again is `unchanged`."""
    present = store.many(store.id_of(app, line.version) for line in lines)
    outcomes: list[ReleaseOutcome] = []
    for line in lines:
        release = _of_line(caller, app, line, now)
        outcome = _bring_in(release, present.get(release.release_id), now)
        present[release.release_id] = store.get(release.release_id) or release
        outcomes.append(ReleaseOutcome(release_id=release.release_id, outcome=outcome))
    return outcomes


def ship_topics(release_id: str, now: datetime) -> int:
    """Says of every topic of the release that it is out, and asks for what follows; how many were new.

    Read after the release says that it has shipped: a topic that is put in from then on ships by itself.
    """
    release = show(release_id)
    if not release.topic_ids:
        return 0
    found = topic_store.many(release.topic_ids)
    shipped = sum(ship(topic, release, now) for topic in found.values() if topic.edits.is_listed)
    if release.app in {app for app, _ in feedback_store.apps()}:
        queues.ask_to_regroup(release.app)
    return shipped


def _bring_in(release: Release, present: Release | None, now: datetime) -> str:
    if present is None and store.create(release):
        return "added"
    known = present or show(release.release_id)
    # What has shipped stays so, and a day's start is no better known than the instant that was written down.
    state: State = "shipped" if "shipped" in (release.state, known.state) else "planned"
    is_to_come = state == "shipped" and release.state == "planned"
    released_on = known.released_on if is_to_come else release.released_on
    shipped_at = known.shipped_at if known.released_on == released_on else release.shipped_at
    merged = replace(known, state=state, released_on=released_on, notes=release.notes, shipped_at=shipped_at)
    merged = _dated(merged, now)
    if _said(merged) == _said(known):
        return "unchanged"
    _write(replace(merged, changed_at=now, changed_by=release.changed_by), known)
    if merged.state == "shipped" and known.state != "shipped":
        ship_topics(release.release_id, now)
    return "replaced"


def _of_line(caller: Caller, app: str, line: ChangelogLine, now: datetime) -> Release:
    is_out = line.date <= today(now)
    return _dated(
        Release(
            release_id=store.id_of(app, line.version),
            app=app,
            version=line.version,
            state="shipped" if is_out else "planned",
            released_on=line.date,
            shipped_at=None,
            notes=line.changelog,
            changed_at=now,
            changed_by=caller.subject,
        ),
        now,
    )


def _write(changed: Release, present: Release) -> None:
    try:
        store.change(changed, on_version=present.row_version)
    except StaleError:
        now_there = show(changed.release_id)
        if _said(now_there) != _said(changed):
            raise ChangedMeanwhile(state=now_there.state) from None


def _dated(release: Release, now: datetime) -> Release:
    """With the instant from which texts count as written after it: now, or the start of an earlier day."""
    if release.state == "planned":
        return replace(release, shipped_at=None)
    day = release.released_on or today(now)
    if day > today(now):
        raise InvalidRequest(FieldFault("/released_on", "release_day_to_come"))
    if release.shipped_at and release.shipped_at.astimezone(KARACHI).date() == day:
        return replace(release, released_on=day)
    is_today = day == today(now)
    shipped_at = now if is_today else datetime.combine(day, time.min, KARACHI).astimezone(UTC)
    return replace(release, released_on=day, shipped_at=shipped_at)


def today(now: datetime) -> date:
    return now.astimezone(KARACHI).date()


def _said(release: Release) -> tuple[object, ...]:
    return release.state, release.released_on, release.notes
