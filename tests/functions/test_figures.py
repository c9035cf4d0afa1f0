import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.http import send
from tests.registered import enter, row

pytestmark = pytest.mark.usefixtures("tables")
DPO = {"role": "dpo", "subject": "dpo-1", "office": "ds-lahore"}
NOW = datetime.now(UTC)


@pytest.fixture
def entered():
    closed = {
        "state": "closed",
        "reported_at": NOW + timedelta(hours=5),
        "final_report_due": NOW + timedelta(days=1),
    }
    enter(
        row(1, lodged_at=NOW, rating=4, closed_by="citizen", **closed),
        row(2, lodged_at=NOW, closed_by="call_back", **closed),
        row(3, lodged_at=NOW, level=3, runs_out=NOW - timedelta(days=2), reopened=1, appeals=1),
        row(4, lodged_at=NOW, complaint_class="A", state="rejected"),
    )


def test_figures_are_told_by_office_and_class(entered):
    said = send("GET", "/v1/figures", **DPO).json
    class_a, class_b = said["items"]

    assert (said["first"], said["last"]) == (f"{said['first']}", said["first"])
    assert (class_a["complaint_class"], class_a["received"], class_a["rejected"]) == ("A", 1, 1)
    assert class_a["median_hours_to_report"] is None
    assert class_b["overdue"] == {
        "under_1_day": 0,
        "from_1_to_3_days": 1,
        "from_3_to_7_days": 0,
        "over_7_days": 0,
    }
    assert {name: class_b[name] for name in ("received", "closed", "closed_in_time", "satisfied")} == {
        "received": 3,
        "closed": 2,
        "closed_in_time": 2,
        "satisfied": 1,
    }
    assert (class_b["satisfied_share"], class_b["confirmed_by_call_back_share"]) == (0.5, 0.5)
    assert (class_b["median_hours_to_report"], class_b["escalated_to_level_3"]) == (5.0, 1)
    assert (class_b["reopened"], class_b["appealed"]) == (1, 1)


def test_the_same_is_had_as_a_file(entered):
    reply = send("GET", "/v1/figures.csv", **DPO)
    rows = list(csv.DictReader(io.StringIO(reply.text[1:], newline="")))

    assert "figures-20" in reply.headers["content-disposition"]
    assert [r["received"] for r in rows] == ["1", "3"]
    assert rows[1]["overdue_from_1_to_3_days"] == "1"
    assert "overdue" not in rows[1]


def test_who_may_not_supervise_is_told_no_figures():
    assert send("GET", "/v1/figures").status == 403
    assert send("GET", "/v1/figures?from=2020-01&to=2026-01", **DPO).status == 400
