from datetime import timedelta

import pytest

from functions import scheduled
from functions.domain import complaints, topics
from functions.logs import FunctionFailedError
from schemas.complaints import NewComplaint
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
    early = scheduled.flag_overdue(tick(NOON + timedelta(hours=8)), Context())
    late = scheduled.flag_overdue(tick(NOON + timedelta(hours=8, seconds=1)), Context())

    assert early == {"examined": 0, "flagged": 0, "failed": 0, "finished": True}
    assert late == {"examined": 1, "flagged": 1, "failed": 0, "finished": True}


def test_a_sweep_short_of_time_says_that_it_has_not_finished():
    complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)

    assert scheduled.flag_overdue(tick(NOON + timedelta(days=2)), Hurried())["finished"] is False


def test_a_sweep_that_could_not_do_all_fails_after_doing_the_rest(monkeypatch):
    monkeypatch.setattr(complaints, "flag_overdue", lambda *_, **__: complaints.Sweep(5, 4, 1, finished=True))

    with pytest.raises(FunctionFailedError, match="CasesNotSwept"):
        scheduled.flag_overdue(tick(NOON), Context())


def test_the_nightly_run_regroups_every_app(monkeypatch):
    monkeypatch.setattr(topics, "regroup_all", lambda now: {"a": 3, "b": 4})

    assert scheduled.regroup_topics(tick(NOON), Context()) == {"a": 3, "b": 4}
