"""Stores that give what they are told to; nothing here opens a socket."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from feedback_ml.sources import app_store
from feedback_ml.sources.pages import (
    KeyRefusedError,
    KeyUnfitError,
    Page,
    PositionRefusedError,
    StoreBusyError,
    page_of,
)
from feedback_ml.sources.rows import Accepted, Defaults, Refused
from feedback_ml.text import mask_personal
from functions.domain import feedback, fetching
from functions.domain.errors import SourceOff, UnknownName
from functions.domain.fetching import Configured, fetch_all
from functions.storage import feedback as store
from functions.storage import fetches
from functions.storage.tables import StoreFailureError
from tests import factories
from tests.factories import NOON
from tests.feedback_ml.sources.stores import apple_review

pytestmark = pytest.mark.usefixtures("tables")
NAME, OTHER = "play:pk.khidmat.app", "app_store:pk.khidmat.app"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Store:
    """Reviews newest first, so many a page; `fails` are raised instead of a page, in turn."""

    rows: list = field(default_factory=list)
    name: str = NAME
    app: str = "pk.khidmat.app"
    newest_first: bool = True
    days_kept: int | None = None
    rows_a_page: int = 2
    fails: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def page(self, position):
        self.asked.append(position)
        if position in self.fails:
            raise self.fails.pop(position)
        start = int(position or 0)
        rows = sorted(self.rows, key=lambda row: row.written_at, reverse=True)[
            start : start + self.rows_a_page
        ]
        ends = start + self.rows_a_page >= len(self.rows)
        found = [Accepted(self.name, n, row) for n, row in enumerate(rows, start=1)]
        return page_of(found, "" if ends else str(start + self.rows_a_page))


def reviews(count, at=NOON):
    return [
        factories.feedback(
            n, written_at=at - n * HOUR, revised_at=at - n * HOUR, text=f"The code {n} times late"
        )
        for n in range(count)
    ]


def take(records):
    return feedback.take_in(records, lambda _: factories.labels(), mask_personal, NOON)


def run(*stores, now=NOON, off=(), has_time=lambda: True, take=take):
    configured = [Configured(each.name, lambda each=each: each) for each in stores]
    return fetch_all(configured, off, take, feedback.compare, now, has_time)


def row(name=NAME):
    return {each.name: each for each in fetches.rows()}[name]


def stored(app="pk.khidmat.app"):
    return sorted(each.feedback.external_id for each in store.of_app(app))


def test_a_first_run_takes_everything_in_and_remembers_how_far_it_came():
    done = run(Store(reviews(5)))

    assert (done.read, done.failed) == (1, 0)
    assert len(stored()) == 5
    assert (row().state, row().cursor, row().position) == ("read", NOON, "")
    told = row().report
    assert (told.read, told.added, told.refused, told.finished) == (5, 5, 0, True)


def test_nothing_is_read_again_before_six_hours_are_over():
    reading = Store(reviews(1))
    run(reading)
    run(reading, now=NOON + 5 * HOUR)
    assert len(reading.asked) == 1

    run(reading, now=NOON + 6 * HOUR)
    assert len(reading.asked) == 2


def test_a_later_run_stops_at_the_cursor_and_adds_what_is_new():
    reading = Store(reviews(9, NOON - 10 * DAY))
    run(reading, now=NOON - 10 * DAY)
    reading.rows += [factories.feedback(100, written_at=NOON)]
    reading.asked.clear()
    # All others are older than the cursor by more than the overlap but for those of its last day.
    run(reading)

    assert row().report.added == 1
    assert row().cursor == NOON
    assert len(stored()) == 10


def test_what_lies_before_the_overlap_is_not_asked_for_again():
    reading = Store([factories.feedback(n, written_at=NOON - n * DAY) for n in range(10)])
    run(reading)
    reading.asked.clear()
    run(reading, now=NOON + 6 * HOUR)

    assert reading.asked == ["", "2"]
    assert (row().report.unchanged, row().report.passed_over) == (2, 2)


def test_the_same_run_again_doubles_nothing():
    for hours in (0, 6, 12):
        run(Store(reviews(5)), now=NOON + hours * HOUR)

    assert len(stored()) == 5
    assert row().report.unchanged == 5


def test_an_edited_review_replaces_itself_and_keeps_what_it_said():
    first = reviews(1)[0]
    run(Store([first]))
    edited = first.model_copy(update={"text": "Now it works", "revised_at": NOON + HOUR})
    run(Store([edited]), now=NOON + 6 * HOUR)
    (kept,) = store.of_app("pk.khidmat.app")

    assert (kept.feedback.text, kept.revisions[0]["text"]) == ("Now it works", first.text)
    assert row().report.replaced == 1


def test_an_older_page_of_the_app_store_does_not_bring_the_old_words_back():
    old = app_store.feedback(apple_review(1, NOON), Defaults("pk.khidmat.app", NOON))
    new = app_store.feedback(apple_review(1, NOON + HOUR, body="Mended"), Defaults("pk.khidmat.app", NOON))
    outcomes = [take([record])[0].outcome for record in (old, new, old, new)]
    (kept,) = store.of_app("pk.khidmat.app")

    assert outcomes == ["added", "replaced", "unchanged", "unchanged"]
    assert (kept.feedback.text, kept.feedback.written_at) == ("Mended", NOON)


@pytest.mark.parametrize("crash_at", ["2", "4"])
def test_a_run_that_died_between_pages_goes_on_where_it_was(crash_at):
    reading = Store(reviews(6), fails={crash_at: Crash()})
    with pytest.raises(Crash):
        run(reading)
    assert (row().state, row().position) == ("running", crash_at)

    # What is written meanwhile lies on top, and every position moves by it.
    reading.rows.append(factories.feedback(50, written_at=NOON + HOUR))
    run(reading, now=NOON + HOUR)

    assert len(stored()) == 7
    assert (row().state, row().cursor, row().position) == ("read", NOON + HOUR, "")


def test_a_page_that_was_stored_and_not_remembered_comes_again_and_changes_nothing():
    reading, crashed = Store(reviews(6)), []

    def dying(records):
        outcomes = take(records)
        if not crashed:
            crashed.append(True)
            raise Crash
        return outcomes

    with pytest.raises(Crash):
        run(reading, take=dying)
    run(reading, now=NOON + HOUR)

    assert len(stored()) == 6
    assert (row().report.added, row().report.unchanged) == (4, 2)


def test_a_position_that_the_store_forgot_begins_again():
    reading = Store(reviews(6), fails={"4": Crash()})
    with pytest.raises(Crash):
        run(reading)
    reading.fails = {"4": PositionRefusedError()}
    run(reading, now=NOON + HOUR)

    assert len(stored()) == 6
    assert row().state == "read"


def test_a_first_page_that_is_refused_is_a_failure():
    run(Store(reviews(1), fails={"": PositionRefusedError()}))

    assert (row().state, row().problem) == ("failed", "position_refused")


def test_a_run_out_of_time_goes_on_in_the_next_tick():
    left = [False, True]
    reading = Store(reviews(6))
    run(reading, has_time=lambda: left.pop() if left else False)
    assert (row().state, row().report.finished) == ("running", False)

    run(reading, now=NOON + HOUR)
    assert (row().state, len(stored())) == ("read", 6)


def test_one_store_that_fails_does_not_stop_the_other():
    failing = Store(fails={"": StoreBusyError()})
    done = run(failing, Store(reviews(2), name=OTHER))

    assert (done.read, done.failed) == (1, 1)
    assert (row().state, row().problem, row(OTHER).state) == ("failed", "store_busy", "read")
    assert len(stored()) == 2


def test_what_was_read_before_a_failure_stays_and_is_not_lost_sight_of():
    reading = Store(reviews(6), fails={"2": KeyRefusedError()})
    run(reading)
    assert (row().state, row().position, row().cursor, row().report.added) == ("failed", "2", None, 2)

    run(reading, now=NOON + HOUR)
    assert (row().state, row().problem, len(stored())) == ("read", "", 6)


def test_a_failure_is_tried_again_after_an_hour_and_not_before():
    reading = Store(fails={"": StoreBusyError()})
    run(reading)
    run(reading, now=NOON + HOUR / 2)
    assert len(reading.asked) == 1

    run(reading, now=NOON + HOUR)
    assert (len(reading.asked), row().state) == (2, "read")


def test_our_own_fault_is_told_by_no_words_of_its_own(monkeypatch):
    def failing(_):
        raise StoreFailureError("somebody's text")

    done = run(Store(reviews(1)), take=failing)

    assert (done.failed, row().problem) == (1, "internal")


def test_a_key_that_cannot_be_read_costs_that_store_alone():
    def unfit():
        raise KeyUnfitError

    done = fetch_all([Configured(NAME, unfit)], (), take, feedback.compare, NOON)

    assert (done.failed, row().problem) == (1, "key_unfit")


def test_a_store_that_gives_the_same_page_for_ever_is_given_up():
    class Round(Store):
        def page(self, position):
            return Page((), "again")

    run(Round())

    assert (row().state, row().problem) == ("failed", "answer_broken")


def test_refused_rows_are_kept_with_their_number_and_reason():
    class Mixed(Store):
        def page(self, position):
            self.asked.append(position)
            if not position:
                return Page((Refused(NAME, 1, "column 'rating': 9 is not 1 to 5"),), "1")
            return Page(tuple(Refused(NAME, n, "no text") for n in range(1, 80)), "")

    run(Mixed())
    told = row().report

    assert (told.read, told.refused, len(told.refusals)) == (80, 80, fetching.REFUSALS_KEPT)
    assert told.refusals[:2] == ((1, "column 'rating': 9 is not 1 to 5"), (2, "no text"))


def test_a_review_dated_in_the_future_hides_nothing_that_comes_before_it():
    run(Store([factories.feedback(1, written_at=NOON.replace(year=2099))]))

    assert row().cursor == NOON


def test_an_empty_store_leaves_no_cursor():
    run(Store())

    assert (row().state, row().cursor, row().report.read) == ("read", None, 0)


def test_a_store_that_shows_a_week_says_since_when_reviews_may_be_missing():
    reading = Store(days_kept=7, newest_first=False)
    run(reading)
    run(reading, now=NOON + 7 * DAY)
    assert row().missed_since is None

    run(reading, now=NOON + 15 * DAY)
    assert row().missed_since == NOON + 7 * DAY


def test_a_store_in_no_order_is_read_to_its_end():
    reading = Store([factories.feedback(n, written_at=NOON - n * DAY) for n in range(6)], newest_first=False)
    run(reading)
    reading.asked.clear()
    run(reading, now=NOON + 6 * HOUR)

    assert reading.asked == ["", "2", "4"]


def test_stores_that_are_not_set_up_say_so():
    run(off=("app_store", "play"))
    assert {each.name: each.state for each in fetches.rows()} == {"app_store": "off", "play": "off"}

    run(Store(), off=("app_store",))
    assert row("play").state == "off"
    run(off=("play", "app_store"), now=NOON + HOUR)
    assert row().state == "off"


def test_a_store_is_listed_by_its_apps_or_by_its_own_name_where_none_is_set_up():
    assert [(each.name, each.state) for each in fetching.listed()] == [("app_store", "off"), ("play", "off")]
    run(off=("play", "app_store"))
    run(Store(), off=("app_store",), now=NOON + HOUR)

    assert [(each.name, each.state) for each in fetching.listed()] == [("app_store", "off"), (NAME, "read")]


def test_a_dry_run_says_what_a_run_would_do_and_stores_nothing():
    reading = Store(reviews(3))
    fetches.save(fetches.Fetch(NAME, state="read", begun_at=NOON))
    fetching.ask(NAME, "dry_run", NOON)
    run(reading)

    assert stored() == []
    assert (row().rehearsal.added, row().rehearsal.finished, row().asked) == (3, True, "")
    assert (row().cursor, row().position, row().report) == (None, "", None)


def test_a_dry_run_that_fails_says_why():
    fetches.save(fetches.Fetch(NAME, state="read", begun_at=NOON))
    fetching.ask(NAME, "dry_run", NOON)
    run(Store(fails={"": KeyRefusedError()}))

    assert (row().state, row().problem, row().asked) == ("read", "key_refused", "")


def test_a_run_that_was_asked_for_is_made_before_its_time():
    reading = Store(reviews(1))
    run(reading)
    fetching.ask(NAME, "run", NOON + HOUR)
    run(reading, now=NOON + HOUR)

    assert (len(reading.asked), row().asked) == (2, "")


def test_what_is_asked_for_during_a_run_is_not_forgotten():
    reading = Store(reviews(1))
    run(reading)
    fetching.ask(NAME, "run", NOON + HOUR)

    def asking(records):
        fetching.ask(NAME, "dry_run", NOON + 2 * HOUR)
        return take(records)

    run(reading, now=NOON + HOUR, take=asking)

    assert (row().asked, row().asked_at) == ("dry_run", NOON + 2 * HOUR)


def test_only_a_source_that_is_set_up_can_be_asked_for():
    with pytest.raises(UnknownName):
        fetching.ask("play:nobody", "run", NOON)
    run(off=("play",))
    with pytest.raises(SourceOff):
        fetching.ask("play", "run", NOON)


def test_without_time_nothing_is_begun():
    done = run(Store(reviews(1)), has_time=lambda: False)

    assert (done.waiting, fetches.rows()) == (1, [])


def test_a_row_is_read_as_it_was_written():
    whole = fetches.Fetch(
        NAME, "failed", NOON, "9", NOON, NOON, NOON, NOON, NOON, "internal",
        fetches.RunReport(NOON, 1, 2, 3, 4, 5, 6, ((1, "کیوں"),), True), fetches.RunReport(NOON),
    )  # fmt: skip
    fetches.save(whole)

    assert row() == whole
    fetches.save(replace(whole, problem="", report=None, cursor=None))
    assert (row().problem, row().report, row().cursor) == ("", None, None)


def test_comparing_counts_a_text_that_comes_twice_once():
    first = factories.feedback(1)
    edited = first.model_copy(update={"text": "Another"})
    told = feedback.compare([first, first, edited, factories.feedback(2)])

    assert [each.outcome for each in told] == ["added", "unchanged", "replaced", "added"]
    assert stored() == []


def test_a_dry_run_asked_for_when_a_run_is_due_is_kept_as_well():
    run(Store(reviews(3)))
    fetching.ask(NAME, "dry_run", NOON)
    run(Store(reviews(3)), now=NOON + 7 * HOUR)

    assert row().rehearsal is not None
    assert (row().asked, row().report.at) == ("", NOON + 7 * HOUR)
