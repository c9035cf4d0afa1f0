"""Each function's role: what it grants is what the function's code does, no more and no less."""

import gzip
import json
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from types import SimpleNamespace

import pytest
from botocore.client import BaseClient

from feedback_ml.sources.pages import page_of
from feedback_ml.sources.rows import Accepted
from feedback_ml.topics import Group
from functions import events, fetching, scheduled
from functions.domain import (
    accounts,
    alerts,
    audit,
    champion,
    codes,
    complaints,
    constraints,
    holidays,
    moving,
    notices,
    open_data,
    preferences,
    regrouping,
    releases,
    retention,
    steps,
    sweep,
    topic_decisions,
)
from functions.domain import feedback as domain_feedback
from functions.domain.access import Caller, Role
from functions.domain.fetching import Configured
from functions.domain.ledger import lines_of_change
from functions.storage import cases, mail, queues, topic_changes
from functions.storage import danger as danger_store
from functions.storage import evidence as evidence_store
from functions.storage import feedback as feedback_store
from functions.storage import ledger as ledger_store
from functions.storage import messages as messages_store
from functions.storage import models as models_store
from functions.storage import people as people_store
from functions.storage import register as register_store
from functions.storage import releases as release_store
from functions.storage import topics as topic_store
from functions.storage.keyring import keyring
from functions.storage.tables import instant_key
from infra.packaging.bundles import PROJECT
from infra.tables import BUCKET, QUEUE, TABLE, resources
from schemas.complaints import NewComplaint
from schemas.holidays import Amend
from schemas.releases import NewRelease
from schemas.steps import Withdraw
from schemas.topics import Decision, NewDecision, RankedTopic
from tests import models
from tests.codes import Telephones, ask
from tests.evidence import upload
from tests.factories import CITIZEN, NOON, complaint_body, feedback, labels
from tests.factories import OWNER as ONE_OWNER
from tests.holidays import holiday_body
from tests.http import Context, send
from tests.news import change_of
from tests.registered import enter, row

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
SES = ("ses:SendEmail", "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:identity/EmailIdentity")
PREFIX_OF_A_BUCKET = re.compile(r"\A\$\{\w+Bucket\.Arn\}/[a-z]+/\*\Z")


# A telephone has no name as a resource: publishing is granted to what is no topic (NotResource).
TELEPHONES = [{"Fn::Sub": "PhoneNumber"}]


def statements(function):
    return json.loads((CHALICE / FUNCTIONS[function]["iam_policy_file"]).read_text())["Statement"]


def granted(function):
    """(action, resource) of what the function's own code may do."""
    return {
        (action, resource["Fn::Sub"].replace(".Arn", "").replace("${", "").replace("}", ""))
        for statement in statements(function)
        for action in statement["Action"]
        for resource in statement.get("Resource", TELEPHONES)
        if statement["Sid"] not in ("WriteOwnLog", "SetAside", "OpenKeyring") and action not in BY_LAMBDA
    }


@pytest.fixture
def done(monkeypatch, tables):
    """(action, resource) of every call made to AWS since; clear it after what only prepares."""
    names = {p["TableName"]: logical for logical, p in resources(TABLE, "test").items()}
    queues = {p["QueueName"]: logical for logical, p in resources(QUEUE, "test").items()}
    calls = set()
    call = BaseClient._make_api_call

    def recorded(client, operation, given):
        if client.meta.service_model.service_name == "s3":
            calls.update(_of_s3(operation, given))
        elif operation == "SendMessage":
            calls.add(("sqs:SendMessage", queues[given["QueueUrl"].rsplit("/", 1)[1]]))
        elif operation == "Publish":
            calls.add(("sns:Publish", "PhoneNumber" if "PhoneNumber" in given else given["TopicArn"]))
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
    _record_signed(monkeypatch, calls)
    return calls


# Which actions S3 asks for; a batch of deletions asks for one each.
S3_ACTIONS = {"HeadObject": "GetObject", "CopyObject": "PutObject", "DeleteObjects": "DeleteObject"}
BUCKETS = {p["BucketName"]: logical for logical, p in resources(BUCKET, "test").items()}


