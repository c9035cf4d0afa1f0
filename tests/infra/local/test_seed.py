"""The demonstration's data, planted through the product's own rules."""

import pytest

from functions.domain import complaints, inbox
from functions.storage import topics as topic_store
from infra.local import citizens, seed
from tests.factories import CENTRAL_OFFICE, NOON

pytestmark = pytest.mark.usefixtures("tables")
APP = "pk.khidmat.app"


def planted():
    callers = [citizens.caller(each, NOON) for each in citizens.citizens()]
    owned = [row for caller in callers for row in complaints.mine(caller, None, 100)[0]]
    late, _ = inbox.overdue(CENTRAL_OFFICE, None, NOON, None, 100)
    ranked, _ = topic_store.ranked(APP, after=None, limit=200)
    return owned, late, [(topic.row.topic_id, topic.row.texts) for topic in ranked]


def test_what_is_planted_shows_every_state_and_what_is_late_and_planting_again_adds_nothing():
    said = seed.plant(NOON)
    owned, late, ranked = planted()
    seed.plant(NOON)

    assert "14 complaints" in said
    assert {row.state for row in owned} == {
        "lodged", "accepted", "contacted", "in_progress", "report_submitted", "closed", "withdrawn"
    }  # fmt: skip
    assert late
    assert len(ranked) > 20
    assert planted() == (owned, late, ranked)
