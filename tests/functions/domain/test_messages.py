"""Which messages a change makes, and what they say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain import messages, notices, telling
from functions.messages import catalogue, email_text, message_text
from functions.storage import messages as store
from functions.storage import tables as table_module
from functions.storage.tables import StoreFailureError
from schemas.cases import Entry
from tests.factories import NOON, case
from tests.news import change_of

REFERENCE = "KH-2345-6789-A"
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The GSM 7 bit default alphabet (3GPP TS 23.038), without its extension, whose letters count twice."""
SENTENCES = [
    (event, to_office)
    for group, to_office in (("notices", False), ("office_notices", True))
    for event in catalogue()[group]
]


def entry(action, sequence=1, role="sdpo", **facts):
    return Entry(sequence, NOON, "somebody", role, action, facts=tuple(facts.items()))


def change(*entries, **changes):
    return change_of(case(**changes), entries)


# --- the words

LONGEST_WORDS = {
    "topic_en": "n" * telling.LONGEST_NAME,
    "topic_ur": "ن" * telling.LONGEST_NAME,
    "version": "9" * telling.LONGEST_VERSION,
}


@pytest.mark.parametrize(("event", "to_office"), SENTENCES, ids=str)
def test_a_message_fits_into_as_many_letters_as_it_may_have(event, to_office):
    english = message_text(event, "en", REFERENCE, to_office=to_office, words=LONGEST_WORDS)
    urdu = message_text(event, "ur", REFERENCE, to_office=to_office, words=LONGEST_WORDS)

    assert len(english) <= messages.LONGEST_SMS["en"]
    assert set(english) <= GSM
    assert len(urdu) <= messages.LONGEST_SMS["ur"]
    named = LONGEST_WORDS["version"] if event.startswith("upgrade.") else REFERENCE
    assert named in english
    assert named in urdu


@pytest.mark.parametrize("tongue", ["en", "ur"])
def test_a_discreet_message_names_no_case_and_no_step(tongue):
    texts = {message_text(event, tongue, "", to_office=True) for event in catalogue()["office_notices"]}
    subject, body = email_text(*texts, tongue, "")

    assert len(texts) == 1
    assert len(texts.pop()) <= messages.LONGEST_SMS[tongue]
    assert "KH-" not in subject + body
    assert email_text("text", tongue, REFERENCE)[0].endswith(REFERENCE)


# --- the rows


pytestmark = pytest.mark.usefixtures("tables")


def test_each_recipient_gets_one_message_of_an_entry():
    written = messages.record_change(change(entry("lodge", role="citizen")), NOON)
    rows = [store.get(key) for key in written]

    assert written == [f"{REFERENCE}#1#citizen-1", f"{REFERENCE}#1#office:sd-lhr-civil-lines"]
    assert {(row.state, row.manner, row.event, row.next_at) for row in rows} == {
        ("waiting", "open", "lodge", NOON)
    }


def test_the_same_change_again_writes_nothing():
    first = change(entry("accept"))
    assert len(messages.record_change(first, NOON)) == 1

    assert messages.record_change(first, NOON + timedelta(hours=1)) == []


def test_what_was_done_at_once_is_told_at_once():
    lodged = change(entry("lodge", role="citizen"), entry("mark", 2, "clock", office="sd-lhr-civil-lines"))
    swept = change(
        entry("flag_overdue", 3, "clock", clock="final_report"),
        entry("escalate", 4, "clock", office="ds-lahore"),
    )
    events = [store.get(key).event for each in (lodged, swept) for key in messages.record_change(each, NOON)]

    # The citizen: the receipt, then the last; the office that has it: that it came, then that it is late.
    assert events == ["lodge", "lodge", "escalate", "flag_overdue.final_report", "escalate"]


def test_a_restricted_case_is_told_in_the_app_alone():
    told = change(entry("accept"), category="violence_against_women")

    assert messages.record_change(told, NOON) == []
    row = store.get(f"{REFERENCE}#1#citizen-1")
    assert (row.state, row.manner) == ("in_app_only", "in_app")
    assert list(messages.waiting(NOON + timedelta(days=1), has_time=lambda: True)) == []


def test_of_a_case_about_officers_an_offices_telephone_is_told_no_reference():
    messages.record_change(change(entry("lodge", role="citizen"), accused=("officer-9",)), NOON)

    assert store.get(f"{REFERENCE}#1#citizen-1").manner == "open"
    assert store.get(f"{REFERENCE}#1#office:sd-lhr-civil-lines").manner == "discreet"


def test_a_row_holds_nothing_of_anybody_and_goes_by_itself(tables):
    messages.record_change(change(entry("accept")), NOON)
    (row,) = tables.scan(TableName="khidmat-test-messages")["Items"]

    assert set(row) == {
        "message", "recipient", "reference", "event", "sequence", "manner", "state", "at", "next_at", "due_shard",
        "expires", "write_id",
    }  # fmt: skip
    assert int(row["expires"]["N"]) == int((NOON + timedelta(days=90)).timestamp())


def test_what_nobody_took_is_found_once_the_queue_had_its_turn():
    keys = messages.record_change(change(entry("lodge", role="citizen")), NOON)

    def found(after, has_time=lambda: True):
        return sorted(messages.waiting(NOON + timedelta(seconds=after), has_time=has_time))

    assert found(60) == []
    assert found(61) == keys
    assert found(61, has_time=lambda: False) == []


def test_a_write_whose_reply_was_lost_is_known_as_our_own(monkeypatch):
    """PynamoDB asks again after a lost reply, and then meets its own row."""
    right = store.MessageItem.save

    def twice(self, condition):
        right(self, condition)
        right(self, condition)

    monkeypatch.setattr(store.MessageItem, "save", twice)
    (key,) = messages.record_change(change(entry("accept")), NOON)
    row = store.get(key)
    saved = store.save(replace(row, state="failed"))

    assert store.get(key) == replace(saved, next_at=None)
    with pytest.raises(table_module.StaleError):
        store.save(row)


def test_a_store_that_fails_makes_the_change_come_again(monkeypatch):
    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(messages.messages, "add", failing)

    with pytest.raises(StoreFailureError):
        messages.record_change(change(entry("accept")), NOON)
    assert notices.record_change(change(entry("accept"))) == 1
