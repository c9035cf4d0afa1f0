import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from functions import copying, instant
from functions.domain import audit, complaints, officers, steps
from functions.domain.deadlines import KARACHI
from functions.domain.ledger import Bad
from functions.storage import cases, ledger
from functions.storage import officers as officer_store
from functions.storage.history import history_text
from schemas.complaints import NewComment, NewComplaint
from schemas.officers import NewPost
from schemas.steps import Accept
from tests.factories import CITIZEN, SDPO, complaint_body
from tests.functions.domain.test_complaints import long_text
from tests.http import Context

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(KARACHI).date()
BUCKET = "khidmat-test-ledger-000000000000"


class Stream:
    """A table's stream by hand: what each write made of the row, in order."""

    def __init__(self, tables, noun, key):
        self.tables, self.table, self.key, self.number = tables, f"khidmat-test-{noun}", key, 0
        self.images = {}

    def record(self, name):
        new = self.tables.get_item(TableName=self.table, Key={self.key: {"S": name}}).get("Item")
        old = self.images.get(name)
        self.images[name] = new
        self.number += 1
        change = {
            "ApproximateCreationDateTime": 1_770_000_000.0,
            "Keys": {self.key: {"S": name}},
            "SequenceNumber": str(self.number),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **({"OldImage": old} if old else {}),
            **({"NewImage": new} if new else {}),
        }
        return {
            "eventID": str(self.number),
            "eventName": "MODIFY" if old and new else "INSERT" if new else "REMOVE",
            "eventSourceARN": f"arn:aws:dynamodb:us-east-1:1:table/{self.table}/stream/now",
            "awsRegion": "us-east-1",
            "dynamodb": change,
        }


@pytest.fixture(autouse=True)
def one_day():
    """The ledger is kept by days of Karachi, and a run may be under way when one ends."""
    with instant.told_by(lambda: NOW):
        yield


@pytest.fixture
def stream(tables):
    return Stream(tables, "cases", "reference")


def copied(*records):
    return copying.copy_case_changes({"Records": list(records)}, Context())


def lodged(stream):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOW)
    return case.reference, stream.record(case.reference)


def accepted(stream, reference):
    steps.take(SDPO, reference, Accept(action="accept"), NOW, None)
    return stream.record(reference)


def verified(**more):
    return audit.verify(NOW, audit.Asked(**more))


def test_every_change_is_copied_and_the_whole_verifies(stream):
    reference, first = lodged(stream)
    assert copied(first, accepted(stream, reference)) == {"batchItemFailures": []}

    assert verified() == audit.Verified(days=0, copies=2, chains=1, bad=None)


def test_a_batch_delivered_twice_whole_or_in_parts_changes_nothing(stream):
    reference, first = lodged(stream)
    second = accepted(stream, reference)
    for batch in ((first, second), (first, second), (first,), (second,)):
        copied(*batch)

    assert verified().bad is None


def test_what_was_written_is_in_no_copy(stream):
    reference, first = lodged(stream)
    complaints.comment(CITIZEN, reference, NewComment(text="My neighbour saw it."), "c", NOW)
    copied(first, stream.record(reference))
    text = "".join(
        boto3.client("s3").get_object(Bucket=BUCKET, Key=copy.name)["Body"].read().decode()
        for copy in ledger.copies_of(TODAY)
    )

    assert "neighbour" not in text
    assert cases.get(reference).history[-1].text not in text
    assert json.loads(text.splitlines()[-1])["text_sum"]


def test_a_long_history_that_moves_to_parts_stays_whole(stream):
    reference, first = lodged(stream)
    records = [first]
    for number in range(30):
        complaints.comment(CITIZEN, reference, NewComment(text=long_text(number)), f"c-{number}", NOW)
        records.append(stream.record(reference))
    copied(*records)
    part = stream.record(f"{reference}#0001")
    copied(part)

    assert cases.get(reference).archived_parts > 0
    assert verified() == audit.Verified(days=0, copies=31, chains=1, bad=None)


def tampered(tables, reference, entries):
    tables.update_item(
        TableName="khidmat-test-cases",
        Key={"reference": {"S": reference}},
        UpdateExpression="SET history = :h",
        ExpressionAttributeValues={":h": {"S": history_text(entries)}},
    )


def test_an_entry_changed_in_the_table_is_named(tables, stream):
    reference, first = lodged(stream)
    copied(first, accepted(stream, reference))
    history = list(cases.get(reference).history)
    tampered(tables, reference, [history[0], replace(history[1], actor="somebody-else")])

    assert verified().bad == Bad("entry_changed", f"case:{reference}", 2)
    assert verified(items=False).bad is None


def test_a_case_deleted_from_the_table_is_named(tables, stream):
    reference, first = lodged(stream)
    copied(first)
    tables.delete_item(TableName="khidmat-test-cases", Key={"reference": {"S": reference}})

    assert verified().bad == Bad("item_missing", f"case:{reference}", 1)
    copied(stream.record(reference))
    assert verified(items=False).bad == Bad("entry_removed", f"case:{reference}", 1)


def test_an_entry_changed_under_its_old_digest_is_copied_and_named(tables, stream):
    reference, first = lodged(stream)
    copied(first, accepted(stream, reference))
    history = list(cases.get(reference).history)
    tampered(tables, reference, [history[0], replace(history[1], actor="somebody-else")])
    copied(stream.record(reference))

    assert verified(items=False).bad == Bad("entry_changed", f"case:{reference}", 2)


