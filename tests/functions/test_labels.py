import pytest

from functions.domain import feedback
from tests import factories
from tests.factories import NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
OWNER = {"role": "product_owner", "subject": "owner-1"}
WORD = {"type": "usability", "area": "sign_in", "severity": 2, "reason": "Nobody finds it"}


def text(number=1, margin=0.1, **changes):
    said = factories.labels(margin=margin, model="m-0123456789ab", **changes)
    feedback.take_in([factories.feedback(number)], lambda _: said, str, NOON)
    return factories.feedback(number).feedback_id


def at(feedback_id):
    return f"/v1/feedback/{feedback_id}/labels"


def queue(more=""):
    return send("GET", f"/v1/labels/queue{more}", **OWNER).json


def test_a_text_shows_what_the_model_said_and_that_nobody_corrected_it():
    shown = send("GET", at(text()), **OWNER)

    assert shown.headers["etag"] == '"0"'
    assert shown.json["labels"] == shown.json["said_by_model"]
    assert (shown.json["labels"]["type"], shown.json["labels"]["model"]) == ("bug", "m-0123456789ab")
    assert shown.json["correction"] is None


def test_a_correction_is_shown_beside_the_models_word_and_taken_back():
    path = at(text())
    put = send("PUT", path, body=WORD, headers={"If-Match": '"0"'}, **OWNER)
    gone = send("DELETE", path, headers={"If-Match": '"1"'}, **OWNER)

    assert (put.status, put.headers["etag"]) == (200, '"1"')
    assert (put.json["labels"]["type"], put.json["said_by_model"]["type"]) == ("usability", "bug")
    assert put.json["correction"]["by"] == "owner-1"
    assert (gone.status, gone.json["labels"]["type"], gone.json["correction"]) == (200, "bug", None)


def test_an_old_version_is_refused():
    path = at(text())
    send("PUT", path, body=WORD, **OWNER)

    assert send("PUT", path, body=WORD | {"area": "app"}, headers={"If-Match": '"0"'}, **OWNER).status == 412


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": "bugs"}, "/type"),
        ({"area": None}, "/area"),
        ({"types": ["nonsense"]}, "/types/0"),
        ({"severity": 6}, "/severity"),
        ({"reason": " "}, "/reason"),
        ({"mood": "bad"}, "/mood"),
    ],
)
def test_a_wrong_field_is_named(change, pointer):
    reply = send("PUT", at(text()), body=WORD | change, **OWNER)

    assert reply.status == 400
    assert [fault["pointer"] for fault in reply.json["errors"]] == [pointer]


@pytest.mark.parametrize("feedback_id", ["0" * 26, "nonsense", "A" * 26])
def test_a_text_nobody_knows_is_404(feedback_id):
    assert send("GET", at(feedback_id), **OWNER).status == 404
    assert send("PUT", at(feedback_id), body=WORD, **OWNER).status == 404


def test_the_queue_holds_the_most_uncertain_first_with_the_models_guess():
    text(1, margin=0.3)
    text(2, margin=0.1, language="ur")
    page = queue()
    (first, _) = page["items"]

    assert [row["margin"] for row in page["items"]] == [0.1, 0.3]
    assert (page["waiting"], page["more"]) == (2, False)
    assert (first["labels"]["type"], first["why"], first["language"]) == ("bug", ["code"], "ur")
    assert [row["language"] for row in queue("?language=en")["items"]] == ["en"]
    assert queue("?app=another.app")["items"] == []


def test_the_queue_is_paged_and_a_cursor_holds_for_its_own_list():
    for number in range(3):
        text(number, margin=number / 10)
    first = queue("?limit=2")
    rest = queue(f"?cursor={first['next']}")

    assert len(first["items"]) == 2
    assert [row["margin"] for row in rest["items"]] == [0.2]
    assert send("GET", f"/v1/labels/queue?language=en&cursor={first['next']}", **OWNER).status == 400


def test_a_text_is_passed_by():
    feedback_id = text()
    path = f"/v1/labels/queue/{feedback_id}/skip"
    skipped = send("POST", path, headers={"If-Match": '"0"'}, **OWNER)

    assert (skipped.status, skipped.headers["etag"]) == (200, '"1"')
    assert queue()["items"][0]["skipped"] == 1
    send("POST", path, headers={"If-Match": '"1"'}, **OWNER)
    assert queue() == {"items": [], "waiting": 0, "more": False, "next": None}


def test_what_people_labelled_is_exported_line_by_line():
    for number in range(3):
        send("PUT", at(text(number)), body=WORD, **OWNER)
    text(9)
    first = send("GET", "/v1/labels/export?limit=2", **OWNER).json
    rest = send("GET", f"/v1/labels/export?cursor={first['next']}", **OWNER).json
    lines = first["items"] + rest["items"]

    assert len(lines) == 3
    assert lines[0] | {"corrected_at": ""} == {
        "feedback_id": lines[0]["feedback_id"],
        "app": "pk.khidmat.app",
        "text": "The one time code never arrives",
        "title": "",
        "rating": 1,
        "lang": "en",
        "type": "usability",
        "types": ["usability"],
        "area": "sign_in",
        "severity": 2,
        "danger": False,
        "sentiment": "negative",
        "corrected_at": "",
        "said_by_model": "bug",
        "model": "m-0123456789ab",
    }


def test_the_export_teaches():
    from feedback_ml.learning import corrections

    send("PUT", at(text()), body=WORD, **OWNER)
    (example,) = corrections(send("GET", "/v1/labels/export", **OWNER).json["items"])

    assert example.main == "usability"


def test_citizens_and_auditors_label_nothing():
    path = at(text())

    for role in ({}, {"role": "auditor", "subject": "auditor-1"}):
        assert send("PUT", path, body=WORD, **role).status == 403
        assert send("GET", "/v1/labels/queue", **role).status == 403
        assert send("GET", "/v1/labels/export", **role).status == 403
