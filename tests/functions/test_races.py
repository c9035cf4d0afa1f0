"""What must hold when many do the same at once: on the local engine, for moto keeps no transactions apart."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.domain import complaints, steps, sweep
from functions.domain.errors import ChangedMeanwhile, TransitionNotAllowed
from functions.domain.privacy import key_of
from functions.storage import cases
from schemas.complaints import NewComment
from schemas.steps import Accept
from tests import people
from tests.engine import engine  # noqa: F401 - a fixture, found by its name
from tests.factories import CITIZEN, NOON, SDPO, complaint_body
from tests.http import send
from tests.storage import forget_connections

pytestmark = pytest.mark.engine
OURS = ("KHIDMAT_JWKS", "KHIDMAT_ISSUER", "KHIDMAT_KEYRING", "KHIDMAT_KEY_FILE")
"""Settings that stay the tests' own: their tokens are signed with these keys."""


@pytest.fixture(autouse=True)
def on_the_engine(engine, monkeypatch):  # noqa: F811 - the fixture imported above
    for name, value in engine.product.items():
        if name not in OURS:
            monkeypatch.setenv(name, value)
    forget_connections()
    people.person("citizen-1")
    yield engine
    forget_connections()


def at_once(work, times):
    with ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(work, range(times)))


def lodge(key, subject="citizen-1"):
    return send(
        "POST", "/v1/complaints", subject=subject, body=complaint_body(), headers={"Idempotency-Key": key}
    )


def test_a_hundred_submissions_under_one_key_are_one_case_and_a_hundred_equal_answers():
    replies = at_once(lambda _: lodge("race-1", "racer-1"), 100)
    listed = send("GET", "/v1/complaints", subject="racer-1").json["items"]

    assert {reply.status for reply in replies} == {201}
    assert len({reply.body for reply in replies}) == 1
    assert len(listed) == 1


def test_of_many_officers_accepting_at_once_exactly_one_does():
    reference = lodge("race-2").json["reference"]

    def accept(_):
        try:
            return steps.take(SDPO, reference, Accept(action="accept"), NOON, None).state
        except (ChangedMeanwhile, TransitionNotAllowed):
            return "too late"

    outcomes = at_once(accept, 20)

    assert outcomes.count("accepted") == 1
    assert [e.action for e in complaints.show(CITIZEN, reference).history] == ["lodge", "accept"]


def test_comments_at_once_are_all_kept_once():
    reference = lodge("race-3").json["reference"]

    def comment(number):
        try:
            complaints.comment(CITIZEN, reference, NewComment(text=f"comment {number}"), f"c-{number}", NOON)
        except ChangedMeanwhile:
            return None
        return f"comment {number}"

    acknowledged = [text for text in at_once(comment, 12) if text]
    case = complaints.show(CITIZEN, reference)
    key = key_of(case, CITIZEN)
    kept = [key.text(e) for e in case.history if e.action == "comment"]

    assert sorted(kept) == sorted(acknowledged)
    assert len(acknowledged) >= 6


def test_two_sweeps_at_once_flag_a_clock_once():
    reference = lodge("race-4", "racer-4").json["reference"]
    due = cases.get(reference).first_contact_due
    at_once(lambda _: sweep.flag_overdue(due.replace(year=due.year + 1)), 4)
    actions = [e.action for e in cases.get(reference).history]

    assert actions.count("flag_overdue") == 2  # both clocks, a year on, each once


def test_a_submission_costs_three_write_units_and_one_round_trip(on_the_engine, monkeypatch):
    calls = []
    connection = cases.CaseItem._get_connection().connection
    real = connection._make_api_call

    def counted(operation, arguments, *rest):
        answer = real(operation, {**arguments, "ReturnConsumedCapacity": "TOTAL"}, *rest)
        calls.append((operation, answer["ConsumedCapacity"]["CapacityUnits"]))
        return answer

    monkeypatch.setattr(connection, "_make_api_call", counted)
    lodge("cost-1", "payer-1")

    assert calls == [("PutItem", 3.0)]


def test_the_sweep_examines_what_is_overdue_and_nothing_else(on_the_engine):
    before = sweep.flag_overdue(NOON)
    for number in range(30):
        lodge(f"examined-{number}", "racer-6")

    assert sweep.flag_overdue(NOON).examined == before.examined == 0