def _of_s3(operation, given):
    """(action, resource) of one call to S3; a resource is a bucket, or a prefix of its keys."""
    bucket = BUCKETS[given["Bucket"]]
    if operation == "ListObjectVersions":
        return {("s3:ListBucketVersions", bucket)}
    if "VersionId" in given:
        return {("s3:GetObjectVersion", f"{bucket}/{given['Key'].partition('/')[0]}/*")}
    if operation == "ListObjectsV2":
        granted_prefixes = statement("EvidenceOfACase")["Condition"]["StringLike"]["s3:prefix"]
        assert any(fnmatch(given["Prefix"], prefix) for prefix in granted_prefixes)
        return {("s3:ListBucket", bucket)}
    keys = [row["Key"] for row in given["Delete"]["Objects"]] if "Delete" in given else [given["Key"]]
    action = f"s3:{S3_ACTIONS.get(operation, operation)}"
    found = {(action, f"{bucket}/{key.partition('/')[0]}/*") for key in keys}
    return found | (_of_s3("GetObject", given["CopySource"]) if "CopySource" in given else set())


def statement(sid):
    return next(each for each in statements("api_handler") if each["Sid"] == sid)


def _record_signed(monkeypatch, calls):
    """What a browser does with a form or a link, it does with the rights of whoever signed it."""
    client = evidence_store.client()
    post, url = client.generate_presigned_post, client.generate_presigned_url

    def signed_post(bucket, key, **more):
        calls.update(_of_s3("PutObject", {"Bucket": bucket, "Key": key}))
        return post(bucket, key, **more)

    def signed_url(method, **more):
        calls.update(_of_s3("GetObject", more["Params"]))
        return url(method, **more)

    monkeypatch.setattr(client, "generate_presigned_post", signed_post)
    monkeypatch.setattr(client, "generate_presigned_url", signed_url)


def topic(**changes):
    row = {
        "topic_id": TOPIC, "app": "pk.khidmat.app", "type": "bug", "name": {"en": "code", "ur": "کوڈ"},
        "rank": 1, "score": 1.0, "parts": {"people": 1.0}, "people": 1, "texts": 1, "weeks": (0,) * 8,
        "severity": 1.0, "languages": ("en",), "versions": ("2.1",), "trend": "ongoing", "status": "new",
        "version": 1, "as_of": NOON, "quotes": (), "terms": ("code",),
    }  # fmt: skip
    return RankedTopic.model_validate(row | changes)


def signing_in(monkeypatch):
    """A code asked for and given back, another telephone, a change at the desk, and signed out."""
    sent, send_code = [], queues.ask_to_send_code
    monkeypatch.setattr(queues, "ask_to_send_code", lambda body: (sent.append(body), send_code(body)))
    document, first, second = {"kind": "cnic", "number": "0000000000001"}, "0300 0000001", "0300 0000002"
    desk = {"role": "front_desk", "subject": "desk-1", "office": "ps-lhr-mozang"}

    def redeemed(path, asked, phone, **more):
        code = codes.read_message(sent[-1]).code
        body = {"challenge": asked.json["challenge"], "phone": phone, "code": code, **more}
        return send("POST", path, role=None, headers=signed, body=body)

    signed = {}
    asked = send("POST", "/v1/accounts/challenges", role=None, body={"document": document, "phone": first})
    tokens = redeemed("/v1/accounts/tokens", asked, first, grant="code")
    signed = {"Authorization": f"Bearer {tokens.json['access_token']}"}
    moving = send(
        "POST", "/v1/me/phone-changes/challenges", role=None, headers=signed, body={"phone": second}
    )
    return [
        asked,
        tokens,
        moving,
        redeemed("/v1/me/phone-changes", moving, second),
        send("GET", "/v1/me/sessions", role=None, headers=signed),
        send("POST", "/v1/desk/phone-changes", body={"document": document, "phone": first}, **desk),
        *forgotten(),
    ]


