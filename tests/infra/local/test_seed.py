"""The demonstration's data, planted through the product's own rules."""

import pytest

from functions.domain import complaints, topics
from infra.local import seed
from tests.factories import CITIZEN, NOON, OTHER_CITIZEN, SUPERVISOR

pytestmark = pytest.mark.usefixtures("tables")
APP = "pk.khidmat.app"


def planted():
    owned = [row for caller in (CITIZEN, OTHER_CITIZEN) for row in complaints.mine(caller, None, 100)[0]]
    late, _ = complaints.overdue(SUPERVISOR, None, None, 100)
    ranked, _ = topics.ranked(APP, None, 200)
    return owned, late, [(topic.row.topic_id, topic.row.texts) for topic in ranked]


def test_what_is_planted_shows_every_state_and_what_is_late_and_planting_again_adds_nothing():
    said = seed.plant(NOON)
    owned, late, ranked = planted()
    seed.plant(NOON)

    assert "14 complaints" in said
    assert {row.state for row in owned} == {
        "lodged", "accepted", "in_progress", "report_submitted", "closed", "withdrawn"
    }  # fmt: skip
    assert late
    assert len(ranked) > 20
    assert planted() == (owned, late, ranked)
