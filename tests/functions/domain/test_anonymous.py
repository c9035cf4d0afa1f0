import json
from datetime import UTC, datetime

import pytest

from functions.domain import anonymous, complaints
from functions.domain.errors import CodeRefused, IdempotencyKeyReused, InvalidRequest
from functions.storage import cases, people
from functions.storage.tables import StaleError
from schemas.complaints import NewReport
from tests.factories import NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
KEY = "a-random-key-of-22-letters-or-more"


def body(**changes):
    return {
        "category": "violence_against_women",
        "narrative": "The neighbour beats his wife every evening.",
        "station": "ps-lhr-mozang",
    } | changes


def report(key=KEY, **changes):
    return anonymous.report(NewReport(**body(**changes)), key, NOON)


def test_a_report_gives_a_reference_and_a_code():
    case, code = report()

    assert cases.get(case.reference).state == "lodged"
    assert [len(group) for group in code.split("-")] == [4] * 5


def test_a_repeat_answers_the_same_and_writes_nothing():
    assert report() == report()


def test_another_report_under_the_key_is_refused():
    report()
    with pytest.raises(IdempotencyKeyReused):
        report(narrative="Another matter altogether, of another day.")


def test_the_code_stands_in_no_stored_item(tables):
    _, code = report()
    everything = ""
    for name in tables.list_tables()["TableNames"]:
        everything += json.dumps(tables.scan(TableName=name)["Items"], default=str)

    for form in (code, code.replace("-", ""), code.lower(), code.replace("-", "").lower()):
        assert form not in everything


def test_with_the_code_the_reporter_comes_back_to_the_report_and_to_no_other():
    case, code = report()
    other, _ = report(key=KEY + "-2")
    token = anonymous.sign_in(case.reference, code.lower().replace("-", " "), datetime.now(UTC)).access_token
    mine = send("GET", f"/v1/complaints/{case.reference}", role=None, headers=bearing(token))
    others = send("GET", f"/v1/complaints/{other.reference}", role=None, headers=bearing(token))

    assert (mine.status, mine.json["narrative"]) == (200, body()["narrative"])
    assert (mine.json["complainant_name"], mine.json["phone"]) == (None, None)
    assert others.status == 404


def bearing(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC-DDDD-EEEE", "x", "کوڈ", "\ud800"])
def test_a_wrong_code_opens_nothing(code):
    case, _ = report()
    with pytest.raises(CodeRefused):
        anonymous.sign_in(case.reference, code, NOON)


def test_another_reports_code_opens_nothing():
    case, _ = report()
    _, code = report(key=KEY + "-2")
    with pytest.raises(CodeRefused):
        anonymous.sign_in(case.reference, code, NOON)


def test_a_report_that_is_not_there_is_refused_as_a_wrong_code_is():
    with pytest.raises(CodeRefused):
        anonymous.sign_in("KH-JNS9-AK3U-W", anonymous.code_of("KH-JNS9-AK3U-W"), NOON)


def test_what_is_no_reference_is_named_so():
    with pytest.raises(InvalidRequest):
        anonymous.sign_in("nonsense", "x", NOON)


def test_only_a_category_that_may_be_is_reported_without_a_name():
    with pytest.raises(InvalidRequest) as refused:
        report(category="slackness")
    assert refused.value.faults[0].fault == "not_anonymous"


def test_two_sendings_at_once_are_one_reporter(monkeypatch):
    real = people.add_unnamed

    def raced(person):
        monkeypatch.setattr(people, "add_unnamed", real)
        real(person)
        raise StaleError

    monkeypatch.setattr(people, "add_unnamed", raced)
    case, code = report()

    assert anonymous.sign_in(case.reference, code, NOON).session
    assert complaints.key_of(case).key is not None


def test_a_key_that_could_be_guessed_is_refused_over_http():
    reply = send(
        "POST", "/v1/anonymous-reports", role=None, body=body(), headers={"Idempotency-Key": "first-try"}
    )

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "Idempotency-Key")


def test_a_name_is_not_taken():
    reply = send("POST", "/v1/anonymous-reports", role=None, body=body(complainant_name="Sample Person"))

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "/complainant_name")


def test_over_http_a_report_is_201_with_its_code_and_the_same_again():
    first, again = (
        send("POST", "/v1/anonymous-reports", role=None, body=body(), headers={"Idempotency-Key": KEY})
        for _ in range(2)
    )

    assert (first.status, again.body) == (201, first.body)
    assert first.json["code"] == anonymous.code_of(first.json["reference"])