def forgotten():
    """A person with a document, a closed case, feedback and notices, who asks for everything and to be forgotten."""
    person = accounts.new_person("cnic:0000000000009", "+923000000009", NOON)
    people_store.register(person, keyring().index("phone", "+923000000009"), most_holders=5)
    token = accounts.open_session(person, "", datetime.now(UTC)).access_token
    me = {"role": None, "headers": {"Authorization": f"Bearer {token}"}}
    lodged = send("POST", "/v1/complaints", body=complaint_body(), **me)
    path = f"/v1/complaints/{lodged.json['reference']}"
    withdrawn = send("POST", f"{path}/steps", body={"action": "withdraw"}, **me)
    given = send("POST", "/v1/feedback", body={"text": "The code never arrives"}, **me)
    change = replace(change_of(cases.get(lodged.json["reference"])), office="")
    notices.record_change(change)
    told = [send("GET", "/v1/me/export", **me), send("DELETE", "/v1/me/sessions/none", **me)]
    assert told.pop().status == 404
    return [lodged, withdrawn, given, *told, send("POST", "/v1/me/erasure", **me)]


def keeping_the_rows():
    """An administrator enters an officer, takes the number back, and a complaint names another by number."""
    administrator = {"role": "administrator", "subject": "administrator-1"}
    post = {"role": "sdpo", "office": "sd-lhr-model-town"}
    return [
        send("PUT", "/v1/officers/sdpo-7", body=post | {"service_number": "LHR7"}, **administrator),
        send("PUT", "/v1/officers/sdpo-8", body=post | {"service_number": "LHR8"}, **administrator),
        send("PUT", "/v1/officers/sdpo-7", body=post, **administrator),
        send("GET", "/v1/officers/sdpo-7", **administrator),
        send("PUT", "/v1/policies/holidays/eid-ul-fitr-2027", body=holiday_body(), **administrator),
        send("GET", "/v1/policies/holidays"),
        send("POST", "/v1/complaints", body=complaint_body(about_officers=["LHR8"])),
        send(
            "POST",
            "/v1/anonymous-reports",
            role=None,
            body={
                "category": "violence_against_women",
                "narrative": "The neighbour beats his wife every evening.",
                "station": "ps-lhr-mozang",
            },
        ),
    ]


def looking_for(reference):
    """By each way of finding, and figures; the public file of a month that was made before."""
    register_store.put_file("2026-02", gzip.compress(b"month"))
    phone = keyring().index("phone", "+923000000007")
    enter(row(7), phone=phone)
    holder = accounts.new_person("cnic:0000000000008", "+923000000008", NOON)
    people_store.register(holder, keyring().index("phone", "+923000000008"), most_holders=5)
    theirs = Caller(holder.person, Role.CITIZEN, public_key=holder.keys.public)
    complaints.lodge(theirs, NewComplaint(**complaint_body()), "8", datetime.now(UTC))
    question = {name: complaint_body()[name] for name in ("category", "narrative", "station")}
    return [
        send("GET", "/v1/complaints/search?q=theft", **SDPO),
        send("GET", "/v1/complaints/search?phone=0300+0000007", **SDPO),
        send("GET", "/v1/complaints/search?cnic=0000000000008", **SDPO),
        send("GET", f"/v1/complaints/search?reference={reference}", **SDPO),
        send("GET", "/v1/figures", **SDPO),
        send("GET", f"/v1/complaints/{reference}/similar", **SDPO),
        send("POST", "/v1/complaints/similar", body=question),
        send("GET", "/open-data/complaints.csv", role=None),
        send("GET", "/open-data/complaints.csv?month=2026-02", role=None),
    ]


def merging_into(path):
    other = send("POST", "/v1/complaints", body=complaint_body(), headers={"Idempotency-Key": "2"})
    body = {"action": "merge", "into": path.rpartition("/")[2]}
    return [other, send("POST", f"/v1/complaints/{other.json['reference']}/steps", body=body, **SDPO)]


