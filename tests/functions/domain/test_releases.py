"""Releases, what shipping one ships, and what a changelog brings in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from functions.domain import releases, topic_decisions, topic_undo
from functions.domain.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TransitionNotAllowed,
)
from functions.storage import releases as store
from functions.storage import topic_changes
from functions.storage.tables import StaleError
from schemas.releases import ChangedRelease, ChangelogLine, NewRelease
from schemas.topic_edits import Undo
from schemas.topics import NewDecision
from tests.factories import NOON, OWNER
from tests.topics import APP, CODE, SLIP, about, plainly_grouped, regroup, stored, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings")


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    found = []
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", found.append)
    return found


@pytest.fixture
def topic():
    take_in(CODE * 2)
    take_in(SLIP * 2, first=100)
    regroup()
    return about("otp")


def planned(version="2.4", **more):
    return releases.create(OWNER, NewRelease(version=version, **more), APP, NOON)


def ship(release, now=NOON, released_on=None, if_version=None):
    wanted = ChangedRelease(state="shipped", released_on=released_on, notes=release.notes)
    return releases.change(OWNER, release.release_id, wanted, now, if_version)


def put_in(topic, release, **more):
    new = NewDecision(status="in_release", release_id=release.release_id, **more)
    return topic_decisions.decide(OWNER, topic.row.topic_id, new, NOON, None)


def decide(topic, status, **more):
    return topic_decisions.decide(OWNER, topic.row.topic_id, NewDecision(status=status, **more), NOON, None)


# --- entering and changing


def test_a_release_is_entered_once_however_often_it_is_sent():
    first = planned(notes="Codes by WhatsApp")

    assert planned(notes="Codes by WhatsApp") == first
    assert (first.state, first.shipped_at, first.row_version) == ("planned", None, 1)
    with pytest.raises(InvalidRequest):
        planned(notes="Something else")


def test_releases_of_an_app_come_newest_first_and_what_is_to_come_before_them():
    for version, day in (("2.1", date(2026, 1, 5)), ("2.3", date(2026, 2, 9)), ("2.2", date(2026, 1, 20))):
        planned(version, state="shipped", released_on=day)
    planned("3.0")
    first, position = releases.listed(APP, None, 2)
    rest, end = releases.listed(APP, position, 2)

    assert [each.version for each in (*first, *rest)] == ["3.0", "2.3", "2.2", "2.1"]
    assert end is None


def test_a_release_ships_now_or_at_the_start_of_the_day_it_came_out():
    assert ship(planned("2.4")).shipped_at == NOON
    assert ship(planned("2.5")).released_on == date(2026, 3, 2)
    # The day begins in Karachi, five hours ahead of UTC.
    late = ship(planned("2.6"), released_on=date(2026, 3, 1))
    assert late.shipped_at == datetime(2026, 2, 28, 19, 0, tzinfo=UTC)


def test_no_release_ships_on_a_day_to_come():
    with pytest.raises(InvalidRequest):
        ship(planned(), released_on=date(2026, 3, 3))


def test_what_has_shipped_stays_so_and_its_notes_may_change():
    release = ship(planned())
    with pytest.raises(InvalidRequest):
        releases.change(OWNER, release.release_id, ChangedRelease(state="planned"), NOON, None)
    wanted = ChangedRelease(state="shipped", released_on=release.released_on, notes="Codes arrive")
    changed = releases.change(OWNER, release.release_id, wanted, NOON + timedelta(days=1), None)

    assert (changed.notes, changed.shipped_at) == ("Codes arrive", release.shipped_at)


def test_a_change_on_a_version_that_has_passed_is_refused():
    release = planned()
    ship(release, if_version=1)

    with pytest.raises(PreconditionFailed):
        ship(release, if_version=1)


def test_of_two_changes_at_once_the_second_is_told(monkeypatch):
    release = planned()

    def stale(*_, **__):
        raise StaleError

    monkeypatch.setattr(store, "change", stale)
    with pytest.raises(ChangedMeanwhile):
        ship(release)


@pytest.mark.parametrize("release_id", ["", "r-00000000000000ff", "told#0123", "r-0123456789ABCDEF"])
def test_a_release_nobody_knows_is_not_found(release_id):
    with pytest.raises(NotFound):
        releases.show(release_id)


# --- topics in releases


def test_shipping_a_release_ships_the_topics_in_it_and_asks_for_what_follows(topic, asked):
    release = planned()
    put_in(topic, release)
    asked.clear()
    ship(release)

    row = stored(topic).row
    assert (row.status, row.release_id, row.release_version) == ("shipped", release.release_id, "2.4")
    assert [(d.by, d.status) for d in stored(topic).decisions] == [
        (OWNER.subject, "in_release"), ("release", "shipped"),
    ]  # fmt: skip
    assert asked == [APP]


def test_shipping_again_ships_nothing_twice(topic):
    release = planned()
    put_in(topic, release)
    ship(release)
    ship(release)

    assert [d.status for d in stored(topic).decisions] == ["in_release", "shipped"]


def test_a_topic_put_into_a_release_that_is_out_ships_at_once(topic):
    release = ship(planned())
    shown = put_in(topic, release)

    assert shown.row.status == "shipped"


def test_a_topic_and_its_release_are_tied_together_or_not_at_all(topic, monkeypatch):
    """The release ships between the reading and the tying: the topic must not stay behind in it, unshipped."""
    release = planned()
    write = topic_changes.decide

    def overtaken(changes, also=()):
        monkeypatch.setattr(topic_changes, "decide", write)
        ship(release)
        return write(changes, also)

    monkeypatch.setattr(topic_changes, "decide", overtaken)
    with pytest.raises(ChangedMeanwhile):
        put_in(topic, release)
    assert stored(topic).row.status == "new"
    assert put_in(topic, release).row.status == "shipped"


def test_what_a_crash_left_unshipped_the_next_night_ships(topic, monkeypatch):
    release = planned()
    put_in(topic, release)
    monkeypatch.setattr(releases, "ship_topics", lambda *_: 0)
    ship(release)
    assert stored(topic).row.status == "in_release"

    regroup()
    assert stored(topic).row.status in {"shipped", "measured"}


def test_a_topic_that_leaves_a_release_before_it_is_out_is_in_it_no_more(topic):
    release = planned()
    put_in(topic, release)
    decide(topic, "planned")

    assert stored(topic).row.release_id is None
    assert releases.show(release.release_id).topic_ids == ()


def test_a_topic_may_go_on_to_another_release(topic):
    first, second = planned("2.4"), planned("2.5")
    put_in(topic, first)
    put_in(topic, second)

    assert releases.show(first.release_id).topic_ids == ()
    assert releases.show(second.release_id).topic_ids == (topic.row.topic_id,)


def test_undoing_puts_a_topic_back_into_its_release(topic):

    release = planned()
    put_in(topic, release)
    decide(topic, "planned")
    topic_undo.undo(OWNER, topic.row.topic_id, Undo(decision=3), NOON, None)

    assert stored(topic).row.release_id == release.release_id
    assert releases.show(release.release_id).topic_ids == (topic.row.topic_id,)


@pytest.mark.parametrize("release_id", [None, "r-00000000000000ff"])
def test_in_release_names_a_release_of_the_app(topic, release_id):
    with pytest.raises(InvalidRequest):
        decide(topic, "in_release", release_id=release_id)


def test_no_other_status_names_a_release(topic):
    with pytest.raises(InvalidRequest):
        decide(topic, "planned", release_id=planned().release_id)


@pytest.mark.parametrize("status", ["shipped", "measured", "regressed"])
def test_what_only_a_release_or_figures_can_say_nobody_decides(topic, status):
    with pytest.raises(TransitionNotAllowed):
        decide(topic, status)


def test_what_was_told_to_people_is_not_undone(topic):
    release = planned()
    put_in(topic, release)
    ship(release)

    assert topic_decisions.last_to_undo(stored(topic)) is None


# --- changelogs


def lines(*given):
    return [ChangelogLine(version=v, date=d, changelog=text) for v, d, text in given]


def take(*given):
    return [each.outcome for each in releases.take_in(OWNER, APP, lines(*given), NOON)]


def test_a_changelog_is_brought_in_once():
    given = [("2.1", date(2026, 1, 5), "Codes"), ("2.2", date(2026, 2, 5), "Slips")]

    assert take(*given) == ["added", "added"]
    assert take(*given) == ["unchanged", "unchanged"]
    assert take(("2.2", date(2026, 2, 6), "Slips")) == ["replaced"]
    assert [(each.version, each.state) for each in releases.listed(APP, None, 9)[0]] == [
        ("2.2", "shipped"), ("2.1", "shipped"),
    ]  # fmt: skip


def test_a_line_of_a_day_to_come_is_planned():
    take(("3.0", date(2026, 4, 1), ""))

    assert releases.listed(APP, None, 9)[0][0].state == "planned"


def test_the_same_version_twice_in_a_changelog_is_the_later_line():
    assert take(("2.1", date(2026, 1, 5), "a"), ("2.1", date(2026, 1, 5), "b")) == ["added", "replaced"]


def test_a_changelog_that_names_a_planned_release_ships_it_with_its_topics(topic):
    release = planned("2.4")
    put_in(topic, release)

    assert take(("2.4", date(2026, 3, 1), "Codes")) == ["replaced"]
    assert stored(topic).row.status == "shipped"
