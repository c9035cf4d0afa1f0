import json
from datetime import UTC, datetime, timedelta

import pytest

from functions import events, scheduled
from functions.domain import complaints, dispatch, notices, preferences, signing_in, steps
from functions.domain.preferences import Preferences
from functions.logs import FunctionFailedError
from functions.storage import messages as message_store
from functions.storage import queues
from functions.storage.tables import StoreFailureError
from schemas.cases import Entry
from schemas.complaints import NewComment, NewComplaint
from schemas.steps import Accept
from tests import stored
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
    steps.take(SDPO, case.reference, Accept(action="accept"), NOON + timedelta(hours=1), None)
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
    rows = tables.scan(TableName="khidmat-test-notices")["Items"]

    assert {int(row["expires"]["N"]) for row in rows} == {int((NOON + timedelta(days=730)).timestamp())}


def test_a_citizens_comment_is_no_news_to_the_citizen(tables, changes):
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

    def failing(change):
        if change.entries[0].action == "lodge":
            raise StoreFailureError
        return real(change)

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


# --- what goes out of the app


LODGED = ("citizen-1", "office:sd-lhr-civil-lines")


def outbox():
    """Recipient and step of every message there is."""
    return sorted((item.attrs["recipient"].value, item.attrs["event"].value) for item in _rows())


def _rows():
    return list(stored.items(stored.tables()["khidmat-test-messages"]))


def queued():
    return [json.loads(m.body)["message"] for m in stored.queues()["khidmat-test-messages"]._messages]


def test_each_change_makes_a_message_a_recipient_and_hands_it_over(changes):
    reference, lodged, accepted = changes
    events.on_case_change(stream(lodged, accepted), Context())

    assert outbox() == [("citizen-1", "accept"), *((who, "lodge") for who in LODGED)]
    assert queued() == [*(f"{reference}#1#{who}" for who in LODGED), f"{reference}#2#citizen-1"]


def test_a_change_that_comes_twice_or_out_of_order_is_handed_over_once(changes):
    _, lodged, accepted = changes
    for batch in ((accepted,), (lodged, accepted), (lodged,)):
        events.on_case_change(stream(*batch), Context())

    assert len(outbox()) == 3
    assert len(queued()) == len(set(queued())) == 3


def test_an_office_reads_its_notices_in_its_own_words(changes):
    reference, lodged, accepted = changes
    events.on_case_change(stream(lodged, accepted), Context())
    sdpo = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}
    (item,) = send("GET", "/v1/office/notices?limit=5", **sdpo).json["items"]

    assert item["text"].startswith(f"Complaint {reference} came in for your office.")
    other = sdpo | {"subject": "sdpo-2", "office": "sd-lhr-model-town"}
    assert send("GET", "/v1/office/notices", **other).json == {"items": [], "next": None}


def test_an_office_pages_through_its_notices(changes):
    reference, lodged, _ = changes
    events.on_case_change(stream(lodged), Context())
    comments = [Entry(9 + number, NOON, "citizen-1", "citizen", "comment") for number in range(3)]
    office = "sd-lhr-civil-lines"
    notices.record_change(notices.Change(reference, "", comments, office=office, lodged_at=NOON))
    sdpo = {"role": "sdpo", "subject": "sdpo-1", "office": office}
    first = send("GET", "/v1/office/notices?limit=3", **sdpo).json
    second = send("GET", f"/v1/office/notices?limit=3&cursor={first['next']}", **sdpo).json

    assert [item["event"] for item in first["items"] + second["items"]] == ["comment"] * 3 + ["lodge"]
    assert second["next"] is None


def test_a_queue_that_fails_loses_nothing(changes, monkeypatch):
    """The crash between the row and the queue: the schedule finds what nobody handed over."""
    _, lodged, _ = changes

    def failing(_):
        raise StoreFailureError

    with monkeypatch.context() as ill:
        ill.setattr(queues, "ask_to_send_message", failing)
        assert events.on_case_change(stream(lodged), Context()) == {"batchItemFailures": []}
    assert queued() == []
    later = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()

    assert scheduled.send_waiting(tick(later), Context()) == {"messages": 2}
    assert sorted(queued()) == sorted(f"{lodged[1]['reference']['S']}#1#{who}" for who in LODGED)


def test_a_schedule_that_runs_out_of_time_leaves_the_rest_to_the_next(changes):
    _, lodged, _ = changes
    events.on_case_change(stream(lodged), Context())

    class Short(Context):
        @staticmethod
        def get_remaining_time_in_millis():
            return 1

    later = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    assert scheduled.send_waiting(tick(later), Short()) == {"messages": 0}


def tick(at):
    named = dict.fromkeys(("version", "account", "region", "detail-type", "source", "id"), "0")
    return {**named, "time": at, "detail": {}, "resources": []}


def test_the_queues_consumer_sends_and_a_message_that_comes_twice_goes_once(changes, monkeypatch, tmp_path):
    reference, _, accepted = changes
    person = signing_in.registered("cnic:0000000000001", "+923000000001", NOON)
    always = Preferences("en", ("whatsapp", "sms"), "", None)
    monkeypatch.setattr(preferences, "preferences_of", lambda *_: always)
    monkeypatch.setenv("KHIDMAT_OUTBOX", str(tmp_path))
    old, new = accepted
    fresh = {**new, "owner": {"S": person.person}}
    events.on_case_change(stream((old, fresh)), Context())
    bodies = [message.body for message in stored.queues()["khidmat-test-messages"]._messages]
    monkeypatch.setattr(dispatch, "LAPSES_AFTER_HOURS", 10**6)

    for _ in range(2):
        assert events.on_message(batch(*bodies, "nonsense"), Context()) == {
            "batchItemFailures": [{"itemIdentifier": "m-1"}]
        }
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text()) == {
        "at": "2026-03-02T08:00:00+00:00", "to": "+923000000001", "channel": "whatsapp",
        "text": f"Khidmat: An officer has taken up your complaint {reference}.",
    }  # fmt: skip
    row = message_store.get(json.loads(bodies[0])["message"])
    assert (row.state, [(each.channel, each.outcome) for each in row.tried]) == (
        "sent",
        [("whatsapp", "sent")],
    )


def batch(*bodies):
    return {"Records": [{"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)]}