def learning_from_people(monkeypatch):
    """A label corrected and one passed by; a model offered, promoted and rolled back; a call for help."""
    monkeypatch.setattr(champion, "shipped", models.classifier)
    ids = []
    for number in (1, 2):
        sent = feedback(f"unsure-{number}")
        given = labels(margin=0.1)
        domain_feedback.take_in([sent], lambda _, given=given: given, str, NOON)
        ids.append(sent.feedback_id)
    said = {"type": "usability", "area": "app"}
    offered = send("POST", "/v1/models", body=models.new(1).model_dump(mode="json"), **OWNER)
    models.upload(1)
    return [
        send("PUT", f"/v1/feedback/{ids[0]}/labels", body=said, **OWNER),
        send("POST", f"/v1/labels/queue/{ids[1]}/skip", **OWNER),
        send("GET", "/v1/labels/queue", **OWNER),
        send("GET", "/v1/labels/export", **OWNER),
        offered,
        send("POST", f"/v1/models/{models.name(1)}/promote", body={}, **OWNER),
        send("POST", "/v1/models/rollback", body={}, **OWNER),
        send("GET", "/v1/models", **OWNER),
        *calling_for_help(),
    ]


def calling_for_help():
    """Raised twice, so that what is there already is looked at; read, taken up and settled."""
    central = {"role": "central_office", "subject": "central-1", "office": "pb"}
    sent = feedback("danger", text="He has a knife", written_at=datetime.now(UTC))
    for changed in (sent, sent.model_copy(update={"rating": 2, "revised_at": datetime.now(UTC)})):
        domain_feedback.take_in([changed], lambda _: labels(danger=True), str, datetime.now(UTC))
    path = f"/v1/danger/{sent.feedback_id}"
    return [
        send("GET", "/v1/danger", **central),
        send("POST", f"{path}/giver", **central),
        send("POST", f"{path}/acknowledge", **central),
        send("POST", f"{path}/outcome", body={"outcome": "false_alarm"}, **central),
    ]


def turning_the_loop():
    """Two topics made one, put into a release that ships, and what is read of it; one text is still broken."""
    other, given = TOPIC.replace("0", "f"), send("POST", "/v1/feedback", body={"text": "Still nothing"})
    feedback_id = given.json["feedback_id"]
    topic_store.save_ranking(topic(topic_id=other), [feedback_id, "a"])
    made = send("POST", "/v1/releases", body={"version": "2.4"}, **OWNER)
    release = f"/v1/releases/{made.json['release_id']}"
    release_store.note_told([feedback_id], release_store.Told(TOPIC, made.json["release_id"], "2.4", NOON))
    split = {"feedback_ids": [feedback_id], "name": {"en": "Nothing", "ur": "کچھ نہیں"}}
    into = {"status": "in_release", "release_id": made.json["release_id"]}
    return [
        send("POST", f"/v1/topics/{other}/splits", body=split, **OWNER),
        send("POST", f"/v1/topics/{TOPIC}/merges", body={"topic_ids": [other]}, **OWNER),
        send("POST", f"/v1/topics/{TOPIC}/decisions", body=into, **OWNER),
        send("PUT", release, body={"state": "shipped"}, **OWNER),
        send("GET", release, **OWNER),
        send("GET", "/v1/releases", **OWNER),
        send("GET", "/v1/changelog", role=None),
        send(
            "POST",
            "/v1/releases/imports",
            body={"releases": [{"version": "1", "date": "2026-01-01"}]},
            **OWNER,
        ),
        send("POST", f"/v1/feedback/{feedback_id}/still-broken", body={}),
    ]


