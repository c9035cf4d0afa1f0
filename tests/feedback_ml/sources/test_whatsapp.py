import pytest

from feedback_ml.sources.whatsapp import feedback_in, marked

APP = "pk.khidmat.app"


def message(text="Feedback: the code never arrives", **changes):
    made = {
        "from": "923000000001",
        "id": "wamid.1",
        "timestamp": "1772430000",
        "type": "text",
        "text": {"body": text},
    }
    return {k: v for k, v in (made | changes).items() if v is not None}


def body(*messages, contacts=None, field="messages", **more):
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000000", "phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Sample"}, "wa_id": "923000000001"}]
        if contacts is None
        else contacts,
        "messages": list(messages),
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": field, "value": value | more}]}],
    }


def found(payload):
    return list(feedback_in(payload, APP))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feedback the code never arrives", "the code never arrives"),
        ("FEEDBACK: The code", "The code"),
        ("*Feedback* - code 😡 nahi ata", "code 😡 nahi ata"),
        ("feedback 😡", "😡"),
        ("#feedback code", "code"),
        ("  \n feedback\nline one\nline two", "line one\nline two"),
        ("rai: app slow hai", "app slow hai"),
        ("Raaye app slow hai", "app slow hai"),
        ("apni rai app slow hai", "app slow hai"),
        ("shikayat app: OTP nahi aata", "OTP nahi aata"),
        ("Shikayat   APP OTP", "OTP"),
        ("app ki shikayat OTP", "OTP"),
        ("رائے: ایپ بہت سست ہے", "ایپ بہت سست ہے"),
        ("رائے ایپ سست ہے", "ایپ سست ہے"),
        ("راۓ، ایپ سست ہے", "ایپ سست ہے"),
        ("فیڈبیک ایپ سست ہے", "ایپ سست ہے"),
        ("فيڈبيک ایپ", "ایپ"),
        ("ایپ کی شکایت۔ کوڈ نہیں آیا", "کوڈ نہیں آیا"),
        ("feedback", ""),
    ],
)
def test_what_follows_a_marker_is_the_feedback(text, said):
    assert marked(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Salam",
        "My feedback is",
        "feedbacks",
        "raining in Lahore",
        "raid hui",
        "railway",
        "shikayat",
        "رائےونڈ سے ہوں",
        "شکایت درج کرنی ہے",
        "15",
    ],
)
def test_without_a_marker_of_its_own_at_the_beginning_nothing_is_feedback(text):
    assert marked(text) is None


def test_a_marked_text_becomes_one_record():
    (record,) = found(body(message()))

    assert (record.source, record.text, record.person) == (
        "whatsapp",
        "the code never arrives",
        "923000000001",
    )
    assert record.external_id == "wamid.1"
    assert record.written_at.isoformat() == "2026-03-02T05:40:00+00:00"


def test_entries_changes_and_messages_are_all_read():
    first = body(message(id="a"), message("hello", id="b"), message(id="c"))
    second = body(message(id="d"))
    second["entry"][0]["changes"] += body(message(id="e"))["entry"][0]["changes"]
    first["entry"] += second["entry"]

    assert [record.external_id for record in found(first)] == ["a", "c", "d", "e"]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "image", "text": None, "image": {"id": "1", "caption": "feedback x"}},
        {"type": "reaction", "text": None, "reaction": {"emoji": "👍"}},
        {"type": "location", "text": None, "location": {"latitude": 1}},
        {"type": "unsupported", "text": None, "errors": []},
        {"type": "something_new", "text": None},
        {"type": None},
        {"type": {"a": 1}},
        {"type": "image"},
        {"text": {"body": None}},
        {"text": {"body": "feedback :"}},
        {"id": None},
        {"timestamp": "soon"},
        {"timestamp": None},
        {"type": "button", "button": {"payload": "STOP", "text": "feedback"}},
        {"type": "button", "button": {"payload": "feedback:9", "text": "x"}},
        {"type": "button", "button": {"payload": 5, "text": "x"}},
        {"type": "button", "button": {"payload": "feedback", "text": " "}},
        {
            "type": "interactive",
            "interactive": {"type": "list_reply", "list_reply": {"id": "feedback", "title": "x"}},
        },
    ],
    ids=str,
)
def test_what_is_not_marked_feedback_is_left_alone(changes):
    assert found(body(message(**changes))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "button", "button": {"payload": "feedback", "text": "Too slow"}},
        {
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": {"id": "Feedback", "title": "Too slow"}},
        },
    ],
    ids=str,
)
def test_a_button_of_feedback_says_its_own_words(changes):
    (record,) = found(body(message(**changes)))

    assert (record.text, record.rating) == ("Too slow", None)


def test_a_button_may_stand_for_a_rating():
    (record,) = found(body(message(type="button", button={"payload": "feedback:2"})))

    assert (record.text, record.rating) == ("", 2)


@pytest.mark.parametrize(
    ("changes", "contacts", "person"),
    [
        ({"from": None, "user_id": "PK.123"}, [], "PK.123"),
        ({"from": None, "from_user_id": "PK.124"}, [], "PK.124"),
        ({"from": None}, [{"profile": {"name": "x"}, "user_id": "PK.125"}], "PK.125"),
        ({"from": None}, [{"wa_id": "923000000009"}], "923000000009"),
        ({"from": None}, [{"user_id": "PK.1"}, {"user_id": "PK.2"}], ""),
        ({"from": None}, [], ""),
        ({"from": 7}, "none", ""),
    ],
    ids=str,
)
def test_the_sender_is_named_by_number_or_by_what_stands_for_it(changes, contacts, person):
    (record,) = found(body(message(**changes), contacts=contacts))

    assert record.person == person


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"object": "page", "entry": body(message())["entry"]},
        {"object": "whatsapp_business_account"},
        {
            "object": "whatsapp_business_account",
            "entry": [1, {"changes": 5}, {"changes": [{"field": "messages"}]}],
        },
        body(message(), field="account_update"),
        body(messages=None),
        body(statuses=[{"id": "wamid.1", "status": "read"}], messages=[]),
    ],
    ids=str,
)
def test_bodies_without_messages_bring_nothing(payload):
    assert found(payload) == []
