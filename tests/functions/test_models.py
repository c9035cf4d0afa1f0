import pytest

from functions.domain import champion
from functions.storage import models as store
from schemas.models import Drift, Shifted
from tests import models as made
from tests.factories import NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
OWNER = {"role": "product_owner", "subject": "owner-1"}
AUDITOR = {"role": "auditor", "subject": "auditor-1"}


@pytest.fixture(autouse=True)
def _shipped(monkeypatch):
    monkeypatch.setattr(champion, "shipped", made.classifier)


def offer(number=1, upload=True, **changes):
    body = made.new(number, **changes).model_dump(mode="json")
    reply = send("POST", "/v1/models", body=body, **OWNER)
    if upload:
        made.upload(number)
    return reply


def promote(number=1, body=None, **headers):
    return send("POST", f"/v1/models/{made.name(number)}/promote", body=body or {}, headers=headers, **OWNER)


def test_the_model_that_came_with_the_software_labels_at_first():
    reply = send("GET", "/v1/models", **AUDITOR)

    assert reply.headers["etag"] == '"0"'
    assert reply.json == {
        "champion": made.name(0),
        "shipped": made.name(0),
        "previous": None,
        "version": 0,
        "items": [],
        "history": [],
    }


def test_an_offer_is_answered_with_a_form_for_its_file():
    said = offer(upload=False).json

    assert said["name"] == made.name(1)
    assert said["upload"]["fields"]["key"] == f"models/{made.name(1)}/classifier.json"


def test_a_challenger_is_promoted_and_rolled_back():
    offer()
    promoted = promote(**{"If-Match": '"0"'})
    listed = send("GET", "/v1/models", **OWNER).json
    back = send("POST", "/v1/models/rollback", body={"reason": "All is a bug"}, **OWNER)

    assert (promoted.status, promoted.headers["etag"]) == (200, '"1"')
    assert (listed["champion"], listed["previous"]) == (made.name(1), made.name(0))
    assert [(row["name"], row["standing"]) for row in listed["items"]] == [(made.name(1), "champion")]
    assert listed["items"][0]["report"]["difference"] == 0.05
    assert (back.json["champion"], back.json["items"][0]["standing"]) == (made.name(0), "previous")
    assert [(step["action"], step["reason"]) for step in back.json["history"]] == [
        ("promote", ""),
        ("roll_back", "All is a bug"),
    ]


def test_what_is_not_better_is_refused_with_what_speaks_against_it():
    reasons = ("worse in ur: 0.810 -> 0.780",)
    offer(report=made.report(1, better=False, reasons=reasons))
    refused = promote()

    assert (refused.status, refused.json["type"]) == (409, "/problems/model-not-better")
    assert reasons[0] in refused.json["detail"]
    assert promote(body={"force": True}).status == 400
    assert promote(body={"force": True, "reason": "Urdu texts are rare"}).status == 200


def test_a_file_that_never_came_is_refused():
    offer(upload=False)
    refused = promote()

    assert (refused.status, refused.json["type"]) == (409, "/problems/model-unfit")


def test_nothing_to_return_to_is_said():
    reply = send("POST", "/v1/models/rollback", body={}, **OWNER)

    assert (reply.status, reply.json["type"]) == (409, "/problems/nothing-to-roll-back")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "m-xyz"}, "/name"),
        ({"name": "m-ffffffffffff"}, "/"),
        ({"sha256": "0"}, "/sha256"),
        ({"bytes": 30_000_000}, "/bytes"),
        ({"report": {}}, "/report/champion"),
    ],
)
def test_an_offer_that_cannot_be_is_refused_by_name(change, pointer):
    body = made.new(1).model_dump(mode="json") | change
    reply = send("POST", "/v1/models", body=body, **OWNER)

    assert reply.status == 400
    assert reply.json["errors"][0]["pointer"] == pointer


def test_a_report_that_refuses_without_a_reason_is_none():
    body = made.new(1).model_dump(mode="json")
    body["report"]["better"] = False

    assert send("POST", "/v1/models", body=body, **OWNER).json["errors"][0]["pointer"] == "/report"


def test_auditors_read_and_change_nothing():
    offer()

    assert send("GET", "/v1/models", **AUDITOR).status == 200
    assert send("POST", f"/v1/models/{made.name(1)}/promote", body={}, **AUDITOR).status == 403
    assert send("POST", "/v1/models/rollback", body={}, **AUDITOR).status == 403
    assert send("GET", "/v1/models").status == 403


def test_drift_is_shown_for_one_app_or_all():
    level = Shifted(psi=0.31, js=0.04, before={"bug": 1.0}, after={"bug": 0.6, "praise": 0.4})
    for app in ("pk.khidmat.app", "another.app"):
        drift = Drift(
            app=app,
            as_of=NOON,
            texts_before=300,
            texts_after=80,
            measured=True,
            missed_before=0.02,
            missed_after=0.03,
            types=level,
            languages=level,
            alarms=("types", "languages"),
        )
        store.save_drift(drift)
    every = send("GET", "/v1/models/drift", **AUDITOR).json["items"]
    (own,) = send("GET", "/v1/models/drift?app=pk.khidmat.app", **AUDITOR).json["items"]

    assert [each["app"] for each in every] == ["another.app", "pk.khidmat.app"]
    assert own["alarms"] == ["types", "languages"]