def test_the_api(done, monkeypatch):
    topic_store.save_ranking(topic(), [feedback().feedback_id])
    done.clear()
    monkeypatch.setattr(cases, "HISTORY_KEPT_BYTES", 100)
    reply = send("POST", "/v1/complaints", body=complaint_body(), headers={"Idempotency-Key": "1"})
    path = f"/v1/complaints/{reply.json['reference']}"
    announced = send("POST", f"{path}/evidence", body={"media_type": "application/pdf", "bytes": 9})
    upload(announced, b"%PDF-1.7\n")
    piece = f"{path}/evidence/{announced.json['evidence']}"
    replies = [
        reply,
        send("POST", "/v1/complaints", body=complaint_body(), headers={"Idempotency-Key": "1"}),
        *(send("POST", f"{path}/comments", body={"text": f"Any news? {n}"}) for n in range(5)),
        send("POST", f"{path}/steps", body={"action": "accept"}, **SDPO),
        send("GET", path),
        announced,
        send("POST", f"{piece}/completion"),
        send("GET", f"{path}/evidence"),
        send("GET", piece),
        *signing_in(monkeypatch),
        *keeping_the_rows(),
        send("GET", f"{path}/audit", role="auditor", subject="auditor-1"),
        send("GET", "/v1/complaints"),
        *looking_for(reply.json["reference"]),
        send("GET", "/v1/me/notices"),
        send("GET", "/v1/office/notices", **SDPO),
        send("PUT", f"/v1/offices/{SDPO['office']}/notifications", body={"phone": "0300 0000006"}, **SDPO),
        send("GET", "/v1/supervision/overdue", **SDPO),
        *merging_into(path),
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
        *turning_the_loop(),
        *learning_from_people(monkeypatch),
    ]
    assert [r.text for r in replies if r.status >= 300] == []
    assert evidence_store.forget(reply.json["reference"]) == 1
    done.discard(("dynamodb:PutItem", "RegisterTable"))  # so with this
    done.discard(("dynamodb:PutItem", "NoticesTable"))  # the stream's consumer, which was played here
    done.discard(("dynamodb:BatchWriteItem", "ReleasesTable"))  # and the night
    assert done == granted("api_handler")


def test_forgetting_a_cases_files(done):
    for place in (evidence_store.ARRIVING, evidence_store.KEPT):
        bucket = resources(BUCKET, "test")["EvidenceBucket"]["BucketName"]
        evidence_store.client().put_object(Bucket=bucket, Key=f"{place}/KH-2345-6789-A/e-1", Body=b"%PDF-1.7")
    done.clear()
    assert evidence_store.forget("KH-2345-6789-A") == 2
    nightly = {each for each in granted("enforce_retention") if each[0].startswith("s3:")}
    assert done == nightly <= granted("api_handler")


def test_copying_into_the_ledger(done):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    done.clear()
    ledger_store.put_lines(NOON.date(), "1-1-cases", lines_of_change("case:x", (), case.history))
    assert done == granted("copy_case_changes") == granted("copy_officer_changes")


def test_sealing_the_ledger(done):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    ledger_store.put_lines(NOON.date(), "1-1-cases", lines_of_change("case:x", (), case.history))
    done.clear()
    assert len(audit.seal(NOON + timedelta(days=2))) == 2
    assert done == granted("seal_audit")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nobody_may_change_or_take_away_what_is_in_the_ledger(function):
    on_ledger = {action for action, resource in granted(function) if resource.startswith("LedgerBucket")}

    assert on_ledger <= {"s3:PutObject", "s3:ListBucketVersions", "s3:GetObjectVersion"}
    assert on_ledger == set() or function in ("copy_case_changes", "copy_officer_changes", "seal_audit")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_keyring_is_opened_by_kms_for_its_own_context_alone(function):
    for each in statements(function):
        if any(action.startswith("kms:") for action in each["Action"]):
            assert each["Action"] == ["kms:Decrypt"]
            assert each["Resource"] == [{"Fn::Sub": "${KeyringKeyArn}"}]
            assert each["Condition"] == {"StringEquals": {"kms:EncryptionContext:khidmat": "keyring"}}