@pytest.fixture
def parted(stream):
    """A case whose older history lies in a part of its own, all of it copied."""
    reference, first = lodged(stream)
    records = [first]
    for number in range(30):
        complaints.comment(CITIZEN, reference, NewComment(text=long_text(number)), f"c-{number}", NOW)
        records.append(stream.record(reference))
    copied(*records, stream.record(f"{reference}#0001"))
    return reference


def test_older_history_deleted_from_its_part_is_named(tables, stream, parted):
    key = {"reference": {"S": f"{parted}#0001"}}
    tables.delete_item(TableName="khidmat-test-cases", Key=key)
    copied(stream.record(f"{parted}#0001"))

    assert verified(items=False).bad == Bad("entry_removed", f"case:{parted}", 1)


def test_older_history_changed_in_its_part_is_named(tables, stream, parted):
    older = list(cases.older_history(cases.get(parted)))
    tampered(tables, f"{parted}#0001", [*older[:4], replace(older[4], actor="somebody-else"), *older[5:]])

    assert verified().bad == Bad("entry_changed", f"case:{parted}", 5)
    copied(stream.record(f"{parted}#0001"))
    assert verified(items=False).bad == Bad("entry_changed", f"case:{parted}", 5)


def test_entries_dropped_under_the_pretence_of_having_moved_are_named(tables, stream):
    reference, first = lodged(stream)
    copied(first, accepted(stream, reference))
    tampered(tables, reference, cases.get(reference).history[1:])
    tables.update_item(
        TableName="khidmat-test-cases",
        Key={"reference": {"S": reference}},
        UpdateExpression="SET parts = :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    copied(stream.record(reference))

    assert verified().bad == Bad("entry_missing", f"case:{reference}", 1)


@pytest.mark.parametrize(
    "change", [{"history": {"S": "nonsense"}}, {"version": {"S": "x"}}, {"lodged_key": None}]
)
def test_an_item_that_cannot_be_read_is_named(tables, stream, change):
    reference, first = lodged(stream)
    copied(first)
    item = stream.images[reference] | change
    tables.put_item(
        TableName="khidmat-test-cases", Item={name: value for name, value in item.items() if value}
    )

    assert verified().bad == Bad("item_unreadable", f"case:{reference}", 1)


def test_an_entry_that_was_passed_by_is_named_after_two_hours(stream):
    reference, first = lodged(stream)
    copied(first)
    accepted(stream, reference)

    assert verified().bad is None
    late = audit.verify(NOW + timedelta(hours=3))
    assert late.bad == Bad("item_not_copied", f"case:{reference}", 2)


@pytest.mark.parametrize("history", ["nonsense", "[1]", '[{"n":1}]', "{}x"])
def test_what_is_no_chain_is_put_on_record_and_holds_nothing_up(stream, history):
    reference, first = lodged(stream)
    broken = {**stream.record(reference)}
    broken["dynamodb"] = {**broken["dynamodb"], "NewImage": {"history": {"S": history}}}

    assert copied(first, broken, accepted(stream, reference)) == {"batchItemFailures": []}
    assert verified().copies == 3
    assert verified().bad == Bad("copy_unreadable", f"case:{reference}", 0)


def test_a_store_that_does_not_answer_fails_the_batch(stream, monkeypatch):
    _, first = lodged(stream)
    monkeypatch.setenv("KHIDMAT_LEDGER_BUCKET", "khidmat-test-nowhere")

    with pytest.raises(Exception, match="StoreFailure"):
        copied(first)


def test_officers_rows_are_copied_as_cases_are(tables):
    stream = Stream(tables, "officers", "subject")
    officers.write(
        "sdpo-7",
        NewPost(role="sdpo", office="sd-lhr-civil-lines", service_number="LHR7"),
        NOW,
        by="administrator-1",
        role="administrator",
    )
    records = [stream.record("sdpo-7"), stream.record("number#LHR7")]
    copying.copy_officer_changes({"Records": records}, Context())

    assert verified() == audit.Verified(days=0, copies=1, chains=1, bad=None)
    row = officer_store.get("sdpo-7", consistent=True)
    officer_store.put(row.__class__(**{**_fields(row), "history": "[]"}), row)
    assert verified().bad == Bad("item_shorter", "officer:sdpo-7", 1)


def _fields(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def test_a_row_that_says_other_than_its_chain_is_named(tables, stream):
    reference, first = lodged(stream)
    copied(first)
    assert audit.verify(NOW).bad is None
    for name, value in (("category", "false_fir"), ("contact_due", "2099-01-01T00:00:00.000000Z")):
        before = tables.get_item(TableName=stream.table, Key={"reference": {"S": reference}})["Item"]
        tables.put_item(TableName=stream.table, Item={**before, name: {"S": value}})
        assert audit.verify(NOW).bad == Bad("row_differs", f"case:{reference}", 1)
        tables.put_item(TableName=stream.table, Item=before)
    tables.put_item(TableName=stream.table, Item={**before, "narrative": {"B": b"forged"}})

    assert audit.verify(NOW).bad == Bad("row_differs", f"case:{reference}", 1)


def test_an_officers_row_that_was_raised_by_hand_is_named(tables):
    stream = Stream(tables, "officers", "subject")
    post = NewPost(role="sdpo", office="sd-lhr-civil-lines")
    row = officers.write("sdpo-7", post, NOW, by="administrator-1", role="administrator")
    copying.copy_officer_changes({"Records": [stream.record("sdpo-7")]}, Context())
    assert audit.verify(NOW).bad is None
    officer_store.put(replace(row, role="central_office", office="pb"), row)

    assert audit.verify(NOW).bad == Bad("row_differs", "officer:sdpo-7", 1)
