from datetime import timedelta

import pytest

from functions import events
from functions.domain import complaints, notices
from functions.logs import FunctionFailedError
from functions.storage.tables import StoreFailureError
from schemas.complaints import Accept, NewComment, NewComplaint
from tests.factories import CITIZEN, NOON, SDPO, complaint_body
from tests.http import Context, send

pytestmark = pytest.mark.usefixtures("tables")


def image(tables, reference):
    return tables.get_item(TableName="khidmat-test-cases", Key={"reference": {"S": reference}})["Item"]


def stream(*changes):
    records = [
        {
            "eventID": str(number),
            "eventName": "MODIFY" if old else "INSERT",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/khidmat-test-cases/stream/now",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_770_000_000.0,
                "Keys": {"reference": new["reference"]},
                "SequenceNumber": str(number),
                "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "NewImage": new,
                **({"OldImage": old} if old else {}),
            },
        }
        for number, (old, new) in enumerate(changes)
    ]
    return {"Records": records}


@pytest.fixture
def changes(tables):
    """A complaint lodged and accepted, as two records of the stream."""
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)
    lodged = image(tables, case.reference)
    complaints.take_step(SDPO, case.reference, Accept(action="accept"), NOON + timedelta(hours=1), None)
    return case.reference, (None, lodged), (lodged, image(tables, case.reference))


def told():
    rows, _ = notices.mine(CITIZEN, None, 10)
    return [row.event for row in rows]


def test_each_change_is_told_once(changes):
    _, lodged, accepted = changes

    assert events.on_case_change(stream(lodged, accepted), Context()) == {"batchItemFailures": []}
    assert told() == ["accept", "lodge"]


def test_records_delivered_twice_or_out_of_order_change_nothing(changes):
    _, lodged, accepted = changes
    for batch in ((accepted,), (lodged, accepted), (lodged,)):
        events.on_case_change(stream(*batch), Context())

    assert told() == ["accept", "lodge"]


def test_a_notice_is_forgotten_by_the_table_after_two_years(tables, changes):
    _, lodged, _ = changes
    events.on_case_change(stream(lodged), Context())
    (row,) = tables.scan(TableName="khidmat-test-notices")["Items"]

    assert int(row["expires"]["N"]) == int((NOON + timedelta(days=730)).timestamp())


def test_a_citizens_comment_tells_nobody(tables, changes):
    reference, *_ = changes
    before = image(tables, reference)
    complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c", NOON)
    events.on_case_change(stream((before, image(tables, reference))), Context())

    assert told() == []


def test_an_officers_comment_is_told_to_the_citizen(tables, changes):
    reference, *_ = changes
    before = image(tables, reference)
    complaints.comment(SDPO, reference, NewComment(text="Please bring the receipt."), "c", NOON)
    events.on_case_change(stream((before, image(tables, reference))), Context())

    assert told() == ["comment"]


def test_history_moved_to_a_part_is_no_change_of_a_case():
    part = {"reference": {"S": "KH-2345-6789-A#0001"}, "history": {"S": "[]"}}

    assert events.on_case_change(stream((None, part)), Context()) == {"batchItemFailures": []}


def test_a_record_that_fails_comes_again_with_those_after_it(changes, monkeypatch):
    _, lodged, accepted = changes
    real = notices.record_change

    def failing(reference, owner, entries):
        if entries[0].action == "lodge":
            raise StoreFailureError
        return real(reference, owner, entries)

    monkeypatch.setattr(notices, "record_change", failing)

    assert events.on_case_change(stream(lodged, accepted), Context()) == {
        "batchItemFailures": [{"itemIdentifier": "0"}]
    }
    assert told() == []


def test_a_function_that_fails_says_its_errors_kind_and_not_its_words():
    with pytest.raises(FunctionFailedError, match=r"^KeyError$"):
        events.on_case_change({"Records": [{"secret-value": 1}]}, Context())


def test_a_citizen_reads_what_happened_in_the_language_asked_for(changes):
    reference, lodged, accepted = changes
    events.on_case_change(stream(lodged, accepted), Context())
    english = send("GET", "/v1/me/notices?limit=1").json
    urdu = send("GET", f"/v1/me/notices?cursor={english['next']}", headers={"Accept-Language": "ur"}).json

    assert english["items"][0]["text"] == f"An officer has taken up your complaint {reference}."
    assert "موصول" in urdu["items"][0]["text"]