def test_forgetting_in_time(done):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    steps.take(CITIZEN, case.reference, Withdraw(action="withdraw"), NOON, None)
    old = feedback(written_at=NOON.replace(year=2020))
    feedback_store.register("pk.khidmat.app", {"2020-03"})
    feedback_store.put_many([feedback_store.Labelled(old, labels(), "digest")])
    key = f"kept/{case.reference}/e-1"
    evidence_store.client().put_object(Bucket=_bucket("EvidenceBucket"), Key=key, Body=b"%PDF-1.7")
    done.clear()
    assert retention.enforce(NOON.replace(year=2035)).erased == 1
    assert done | {("s3:DeleteObject", "EvidenceBucket/arriving/*")} == granted("enforce_retention")


def _bucket(logical):
    return resources(BUCKET, "test")[logical]["BucketName"]


def test_the_sweep(done):
    """Of a case whose clocks count working time, after a holiday was amended."""
    summer = NOON.replace(month=7)
    complaints.lodge(CITIZEN, NewComplaint(**complaint_body(category="service_delay")), "1", summer)
    administrator = Caller("administrator-1", Role.ADMINISTRATOR)
    holidays.amend(administrator, "ashura-2026", Amend(**holiday_body(days=[])), summer, None)
    done.clear()
    month_later = summer + timedelta(days=30)
    assert moving.move_deadlines(month_later).examined
    assert sweep.flag_overdue(month_later).flagged
    assert done == granted("flag_overdue")


def test_following_a_case(done, monkeypatch, tables):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    child = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "2", NOON)
    monkeypatch.setattr(notices, "NOT_FOR_FOLLOWERS", frozenset())
    merged = {
        "TableName": "khidmat-test-cases",
        "Key": {"reference": {"S": child.reference}},
        "UpdateExpression": "SET merged_into = :into",
        "ExpressionAttributeValues": {":into": {"S": case.reference}},
    }
    tables.update_item(**merged)
    without_station = complaint_body(station=None, district="ds-lahore")
    district = complaints.lodge(CITIZEN, NewComplaint(**without_station), "3", NOON)

    def image_of(reference):
        return tables.get_item(TableName="khidmat-test-cases", Key={"reference": {"S": reference}})["Item"]

    image, of_district = image_of(case.reference), image_of(district.reference)
    about_app = image_of(_about_the_app(monkeypatch))
    done.clear()
    events._follow({}, about_app)
    events._follow({}, about_app)
    events._follow({}, image)
    events._follow({}, of_district)
    events._follow(image, image | {"erased": {"S": instant_key(NOON)}, "version": {"N": "2"}})
    assert done == granted("on_case_change")


def _about_the_app(monkeypatch):
    """A call for help as a complaint about the app, which a promoted model labels; its reference."""
    promote_a_model(monkeypatch)
    said = champion.label
    monkeypatch.setattr(champion, "label", lambda text: said(text).model_copy(update={"danger": True}))
    body = complaint_body(category="app_or_site", narrative="The app hangs and he has a knife")
    return complaints.lodge(CITIZEN, NewComplaint(**body), "4", datetime.now(UTC)).reference


def promote_a_model(monkeypatch):
    monkeypatch.setattr(champion, "shipped", models.classifier)
    models_store.offer(models.new(1), NOON, "owner-1")
    models.upload(1)
    models_store.point(models_store.Pointer(models.name(1), ""), models_store.NOBODY_PROMOTED)


def test_fetching_reviews(done, monkeypatch):
    """One that is new, one that was revised: calls for help, one of them told of before the run was cut short."""
    promote_a_model(monkeypatch)
    before = feedback(1, written_at=NOON)
    domain_feedback.take_in([before], lambda _: labels(), str, NOON)
    feedback_store.forget_registered()
    now = datetime.now(UTC)
    revised = before.model_copy(update={"text": "He has a knife", "revised_at": now})
    rows = [
        Accepted("play", n, text) for n, text in enumerate((revised, feedback(2, written_at=now)), start=1)
    ]
    reading = SimpleNamespace(newest_first=True, days_kept=7, page=lambda _: page_of(rows, ""))
    monkeypatch.setattr(fetching, "configured", lambda: [Configured("play:a", lambda: reading)])
    said = champion.label
    monkeypatch.setattr(champion, "label", lambda text: said(text).model_copy(update={"danger": True}))
    told = feedback_store.Labelled(rows[1].feedback, labels(danger=True), "digest")
    alerts.raise_alert(told, now)
    done.clear()
    assert fetching.fetch_reviews(tick(now), Context()) == {"read": 0, "failed": 0, "waiting": 1}
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 600_000)
    assert fetching.fetch_reviews(tick(now), Context()) == {"read": 1, "failed": 0, "waiting": 0}
    assert done == granted("fetch_reviews")


