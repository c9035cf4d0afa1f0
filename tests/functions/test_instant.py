from datetime import UTC, datetime

import pytest

from functions import instant
from functions.settings import SettingsError
from tests.factories import NOON, complaint_body
from tests.http import send


def test_it_is_the_machines_clock_outside_a_simulation():
    assert abs((datetime.now(UTC) - instant.now()).total_seconds()) < 5


def test_within_the_block_it_is_what_it_was_told_and_afterwards_the_machines_again():
    with instant.told_by(lambda: NOON):
        assert instant.now() == NOON
    assert instant.now() != NOON


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_it_cannot_be_told_where_real_people_are_served(monkeypatch, stage):
    monkeypatch.setenv("KHIDMAT_STAGE", stage)
    with pytest.raises(SettingsError), instant.told_by(lambda: NOON):
        pass


@pytest.mark.usefixtures("tables")
def test_a_complaint_is_lodged_at_the_simulated_instant_and_its_token_holds_by_the_machines_clock():
    with instant.told_by(lambda: NOON):
        told = send(
            "POST", "/v1/complaints", headers={"Idempotency-Key": "key-1"}, body=complaint_body()
        ).json
    assert datetime.fromisoformat(told["lodged_at"]) == NOON
