from datetime import UTC, datetime, timedelta
from threading import Event
from types import SimpleNamespace

import pytest

from infra.local import timers
from infra.local.functions import UnknownFunctionError, load_app, named, scheduled

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Firing:
    """A scheduled function that keeps its events and sets `stop` after some."""

    name = "flag_overdue"

    def __init__(self, expression, stop, count, fails=False):
        self.source = SimpleNamespace(schedule_expression=expression)
        self.stop, self.count, self.fails, self.events = stop, count, fails, []

    def invoke(self, event):
        self.events.append(event)
        if len(self.events) == self.count:
            self.stop.set()
        if self.fails:
            raise RuntimeError("tonight it fails")


class Soon:
    """A schedule of a firing every 20 milliseconds."""

    def next_after(self, instant):
        return instant + timedelta(milliseconds=20)


def test_an_event_is_what_eventbridge_sends():
    event = timers.scheduled_event("flag_overdue", datetime.fromisoformat("2026-11-23T14:00:00+05:00"))
    assert set(event) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip
    assert event["time"] == "2026-11-23T09:00:00Z"
    assert (event["detail-type"], event["source"]) == ("Scheduled Event", "aws.events")
    assert event["resources"][0].endswith(":rule/flag_overdue")


def test_a_function_fires_until_stopped(monkeypatch):
    monkeypatch.setattr(timers.schedule, "parse", lambda _: Soon())
    stop = Event()
    firing = Firing("rate(1 minute)", stop, count=3)
    timers.fire_on_time(firing, stop)
    assert len(firing.events) == 3


def test_a_failed_firing_does_not_end_the_schedule(monkeypatch):
    monkeypatch.setattr(timers.schedule, "parse", lambda _: Soon())
    stop = Event()
    firing = Firing("rate(1 minute)", stop, count=2, fails=True)
    timers.fire_on_time(firing, stop)
    assert len(firing.events) == 2


def test_chalices_own_rate_object_is_understood():
    from chalice import Rate

    firing = Firing(Rate(5, unit=Rate.MINUTES), Event(), 1)
    assert timers.expression_of(firing) == "rate(5 minutes)"
    timers.check(firing)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T14:00:00+05:00", NOW),
        ("2026-11-23T09:00:00Z", NOW),
        ("+9h", NOW + timedelta(hours=9)),
        ("-30m", NOW - timedelta(minutes=30)),
        ("+2d", NOW + timedelta(days=2)),
    ],
)
def test_an_instant_is_read(text, expected):
    assert timers.read_instant(text, NOW) == expected


@pytest.mark.parametrize("text", ["2026-11-23T14:00:00", "2026-11-23"])
def test_an_instant_without_a_zone_is_told_to_add_one(text):
    with pytest.raises(timers.InstantError, match="add the offset"):
        timers.read_instant(text, NOW)


@pytest.mark.parametrize("text", ["tomorrow", "+9", "9h", "+٩h"])
def test_what_is_no_instant_is_shown_the_forms(text):
    with pytest.raises(timers.InstantError, match=r"\+9h"):
        timers.read_instant(text, NOW)


def test_a_part_of_the_name_is_enough(sample):
    functions = scheduled(load_app())
    assert named(functions, "overdue").name == "flag_overdue"
    assert named(functions, "topics").name == "regroup_topics"


def test_an_unknown_name_lists_those_there_are(sample):
    with pytest.raises(UnknownFunctionError, match="flag_overdue, regroup_topics"):
        named(scheduled(load_app()), "nothing")


def test_an_ambiguous_name_lists_those_it_fits(sample):
    with pytest.raises(UnknownFunctionError, match="more than one"):
        named(scheduled(load_app()), "_")


def test_a_function_is_called_by_its_handler_string_with_the_raw_event(sample, monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "dev")
    function = named(scheduled(load_app()), "overdue")
    assert function.handler == "tests.infra.local.sample_app.flag_overdue"
    returned = function.invoke(timers.scheduled_event(function.name, NOW))
    assert returned == {"time": "2026-11-23T09:00:00Z", "stage": "dev"}