def test_flagging_calls_for_help(done, monkeypatch):
    """Two: of one the telling was written before, and an officer takes up the other while it is flagged."""
    sent = [feedback(n, text="He has a knife", written_at=NOON) for n in (1, 2)]
    domain_feedback.take_in(sent, lambda _: labels(danger=True), str, NOON)
    row = danger_store.get(sent[0].feedback_id)
    alerts.tell_duty(row, alerts.OVERDUE, NOON)
    put = danger_store.put

    def taken_up_meanwhile(row, before):
        monkeypatch.setattr(danger_store, "put", put)
        put(row, before)
        return put(row, before)

    monkeypatch.setattr(danger_store, "put", taken_up_meanwhile)
    done.clear()
    assert scheduled.flag_danger(tick(NOON + timedelta(hours=1)), Context()) == {"examined": 2, "flagged": 2}
    assert done == granted("flag_danger")


def test_watching_drift(done, monkeypatch):
    monkeypatch.setattr(champion, "shipped", models.classifier)
    domain_feedback.take_in([feedback(1)], lambda _: labels(), str, NOON)
    models_store.offer(models.new(1), NOON, "owner-1")
    models.upload(1)
    models_store.point(models_store.Pointer(models.name(1), ""), models_store.NOBODY_PROMOTED)
    done.clear()
    assert scheduled.watch_drift(tick(NOON + timedelta(days=1)), Context())["apps"] == 1
    assert done == granted("watch_drift")


def test_publishing_open_data(done):
    enter(row())
    done.clear()
    assert open_data.publish(NOON.replace(month=4)).months == ("2026-03",)
    assert done == granted("publish_open_data")


def test_sending_a_message(done, monkeypatch):
    """By each channel in turn, to a person and to an office; what SES is asked for is what the role may."""
    person = accounts.new_person("cnic:0000000000009", "+923000000009", NOON)
    people_store.register(person, keyring().index("phone", "+923000000009"), most_holders=5)
    monkeypatch.setenv("KHIDMAT_EMAIL_SENDER", "notices@khidmat.example")
    monkeypatch.setattr(mail, "client", lambda: SimpleNamespace(send_email=lambda **_: done.add(SES)))
    for recipient, channels in ((person.person, ("sms",)), ("office:sd-lhr-civil-lines", ("email",))):
        to = preferences.Addressee("en", channels, {"sms": "+923000000009", "email": "duty@example.org"})
        right = preferences.addressee
        monkeypatch.setattr(preferences, "addressee", lambda who, to=to, right=right: right(who) and to)
        row = messages_store.MessageRow(
            f"KH-2345-6789-A#1#{recipient}", recipient, "KH-2345-6789-A", "lodge", 1, "open", "waiting",
            datetime.now(UTC), NOON,
        )  # fmt: skip
        messages_store.add(row)
        done.clear() if channels == ("sms",) else None
        body = json.dumps({"message": row.message})
        assert events.on_message({"Records": [{"messageId": "m", "body": body}]}, Context()) == {
            "batchItemFailures": []
        }
        assert messages_store.get(row.message).state == "sent"
    assert done == granted("on_message")


