from datetime import timedelta

import pytest

from functions import scheduled
from functions.domain import open_data
from tests.factories import NOON
from tests.http import Context, send
from tests.registered import enter, row

pytestmark = pytest.mark.usefixtures("tables")
FILE = "/open-data/complaints.csv"


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(open_data, "MONTHS_BACK", 2)
    enter(*(row(n) for n in range(6)))
    event = {
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": NOON.replace(month=4).isoformat(), "region": "us-east-1", "resources": [], "detail": {},
    }  # fmt: skip
    return scheduled.publish_open_data(event, Context())


def test_the_nightly_run_publishes_what_anybody_may_read(published):
    reply = send("GET", f"{FILE}?month=2026-03", role=None)

    assert published == {"months": ["2026-03"], "finished": True}
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.headers["cache-control"] == "public, max-age=86400"
    assert reply.text.startswith("month,district,class,received")
    assert "2026-03,ds-lahore,all,6" in reply.text


def test_the_last_month_is_had_without_naming_it_and_kept_for_a_shorter_time(published):
    reply = send("GET", FILE, role=None)

    assert 'filename="complaints-2026-03.csv"' in reply.headers["content-disposition"]
    assert reply.headers["cache-control"] == "public, max-age=3600"


def test_a_month_without_a_file_is_not_found_and_not_kept():
    reply = send("GET", FILE, role=None)

    assert (reply.status, reply.headers["cache-control"]) == (404, "no-store")
    assert send("GET", f"{FILE}?month=March", role=None).status == 400


def test_no_run_publishes_a_month_that_is_not_over(monkeypatch):
    seen = []
    monkeypatch.setattr(
        open_data,
        "publish",
        lambda now, has_time: seen.append((now, has_time())) or open_data.Published((), finished=True),
    )
    event = {
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": "2099-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {},
    }  # fmt: skip
    scheduled.publish_open_data(event, Context())

    assert seen[0][0].year < 2099
    assert seen[0][1] is True
    assert timedelta(0) == seen[0][0].utcoffset()
