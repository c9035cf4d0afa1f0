import inspect
from datetime import UTC, datetime, timedelta

import pytest

from functions import scheduled
from functions.domain import champion, complaints, drift, feedback, retention, sweep
from functions.domain.deadlines import KARACHI
from functions.logs import FunctionFailedError
from functions.storage import ledger
from infra.packaging import alarms
from schemas.complaints import NewComplaint
from tests import factories, models
from tests.factories import CITIZEN, NOON, complaint_body
from tests.http import Context

pytestmark = pytest.mark.usefixtures("tables")


def tick(at):
    return {
        "version": "0",
        "id": "tick",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }


class Hurried(Context):
    @staticmethod
    def get_remaining_time_in_millis():
        return 5_000


def test_the_sweep_judges_by_the_instant_of_its_event():
    complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)
    early = scheduled.flag_overdue(tick(NOON + timedelta(hours=4)), Context())
    late = scheduled.flag_overdue(tick(NOON + timedelta(hours=8, seconds=1)), Context())

    done = {"failed": 0, "ended": 0, "finished": True}
    assert early == {"examined": 0, "flagged": 0, "escalated": 0, **done}
    assert late == {"examined": 1, "flagged": 1, "escalated": 1, **done}


def test_a_sweep_short_of_time_says_that_it_has_not_finished():
    complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)

    assert scheduled.flag_overdue(tick(NOON + timedelta(days=2)), Hurried())["finished"] is False


def test_a_sweep_that_could_not_do_all_fails_after_doing_the_rest(monkeypatch):
    monkeypatch.setattr(sweep, "flag_overdue", lambda *_, **__: sweep.Sweep(5, 4, failed=1))

    with pytest.raises(FunctionFailedError, match="CasesNotSwept"):
        scheduled.flag_overdue(tick(NOON), Context())


def test_sealing_signs_the_days_that_are_over_and_no_other_whatever_instant_it_is_run_for():
    yesterday = datetime.now(UTC).astimezone(KARACHI).date() - timedelta(days=1)
    for day in (yesterday, yesterday + timedelta(days=1)):
        ledger.put_lines(day, "1-1-cases", [ledger.unreadable("case:x", 1, "x")])
    tomorrow = tick(datetime.now(UTC) + timedelta(days=2))

    assert scheduled.seal_audit(tomorrow, Context()) == {"days": [yesterday.isoformat()]}
    assert scheduled.seal_audit(tomorrow, Context()) == {"days": []}


def test_the_nightly_forgetting_says_what_it_did():
    assert scheduled.enforce_retention(tick(NOON), Context()) == {
        "erased": 0,
        "deleted": 0,
        "failed": 0,
        "finished": True,
    }


def test_a_forgetting_that_could_not_do_all_fails_after_doing_the_rest(monkeypatch):
    failed = retention.Forgetting(5, 4, 1, finished=True)
    monkeypatch.setattr(retention, "enforce", lambda *_, **__: failed)

    with pytest.raises(FunctionFailedError, match="CasesNotErased"):
        scheduled.enforce_retention(tick(NOON), Context())


def in_danger(at):
    record = factories.feedback(1, text="He has a knife", written_at=at)
    feedback.take_in([record], lambda _: factories.labels(danger=True), str, at)


def test_a_call_for_help_that_nobody_took_up_is_flagged_and_rings(caplog):
    in_danger(NOON)
    in_time = scheduled.flag_danger(tick(NOON + timedelta(minutes=15)), Context())
    late = scheduled.flag_danger(tick(NOON + timedelta(minutes=20)), Context())
    again = scheduled.flag_danger(tick(NOON + timedelta(minutes=25)), Context())

    assert (in_time, late) == ({"examined": 0, "flagged": 0}, {"examined": 1, "flagged": 1})
    assert again == {"examined": 1, "flagged": 0}
    lines = [record for record in caplog.records if record.message == "calls for help wait"]
    assert [line.levelname for line in lines] == ["ERROR", "ERROR"]


def test_the_night_watches_what_comes_in(monkeypatch):
    monkeypatch.setattr(champion, "shipped", models.classifier)
    record = factories.feedback(1)
    feedback.take_in([record], lambda _: factories.labels(), str, NOON)

    watched = scheduled.watch_drift(tick(NOON + timedelta(days=1)), Context())

    assert watched == {"apps": 1, "alarmed": 0, "finished": True}
    assert scheduled.watch_drift(tick(NOON + timedelta(days=1)), Hurried())["finished"] is False


@pytest.mark.parametrize(("name", "message"), [(name, row[1]) for name, row in alarms.LOGGED.items()])
def test_what_an_alarm_counts_is_what_is_logged(name, message):
    sources = inspect.getsource(scheduled) + inspect.getsource(drift)

    assert f'"{message}"' in sources, name
