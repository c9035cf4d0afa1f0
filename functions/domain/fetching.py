"""Reviews fetched from the app stores: each page taken in before the next is asked for, then remembered.

A run that is cut short goes on from the page it had come to; a page that was taken in and not remembered
comes again and changes nothing. Where a walk was resumed it is walked once more from the top: what came on
top of it meanwhile would be missed otherwise. A store that fails stops no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from feedback_ml.sources.pages import AnswerBrokenError, Page, PositionRefusedError, ReviewStore, StoreError
from feedback_ml.sources.rows import Accepted
from functions.domain.errors import SourceOff, UnknownName
from functions.storage import fetches
from functions.storage.fetches import Asked, Fetch, RunReport
from schemas.feedback import Feedback
from schemas.topics import ImportOutcome

STORES = ("app_store", "play")
EVERY = timedelta(hours=6)
AGAIN_AFTER_FAILURE = timedelta(hours=1)
OVERLAP = timedelta(days=1)
"""Before the cursor: stores show what was changed late, and not always in order."""
REFUSALS_KEPT = 50
MOST_PAGES = 2_000
Take = Callable[[Sequence[Feedback]], list[ImportOutcome]]
HasTime = Callable[[], bool]
T = TypeVar("T")
log = logging.getLogger("khidmat")


@dataclass(frozen=True, slots=True)
class Configured:
    """An app and store that is set up; `open` makes its connection, or raises StoreError for an unfit key."""

    name: str
    open: Callable[[], ReviewStore]


@dataclass(frozen=True, slots=True)
class Fetched:
    read: int = 0
    failed: int = 0
    waiting: int = 0


def listed() -> list[Fetch]:
    """Each app in each store, by name; a store of which no app is set up stands under its own name."""
    rows = {row.name: row for row in fetches.rows()}
    on = {name.partition(":")[0] for name, row in rows.items() if ":" in name and row.state != "off"}
    for store in STORES:
        rows.setdefault(store, Fetch(store, state="off"))
    return [row for name, row in sorted(rows.items()) if name not in on]


def ask(name: str, asked: Asked, now: datetime) -> None:
    """Has a run made by the next tick. UnknownName for no such source, SourceOff for one not set up."""
    known = {row.name: row for row in fetches.rows()}
    if name not in known:
        raise UnknownName(name="name")
    if known[name].state == "off" or not fetches.ask(name, asked, now):
        raise SourceOff(name=name)


def fetch_all(
    configured: Sequence[Configured], off: Sequence[str], take: Take, compare: Take, now: datetime,
    has_time: HasTime = lambda: True,
) -> Fetched:  # fmt: skip
    """Fetches what is due or was asked for; `off` are names of stores that are not set up.

    `take` stores records, `compare` only says what storing them would do.
    """
    known = {row.name: row for row in fetches.rows()}
    _say_off(known, {each.name for each in configured}, off)
    read = failed = waiting = 0
    for each in configured:
        row = known.get(each.name, Fetch(each.name))
        if row.asked == "dry_run":
            row = _rehearse(each, row, compare, now, has_time)
            fetches.answered(row)
        if not is_due(row, now):
            continue
        if not has_time():
            waiting += 1
            continue
        ended = _run(each, row, take, now, has_time)
        fetches.answered(row)
        read, failed = read + (ended.state != "failed"), failed + (ended.state == "failed")
    return Fetched(read, failed, waiting)


def is_due(row: Fetch, now: datetime) -> bool:
    """Whether it is time again: asked for, cut short, or long enough after the last run began."""
    if row.asked == "run" or row.begun_at is None or row.state in {"off", "never_run"}:
        return True
    if row.state == "failed":
        return now - row.begun_at >= AGAIN_AFTER_FAILURE
    return row.state == "running" or now - row.begun_at >= EVERY


def _say_off(known: dict[str, Fetch], on: set[str], off: Sequence[str]) -> None:
    for name in sorted({*off, *known} - on):
        row = known.get(name, Fetch(name))
        if name not in known or row.state != "off":
            fetches.save(replace(row, state="off"))


def _rehearse(each: Configured, row: Fetch, compare: Take, now: datetime, has_time: HasTime) -> Fetch:
    """The row with a dry run: what would be taken in from the cursor on; nothing else changes."""
    from_cursor = replace(row, position="", pending=None)

    def rehearse() -> RunReport:
        walk = _Walk(each.open(), from_cursor, compare, now, has_time, lambda _: None)
        walk.go()
        return walk.report

    report, problem = _attempted(each.name, rehearse)
    told = replace(row, rehearsal=report) if report else replace(row, problem=problem)
    fetches.save(told)
    return told


def _run(each: Configured, row: Fetch, take: Take, now: datetime, has_time: HasTime) -> Fetch:
    begun = replace(row, state="running", begun_at=now, problem="")
    latest = [begun]

    def remember(changed: Fetch) -> None:
        latest.append(changed)
        fetches.save(changed)

    def run() -> Fetch:
        store = each.open()
        return _Walk(store, _with_gap(begun, store, now), take, now, has_time, remember).go_all()

    fetches.save(begun)
    ended, problem = _attempted(each.name, run)
    if ended is None:
        ended = replace(latest[-1], state="failed", ended_at=now, problem=problem)
    fetches.save(ended)
    if (told := ended.report) is not None and told.at == now:
        log.info(
            "reviews fetched",
            extra={"source": each.name, "read": told.read, "added": told.added, "replaced": told.replaced,
                   "refused": told.refused, "finished": told.finished},
        )  # fmt: skip
    return ended


def _attempted(name: str, what: Callable[[], T]) -> tuple[T | None, str]:
    """(What came of it, "") or (None, what went wrong): whatever it is, the other stores are read."""
    try:
        return what(), ""
    except StoreError as error:
        log.warning("reviews not fetched", extra={"source": name, "problem": error.kind})
        return None, error.kind
    except Exception:
        log.exception("reviews not fetched", extra={"source": name})
        return None, "internal"


def _with_gap(row: Fetch, store: ReviewStore, now: datetime) -> Fetch:
    """A store that shows some days alone has lost what came between them and the last good run."""
    if store.days_kept is None or row.succeeded_at is None:
        return row
    is_gap = now - row.succeeded_at > timedelta(days=store.days_kept)
    return replace(row, missed_since=row.missed_since or row.succeeded_at) if is_gap else row


class _Walk:
    """One reading of a store, page after page; `row` is what is remembered of it so far."""

    def __init__(
        self, store: ReviewStore, row: Fetch, take: Take, now: datetime, has_time: HasTime,
        save: Callable[[Fetch], None],
    ) -> None:  # fmt: skip
        self.store, self.row, self.take, self.now = store, row, take, now
        self.has_time, self.save = has_time, save
        self.report = RunReport(at=now)
        self.since = row.cursor - OVERLAP if row.cursor else None

    def go_all(self) -> Fetch:
        """The row after the run: to the end, and where it began in the middle once more from the top."""
        resumed = bool(self.row.position)
        ended = self.go()
        if ended and resumed:
            ended = self.go()
        state = replace(self.row, report=self.report, ended_at=self.now)
        return replace(state, state="read", succeeded_at=self.now) if ended else state

    def go(self) -> bool:
        """Whether the end was reached; False when time ran out first."""
        for _ in range(MOST_PAGES):
            page = self._page()
            self._take(page)
            if not page.following or self._is_past(page):
                self._finish()
                return True
            if page.following == self.row.position:
                raise AnswerBrokenError("the same page again")
            self.row = replace(self.row, position=page.following, report=self.report)
            self.save(self.row)
            if not self.has_time():
                return False
        return False

    def _page(self) -> Page:
        try:
            return self.store.page(self.row.position)
        except PositionRefusedError:
            if not self.row.position:
                raise
            # A position ends with time; what was read before it comes again and changes nothing.
            self.row = replace(self.row, position="")
            return self.store.page("")

    def _is_past(self, page: Page) -> bool:
        if not self.store.newest_first or self.since is None:
            return False
        return page.oldest is not None and page.oldest < self.since

    def _take(self, page: Page) -> None:
        found = [row for row in page.rows if isinstance(row, Accepted)]
        refused = [row for row in page.rows if not isinstance(row, Accepted)]
        records = [row.feedback for row in found if self._is_new(row.feedback)]
        outcomes = [each.outcome for each in self.take(records)] if records else []
        told = self.report
        kept = [(told.read + row.line, row.reason) for row in refused]
        self.report = replace(
            told,
            read=told.read + len(page.rows),
            passed_over=told.passed_over + len(found) - len(records),
            added=told.added + outcomes.count("added"),
            replaced=told.replaced + outcomes.count("replaced"),
            unchanged=told.unchanged + outcomes.count("unchanged"),
            refused=told.refused + len(refused),
            refusals=(*told.refusals, *kept)[:REFUSALS_KEPT],
        )
        if page.newest is not None:
            # An instant to come would hide whatever is written until then.
            newest = min(page.newest, self.now)
            self.row = replace(self.row, pending=max(newest, self.row.pending or newest))

    def _is_new(self, record: Feedback) -> bool:
        return self.since is None or (record.revised_at or record.written_at) >= self.since

    def _finish(self) -> None:
        known = [at for at in (self.row.cursor, self.row.pending) if at is not None]
        self.report = replace(self.report, finished=True)
        self.row = replace(self.row, cursor=max(known, default=None), position="", pending=None)
