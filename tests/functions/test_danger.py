import pytest

from functions.domain import feedback
from functions.messages import message_text
from tests import factories
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
CENTRAL = {"role": "central_office", "subject": "central-1", "office": "pb"}
HELP = "He is at my door with a knife"


@pytest.fixture(autouse=True)
def _hears(monkeypatch):
    from functions.domain import champion

    said = factories.labels(danger=True, type="other", types=("other",))
    monkeypatch.setattr(champion, "label", lambda record: said)


def give():
    reply = send("POST", "/v1/feedback", body={"text": HELP})
    assert reply.status == 201
    return reply.json["feedback_id"]


def review(**changes):
    from datetime import UTC, datetime

    sent = factories.feedback(1, text=HELP, written_at=datetime.now(UTC), **changes)
    said = factories.labels(danger=True)
    feedback.take_in([sent], lambda _: said, str, datetime.now(UTC))
    return sent.feedback_id


def test_what_a_citizen_writes_in_need_stands_on_the_officers_list():
    feedback_id = give()
    (row,) = send("GET", "/v1/danger", **CENTRAL).json["items"]

    assert (row["feedback_id"], row["text"], row["source"]) == (feedback_id, HELP, "in_app")
    assert (row["state"], row["overdue"], row["acknowledged_by"], row["link"]) == ("open", False, None, None)


def test_whom_to_reach_is_told_to_who_asks_and_put_on_record():
    path = f"/v1/danger/{give()}"
    plain = send("GET", path, **CENTRAL)
    asked = send("POST", f"{path}/giver", **CENTRAL)

    assert (plain.json["giver"], plain.headers["etag"]) == (None, '"1"')
    assert "citizen-1" not in plain.text
    assert asked.json["giver"] == {"subject": "citizen-1", "phone": None}
    assert [(e["action"], e["by"]) for e in asked.json["history"]] == [
        ("raise", "clock"),
        ("reach", "central-1"),
    ]


def test_of_a_public_review_there_is_its_address_alone():
    feedback_id = review()
    shown = send("POST", f"/v1/danger/{feedback_id}/giver", **CENTRAL).json

    assert shown["giver"] is None
    assert shown["link"] == "https://play.google.com/store/apps/details?id=pk.khidmat.app&reviewId=review-1"


def test_an_officer_takes_it_up_and_says_what_came_of_it():
    path = f"/v1/danger/{give()}"
    early = send("POST", f"{path}/outcome", body={"outcome": "helped"}, **CENTRAL)
    taken = send("POST", f"{path}/acknowledge", headers={"If-Match": '"1"'}, **CENTRAL)
    done = send("POST", f"{path}/outcome", body={"outcome": "helped"}, **CENTRAL)

    assert (early.status, early.json["type"]) == (409, "/problems/transition-not-allowed")
    assert (taken.status, taken.json["acknowledged_by"]) == (200, "central-1")
    assert (done.status, done.json["outcome"], done.headers["etag"]) == (200, "helped", '"3"')
    assert send("GET", "/v1/danger", **CENTRAL).json["items"] == []
    assert len(send("GET", "/v1/danger?state=acknowledged", **CENTRAL).json["items"]) == 1


@pytest.mark.parametrize("body", [{"outcome": "case"}, {"outcome": "helped", "reference": "KH-2345-6789-A"}])
def test_a_case_and_its_reference_go_together(body):
    path = f"/v1/danger/{give()}"
    send("POST", f"{path}/acknowledge", **CENTRAL)

    assert send("POST", f"{path}/outcome", body=body, **CENTRAL).status == 400


def test_a_case_nobody_knows_is_refused_by_name():
    path = f"/v1/danger/{give()}"
    send("POST", f"{path}/acknowledge", **CENTRAL)
    reply = send("POST", f"{path}/outcome", body={"outcome": "case", "reference": "KH-1"}, **CENTRAL)

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "/reference")


def test_the_list_is_paged_by_state():
    for number in range(3):
        send("POST", "/v1/feedback", body={"text": f"{HELP} {number}"})
    first = send("GET", "/v1/danger?limit=2", **CENTRAL).json
    rest = send("GET", f"/v1/danger?cursor={first['next']}", **CENTRAL).json

    assert (len(first["items"]), len(rest["items"])) == (2, 1)
    assert send("GET", f"/v1/danger?state=past&cursor={first['next']}", **CENTRAL).status == 400


@pytest.mark.parametrize(
    "caller",
    [
        {},
        {"role": "product_owner", "subject": "owner-1"},
        {"role": "auditor", "subject": "auditor-1"},
        {"role": "dpo", "subject": "dpo-1", "office": "ds-lahore"},
    ],
    ids=["citizen", "product owner", "auditor", "dpo"],
)
def test_nobody_else_sees_them(caller):
    feedback_id = give()

    for method, path in (
        ("GET", "/v1/danger"),
        ("GET", f"/v1/danger/{feedback_id}"),
        ("POST", f"/v1/danger/{feedback_id}/giver"),
        ("POST", f"/v1/danger/{feedback_id}/acknowledge"),
    ):
        assert send(method, path, **caller).status == 403


@pytest.mark.parametrize("event", ["danger.raised", "danger.overdue"])
@pytest.mark.parametrize("tongue", ["en", "ur"])
def test_the_alert_says_where_to_look_in_both_languages(event, tongue):
    said = message_text(event, tongue, "0" * 26, to_office=True)

    assert "0" * 26 in said
    assert len(said) <= {"en": 160, "ur": 280}[tongue]


def test_a_text_that_is_not_stored_any_more_is_still_listed():
    from functions.storage import feedback as store

    feedback_id = give()
    store.FeedbackItem(feedback_id).delete()
    (row,) = send("GET", "/v1/danger", **CENTRAL).json["items"]

    assert (row["feedback_id"], row["text"], row["language"]) == (feedback_id, None, None)
