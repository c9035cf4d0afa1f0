import json
from datetime import timedelta

import boto3
import pytest

from functions.domain import regrouping
from tests import factories
from tests.factories import NOON
from tests.functions.domain.test_topics import MATTERS
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
OWNER = {"role": "product_owner", "subject": "owner-1"}
APP = "pk.khidmat.app"


def record(number=1, **changes):
    return json.loads(factories.feedback(number, **changes).model_dump_json())


def bring_in(*records, **headers):
    return send("POST", "/v1/feedback/imports", body={"records": list(records)}, headers=headers, **OWNER)


@pytest.fixture
def topic():
    return topic_of(10)


def topic_of(people):
    """The one topic that so many people write about, as the list shows it."""
    texts = MATTERS["code"]
    rows = [
        record(n, text=texts[n % len(texts)], written_at=(NOON + timedelta(days=n)).isoformat())
        for n in range(people)
    ]
    bring_in(*rows)
    regrouping.regroup(APP, NOON + timedelta(days=30))
    return send("GET", "/v1/topics", **OWNER).json["items"][0]


def test_feedback_from_inside_the_app_is_labelled_at_once():
    reply = send("POST", "/v1/feedback", body={"text": "OTP nahi aa raha", "rating": 1})

    assert reply.status == 201
    assert reply.json["language"] == "ur-Latn"
    assert reply.json["type"]


def test_feedback_that_says_nothing_is_refused():
    reply = send("POST", "/v1/feedback", body={"text": "  "})

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "/")


def test_an_import_answers_each_record_in_order_and_refuses_a_bad_one_alone():
    reply = bring_in(record(1), record(2, rating=3) | {"rating": 9}, record(3), {"source": "play"})
    outcomes = [row["outcome"] for row in reply.json["results"]]

    assert reply.status == 200
    assert outcomes == ["added", "refused", "added", "refused"]
    assert "rating" in reply.json["results"][1]["reason"]


@pytest.mark.parametrize(
    "written",
    [
        {"rating": "5"},
        {"rating": True},
        {"written_at": 1700000000},
        {"written_at": "1700000000"},
        {"written_at": "0999-06-01T00:00:00Z"},
        {"written_at": "0001-01-01T00:00:00+05:00"},
        {"revised_at": "9999-12-31T23:59:59-05:00"},
        {"text": "nothing\x00here"},
        {"title": "a\x1bb"},
        {"external_id": "a\x00b"},
        {"external_id": "  "},
        {"screen": "a\x00"},
        {"device": "a\x00"},
        {"version": "a\x00"},
    ],
    ids=str,
)
def test_what_cannot_be_kept_as_it_was_meant_is_refused_alone(written):
    results = bring_in(record(1) | written, record(2)).json["results"]

    assert [row["outcome"] for row in results] == ["refused", "added"]
    assert next(iter(written)) in results[0]["reason"]


def test_the_same_import_again_adds_nothing():
    bring_in(record(1), record(2))

    assert [row["outcome"] for row in bring_in(record(1), record(2)).json["results"]] == ["unchanged"] * 2


def test_telephone_numbers_in_an_import_reach_no_product_owner(tables):
    bring_in(record(1, text="call me 0300 1234567 or ۰۳۰۰۱۲۳۴۵۶۷"))
    stored = json.dumps(tables.scan(TableName="khidmat-test-feedback")["Items"])

    assert "1234567" not in stored
    assert "[phone]" in stored


def test_too_many_records_at_once_are_refused():
    assert bring_in(*(record(n) for n in range(201))).status == 400


def test_citizens_import_nothing_and_see_no_topics():
    assert send("POST", "/v1/feedback/imports", body={"records": [record(1)]}).status == 403
    assert send("GET", "/v1/topics").status == 403


