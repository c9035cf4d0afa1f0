"""Each function's role: what it grants is what the function's code does, no more and no less."""

import json
from collections import defaultdict
from datetime import timedelta

import pytest
from botocore.client import BaseClient

from functions.domain import complaints, notices, topics
from functions.storage import cases
from functions.storage import feedback as feedback_store
from functions.storage import topics as topic_store
from infra.packaging.bundles import PROJECT
from infra.tables import QUEUE, TABLE, resources
from schemas.complaints import NewComplaint
from schemas.topics import Decision, TopicRow
from tests.factories import CITIZEN, NOON, complaint_body, feedback, labels
from tests.http import send

CHALICE = PROJECT / ".chalice"
FUNCTIONS = json.loads((CHALICE / "config.json").read_text())["stages"]["dev"]["lambda_functions"]
SDPO = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}
OWNER = {"role": "product_owner", "subject": "owner-1"}
# Called by Lambda itself for an event source, and never by our code.
BY_LAMBDA = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
}
TOPIC = "t-0123456789abcdef"


def statements(function):
    return json.loads((CHALICE / FUNCTIONS[function]["iam_policy_file"]).read_text())["Statement"]


def granted(function):
    """(action, resource) of what the function's own code may do."""
    return {
        (action, resource["Fn::Sub"].replace(".Arn", "").replace("${", "").replace("}", ""))
        for statement in statements(function)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if statement["Sid"] not in ("WriteOwnLog", "SetAside") and action not in BY_LAMBDA
    }


@pytest.fixture
def done(monkeypatch, tables):
    """(action, resource) of every call made to AWS since; clear it after what only prepares."""
    names = {p["TableName"]: logical for logical, p in resources(TABLE, "test").items()}
    queues = {p["QueueName"]: logical for logical, p in resources(QUEUE, "test").items()}
    calls = set()
    call = BaseClient._make_api_call

    def recorded(client, operation, given):
        if operation == "SendMessage":
            calls.add(("sqs:SendMessage", queues[given["QueueUrl"].rsplit("/", 1)[1]]))
        elif operation == "TransactWriteItems":
            for write in given["TransactItems"]:
                ((action, item),) = write.items()
                calls.add((f"dynamodb:{action}Item", names[item["TableName"]]))
        elif "RequestItems" in given:
            calls.update((f"dynamodb:{operation}", names[name]) for name in given["RequestItems"])
        else:
            index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
            calls.add((f"dynamodb:{operation}", names[given["TableName"]] + index))
        return call(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return calls


def topic(**changes):
    row = {
        "topic_id": TOPIC, "app": "pk.khidmat.app", "type": "bug", "name": {"en": "code", "ur": "کوڈ"},
        "rank": 1, "score": 1.0, "parts": {"people": 1.0}, "people": 1, "texts": 1, "weeks": (0,) * 8,
        "severity": 1.0, "languages": ("en",), "versions": ("2.1",), "trend": "ongoing", "status": "new",
        "version": 1, "as_of": NOON, "quotes": (), "terms": ("code",),
    }  # fmt: skip
    return TopicRow.model_validate(row | changes)


def test_the_api(done, monkeypatch):
    topic_store.save_ranking(topic(), [feedback().feedback_id])
    done.clear()
    monkeypatch.setattr(cases, "HISTORY_KEPT_BYTES", 100)
    reply = send("POST", "/v1/complaints", body=complaint_body(), headers={"Idempotency-Key": "1"})
    path = f"/v1/complaints/{reply.json['reference']}"
    replies = [
        reply,
        send("POST", "/v1/complaints", body=complaint_body(), headers={"Idempotency-Key": "1"}),
        *(send("POST", f"{path}/comments", body={"text": f"Any news? {n}"}) for n in range(5)),
        send("POST", f"{path}/steps", body={"action": "accept"}, **SDPO),
        send("GET", path),
        send("GET", "/v1/complaints"),
        send("GET", "/v1/me/notices"),
        send("GET", "/v1/supervision/overdue", **SDPO),
        send("POST", "/v1/feedback", body={"text": "The code never arrives", "rating": 1}),
        send(
            "POST",
            "/v1/feedback/imports",
            body={"records": [feedback().model_dump(mode="json")]},
            **OWNER,
        ),
        send("GET", "/v1/apps", **OWNER),
        send("GET", "/v1/topics", **OWNER),
        send("GET", f"/v1/topics/{TOPIC}", **OWNER),
        send("GET", f"/v1/topics/{TOPIC}/feedback", **OWNER),
        send("POST", f"/v1/topics/{TOPIC}/decisions", body={"status": "accepted", "reason": "Many"}, **OWNER),
        send("POST", "/v1/topics/regroup", body={"app": "pk.khidmat.app"}, **OWNER),
    ]
    assert [r.text for r in replies if r.status >= 300] == []
    assert done == granted("api_handler")


def test_the_sweep(done):
    complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    done.clear()
    assert complaints.flag_overdue(NOON + timedelta(days=30)).flagged
    assert done == granted("flag_overdue")


def test_following_a_case(done):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    done.clear()
    notices.record_change(case.reference, "citizen-1", case.history)
    assert done == granted("on_case_change")


@pytest.fixture
def vanished(done, monkeypatch):
    """Feedback that makes no topic any more; of the two topics it made before, one was decided upon."""
    row = feedback_store.Labelled(feedback(), labels(), "digest")
    feedback_store.register("pk.khidmat.app", {feedback_store.month_of(row.feedback)})
    feedback_store.add(row)
    for topic_id in (TOPIC, TOPIC.replace("0", "f")):
        topic_store.save_ranking(topic(topic_id=topic_id), ["a"])
    decision = Decision(at=NOON, by="owner-1", status="accepted", reason="Many")
    topic_store.decide(topic_store.get(TOPIC), decision, on_version=1)
    # What grouping finds is not the question here, and needs more than these functions' store.
    monkeypatch.setattr(topics.grouping, "group", lambda items: [], raising=False)
    monkeypatch.setattr(topics.grouping, "match", lambda previous, groups: {}, raising=False)
    monkeypatch.setattr(topics.priority, "rank", lambda evidence, as_of: [], raising=False)
    done.clear()


def test_regrouping_at_night(vanished, done):
    topics.regroup_all(NOON)
    assert done == granted("regroup_topics")


def test_regrouping_on_request(vanished, done):
    topics.regroup("pk.khidmat.app", NOON)
    assert done == granted("on_regroup_request")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_is_granted_without_limit(function):
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        for resource in statement["Resource"]:
            # A log group's streams have names of their own: that star is inside one named group.
            assert "*" not in resource["Fn::Sub"].removesuffix(":*"), resource


def test_each_function_has_a_policy_of_its_own():
    used = defaultdict(list)
    for name, settings in FUNCTIONS.items():
        assert settings["autogen_policy"] is False
        used[settings["iam_policy_file"]].append(name)
    assert all(len(names) == 1 for names in used.values())
    assert {path.name for path in CHALICE.glob("policy-*.json")} == set(used)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_log_is_the_functions_own(function):
    (log,) = [s for s in statements(function) if s["Sid"] == "WriteOwnLog"]
    name = FUNCTIONS[function]["iam_policy_file"].removeprefix("policy-").removesuffix(".json")
    (resource,) = log["Resource"]
    assert resource["Fn::Sub"].endswith(f":log-group:/aws/lambda/khidmat-${{Stage}}-{name}:*")