def test_writing_the_weeks_letter(done, monkeypatch):
    """For one office, of an app with a topic, with a call for help and a measured drift."""
    monkeypatch.setenv("KHIDMAT_DIGEST_TO", "sd-lhr-civil-lines")
    texts = [feedback(number) for number in range(3)]
    domain_feedback.take_in(texts, lambda _: labels(), str, NOON)
    regrouping.regroup("pk.khidmat.app", NOON)
    done.clear()
    assert scheduled.send_digest(tick(NOON), Context()) == {"recipients": 1, "written": 1}
    assert done == granted("send_digest")


def test_handing_over_what_waits(done):
    row = messages_store.MessageRow(
        "KH-2345-6789-A#1#p-1", "p-1", "KH-2345-6789-A", "accept", 1, "open", "waiting", NOON, NOON
    )
    messages_store.add(row)
    done.clear()
    assert scheduled.send_waiting(tick(NOON + timedelta(minutes=5)), Context()) == {"messages": 1}
    assert done == granted("send_waiting")


def tick(at):
    named = dict.fromkeys(("version", "account", "region", "detail-type", "source", "id"), "0")
    return {**named, "time": at.isoformat(), "detail": {}, "resources": []}


def test_sending_a_code(done, monkeypatch):
    phones = Telephones(monkeypatch)
    ask(NOON)
    expires = replace(phones.sent[0], expires=int(datetime.now(UTC).timestamp()) + 60)
    done.clear()
    monkeypatch.setattr(codes, "read_message", lambda body: expires)
    record = {"Records": [{"messageId": "m", "body": phones.bodies[0]}]}
    assert events.on_code_request(record, Context()) == {"batchItemFailures": []}
    assert done == granted("on_code_request")


@pytest.fixture
def vanished(done, monkeypatch):
    """Of three topics one has shipped; of two that nobody writes about any more one was decided upon."""
    row = feedback_store.Labelled(feedback(source="in_app"), labels(), "digest")
    feedback_store.register("pk.khidmat.app", {feedback_store.month_of(row.feedback)})
    feedback_store.add(row, "citizen-1")
    shipped, decided, gone = TOPIC, TOPIC.replace("0", "e"), TOPIC.replace("0", "f")
    for topic_id in (shipped, decided, gone):
        topic_store.save_ranking(topic(topic_id=topic_id), ["a"])
    decision = Decision(at=NOON, by="owner-1", status="accepted", reason="Many")
    topic_changes.decide((topic_changes.Change(topic_store.get(decided), decision),))
    later = NOON + timedelta(days=1)
    new = NewRelease(app="pk.khidmat.app", version="2.4", state="shipped")
    release = releases.create(ONE_OWNER, new, "pk.khidmat.app", later)
    into = NewDecision(status="in_release", release_id=release.release_id)
    topic_decisions.decide(ONE_OWNER, shipped, into, later, None)
    group = Group("bug", (row.feedback.feedback_id,), "code", "کوڈ", (), ())
    # What grouping finds is not the question here, and needs more than these functions' store.
    monkeypatch.setattr(regrouping.grouping, "group", lambda items: [group], raising=False)
    monkeypatch.setattr(constraints, "match", lambda previous, groups: {0: shipped})
    monkeypatch.setattr(regrouping.priority, "rank", lambda evidence, as_of: [], raising=False)
    done.clear()


def test_regrouping_at_night(vanished, done):
    regrouping.regroup_all(NOON + timedelta(days=2))
    assert done == granted("regroup_topics")


def test_regrouping_on_request(vanished, done):
    regrouping.regroup("pk.khidmat.app", NOON + timedelta(days=2))
    assert done == granted("on_regroup_request")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_is_granted_without_limit(function):
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        if "NotResource" in statement:
            assert statement["Sid"] == "SendTextMessages"
            assert statement["NotResource"] == [{"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}]
        for resource in statement.get("Resource", []):
            # A log group's streams and a prefix's objects have names of their own: those two stars alone stand,
            # each inside one named group or bucket.
            inside = PREFIX_OF_A_BUCKET.sub("", resource["Fn::Sub"]).removesuffix(":*")
            assert "*" not in inside, resource


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