def test_regrouping_is_asked_for_through_the_queue():
    bring_in(record(1))
    reply = send("POST", "/v1/topics/regroup", body={"app": APP}, **OWNER)
    url = "https://sqs.us-east-1.amazonaws.com/000000000000/khidmat-test-regroup"
    messages = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]

    assert reply.status == 202
    assert [json.loads(message["Body"]) for message in messages] == [{"app": APP}]


def test_regrouping_an_unknown_app_is_refused():
    reply = send("POST", "/v1/topics/regroup", body={"app": "nobody.knows.it"}, **OWNER)

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "/app")


def test_apps_with_feedback_are_listed_with_how_far_their_ranking_goes(topic):
    (app,) = send("GET", "/v1/apps", **OWNER).json["items"]

    assert (app["app"], app["topics_as_of"]) == (APP, topic["as_of"])


def test_a_topic_shows_its_score_part_by_part_with_quotes(topic):
    shown = send("GET", f"/v1/topics/{topic['topic_id']}", **OWNER)

    assert shown.headers["etag"] == '"1"'
    assert sum(shown.json["parts"].values()) == pytest.approx(shown.json["score"], abs=0.2)
    assert shown.json["quotes"]
    assert shown.json["decisions"] == []


@pytest.mark.parametrize("people", [9, 10])
def test_every_answer_about_a_topic_tells_figures_of_ten_people_or_more_alone(people):
    listed = topic_of(people)
    path = f"/v1/topics/{listed['topic_id']}"
    item = send("GET", path, **OWNER).json
    decided = send("POST", f"{path}/decisions", body={"status": "accepted"}, **OWNER).json

    for answer in (listed, item, decided):
        assert answer["suppressed"] is (people < 10)
        assert (answer["people"], answer["texts"]) == ((None, None) if people < 10 else (10, 10))
        assert bool(answer["parts"] or answer["weeks"] or answer["languages"]) is (people == 10)
        assert answer["name"]["en"]
        assert len(answer["quotes"]) == 3


def test_a_topics_texts_are_paged(topic):
    path = f"/v1/topics/{topic['topic_id']}/feedback"
    first = send("GET", f"{path}?limit=2", **OWNER).json
    rest = send("GET", f"{path}?cursor={first['next']}", **OWNER).json

    assert len(first["items"]) == 2
    assert len(first["items"] + rest["items"]) == topic["texts"]


def test_a_decision_moves_the_status_and_the_etag(topic):
    path = f"/v1/topics/{topic['topic_id']}/decisions"
    accepted = send("POST", path, body={"status": "accepted"}, headers={"If-Match": '"1"'}, **OWNER)
    stale = send("POST", path, body={"status": "planned"}, headers={"If-Match": '"1"'}, **OWNER)

    assert (accepted.status, accepted.json["status"], accepted.headers["etag"]) == (200, "accepted", '"2"')
    assert stale.status == 412


def test_a_topic_shows_the_decisions_that_have_left_its_item(topic):
    path = f"/v1/topics/{topic['topic_id']}"
    for number in range(52):
        send("POST", f"{path}/decisions", body={"status": "accepted", "reason": f"Reason {number}"}, **OWNER)
    shown = send("GET", path, **OWNER).json["decisions"]

    assert [decision["reason"] for decision in shown] == [f"Reason {n}" for n in range(52)]


def test_declining_needs_a_reason(topic):
    reply = send("POST", f"/v1/topics/{topic['topic_id']}/decisions", body={"status": "declined"}, **OWNER)

    assert reply.status == 400


def test_an_auditor_reads_topics_and_decides_nothing(topic):
    path = f"/v1/topics/{topic['topic_id']}"

    assert send("GET", path, role="auditor").status == 200
    assert send("POST", f"{path}/decisions", role="auditor", body={"status": "accepted"}).status == 403


@pytest.mark.parametrize("topic_id", ["t-xyz", "nonsense", "t-0123456789ABCDEF", "t-0000000000000000"])
def test_a_topic_nobody_knows_is_404(topic_id):
    assert send("GET", f"/v1/topics/{topic_id}", **OWNER).status == 404
