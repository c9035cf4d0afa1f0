"""Where people and offices say they want to be told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from functions.domain import accounts, own_data, preferences
from functions.domain.access import Caller, Role
from functions.domain.preferences import Addressee
from functions.domain.quiet_hours import USUAL
from functions.storage import contacts, people
from functions.storage.history import read_history
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from tests import stored
from tests.factories import NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
MINE, OFFICE = "/v1/me/notifications", "sd-lhr-civil-lines"
PATH = f"/v1/offices/{OFFICE}/notifications"
SDPO = {"role": "sdpo", "subject": "sdpo-1", "office": OFFICE}
ADMINISTRATOR = {"role": "administrator", "subject": "administrator-1"}
PHONE = "+923000000009"
USUALLY = {
    "language": "ur",
    "channels": ["sms", "whatsapp"],
    "email": None,
    "quiet_hours": {"from": "22:00", "to": "07:00", "utc_offset_minutes": 300},
    "reachable": True,
}


@pytest.fixture
def amina():
    """Somebody with a document and a telephone, signed in on one device."""
    person = accounts.new_person("cnic:0000000000009", PHONE, NOON)
    people.register(person, keyring().index("phone", PHONE), most_holders=5)
    tokens = accounts.open_session(person, "", datetime.now(UTC))
    bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    return person.person, lambda method, body=None: send(method, MINE, role=None, headers=bearer, body=body)


def pointers(reply):
    return {error["pointer"] for error in reply.json["errors"]}


# --- a person's own


def test_whoever_says_nothing_is_told_by_sms_in_urdu_and_not_at_night(amina):
    person, ask = amina

    assert ask("GET").json == USUALLY
    assert preferences.addressee(person) == Addressee(
        "ur", ("sms", "whatsapp"), {"sms": PHONE, "whatsapp": PHONE}, USUAL
    )


def test_what_is_said_is_kept_and_used(amina):
    person, ask = amina
    wanted = {
        "language": "en",
        "channels": ["email", "sms"],
        "email": "Person.Name+x@Example.org",
        "quiet_hours": {"from": "23:30", "to": "06:15", "utc_offset_minutes": -300},
    }
    said = ask("PUT", wanted)
    shown = wanted | {"email": "Person.Name+x@example.org", "reachable": True}

    assert (said.status, said.json) == (200, shown)
    assert ask("GET").json == shown
    to = preferences.addressee(person)
    assert (to.tongue, to.channels, to.addresses["email"]) == ("en", ("email", "sms"), shown["email"])
    assert (to.quiet.begin.hour, to.quiet.end.minute, to.quiet.utc_offset_minutes) == (23, 15, -300)


def test_what_is_left_out_goes_back_to_what_it_was(amina):
    _, ask = amina
    ask("PUT", {"language": "en", "channels": [], "quiet_hours": None})
    assert ask("GET").json | {"quiet_hours": 1} == USUALLY | {
        "language": "en",
        "channels": [],
        "quiet_hours": 1,
    }
    assert ask("GET").json["quiet_hours"] is None

    assert ask("PUT", {}).json == USUALLY


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"language": "pa"}, {"/language"}),
        ({"channels": ["pigeon"]}, {"/channels/0"}),
        ({"channels": ["sms", "sms"]}, {"/channels"}),
        ({"channels": ["email"]}, {"/"}),
        *(
            ({"email": bad}, {"/email"})
            for bad in (
                "nobody", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org", "a..b@example.org",
                ".a@example.org", '"a"@example.org', "a@-example.org", "a@example.org.", "ä@example.org",
                "a@exämple.org", "a@b@example.org\x00", f"{'a' * 65}@example.org",
            )
        ),
        ({"quiet_hours": {"from": "24:00", "to": "07:00"}}, {"/quiet_hours/from"}),
        ({"quiet_hours": {"from": "22:00"}}, {"/quiet_hours/to"}),
        (
            {"quiet_hours": {"from": "22:00", "to": "7:00", "utc_offset_minutes": 900}},
            {"/quiet_hours/to", "/quiet_hours/utc_offset_minutes"},
        ),
    ],
    ids=lambda given: str(sorted(given)),
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_nothing_changes(amina, body, where):
    _, ask = amina
    refused = ask("PUT", body)

    assert refused.status == 400
    assert pointers(refused) == where
    assert ask("GET").json == USUALLY


def test_whoever_reports_without_a_name_is_never_reached_and_gives_no_address():
    """citizen-1 of the tests is a person without a document."""
    assert send("GET", MINE).json == USUALLY | {"reachable": False}
    assert send("PUT", MINE, body={"language": "en"}).json["language"] == "en"
    refused = send("PUT", MINE, body={"email": "person@example.org", "channels": ["email"]})

    assert (refused.status, pointers(refused)) == (400, {"/email"})
    assert preferences.addressee("citizen-1") == Addressee("en")


def test_it_lies_sealed_in_the_persons_row_and_goes_with_it(amina):
    person, ask = amina
    ask("PUT", {"email": "person@example.org", "channels": ["email"]})
    kept = stored.content()["khidmat-test-people"]
    assert "person@example.org" not in str(kept)
    row = people.get(person, consistent=True)
    people.erase(row, keyring().index("phone", PHONE), NOON)

    assert preferences.addressee(person) is None
    assert preferences.addressee("p-nobody") is None
    assert people.get(person, consistent=True).notifications == b""


def test_it_survives_another_change_of_the_row_and_is_in_the_export(amina):
    person, ask = amina
    ask("PUT", {"email": "person@example.org", "channels": ["email"]})
    row = people.get(person, consistent=True)
    accounts.open_session(row, "another device", NOON)
    caller = Caller(person, Role.CITIZEN, public_key=row.keys.public, private_key=row.keys.private)

    assert own_data.export(caller, None).account.notifications.email == "person@example.org"


# --- an office's


def test_an_office_that_says_nothing_is_told_in_the_app_alone():
    assert send("GET", PATH, **SDPO).json == {
        "office": OFFICE, "language": "ur", "channels": [], "phone": None, "email": None,
    }  # fmt: skip
    assert preferences.addressee(f"office:{OFFICE}") == Addressee("ur")


@pytest.mark.parametrize("who", [SDPO, ADMINISTRATOR], ids=["sdpo", "administrator"])
def test_an_office_says_whom_it_has_on_duty(who):
    wanted = {
        "language": "en",
        "channels": ["sms", "email"],
        "phone": "0300 0000006",
        "email": "duty@example.org",
    }
    said = send("PUT", PATH, body=wanted, **who)

    assert said.json == wanted | {"office": OFFICE, "phone": "+923000000006"}
    assert send("GET", PATH, **who).json == said.json
    assert preferences.addressee(f"office:{OFFICE}") == Addressee(
        "en",
        ("sms", "email"),
        {"sms": "+923000000006", "whatsapp": "+923000000006", "email": "duty@example.org"},
    )
    assert "3000000006" not in str(stored.content()["khidmat-test-contacts"])


@pytest.mark.parametrize("body", [{}, {"channels": ["email"], "phone": "0300 0000006"}])
def test_a_channel_needs_its_address(body):
    assert send("PUT", PATH, body=body, **SDPO).status == 400


@pytest.mark.parametrize(
    "who",
    [SDPO | {"office": "sd-lhr-model-town"}, {"role": "dpo", "subject": "dpo-1", "office": "ds-lahore"}],
    ids=["of another", "above"],
)
def test_nobody_else_reads_or_changes_it(who):
    assert send("GET", PATH, **who).status == 404
    assert send("PUT", PATH, body={"phone": "0300 0000006"}, **who).status == 404
    assert contacts.get(OFFICE) is None


def test_an_office_that_is_not_there_is_not_found():
    assert send("GET", "/v1/offices/nowhere/notifications", **ADMINISTRATOR).status == 404


def test_who_changed_it_is_kept_and_never_to_what():
    for number in (6, 7):
        send("PUT", PATH, body={"phone": f"0300 000000{number}"}, **SDPO)
    entries = read_history(contacts.get(OFFICE).history)

    assert [(each.actor, each.action, each.facts) for each in entries] == [("sdpo-1", "change", ())] * 2


def test_the_history_of_a_row_is_kept_short(monkeypatch):
    monkeypatch.setattr(preferences, "CHANGES_KEPT", 2)
    for number in range(4):
        send("PUT", PATH, body={"phone": f"0300 000000{number}"}, **SDPO)

    assert [entry.sequence for entry in read_history(contacts.get(OFFICE).history)] == [3, 4]


def test_of_two_colleagues_at_once_the_second_is_told(monkeypatch):
    send("PUT", PATH, body={"phone": "0300 0000006"}, **SDPO)
    former = contacts.get(OFFICE)
    send("PUT", PATH, body={"phone": "0300 0000007"}, **SDPO)
    with monkeypatch.context() as late:
        late.setattr(preferences.contacts, "get", lambda _: former)
        with pytest.raises(StaleError):
            contacts.put(former, former)
    right = contacts.put
    monkeypatch.setattr(preferences.contacts, "put", lambda row, _: right(row, former))

    refused = send("PUT", PATH, body={"phone": "0300 0000008"}, **SDPO)
    assert (refused.status, refused.json["type"]) == (409, "/problems/changed-meanwhile")
    assert preferences.contact_of(OFFICE).phone == "+923000000007"


def test_a_write_whose_reply_was_lost_is_known_as_our_own(monkeypatch):
    right = contacts.ContactItem.save

    def twice(self, condition):
        right(self, condition)
        right(self, condition)

    monkeypatch.setattr(contacts.ContactItem, "save", twice)

    assert send("PUT", PATH, body={"phone": "0300 0000006"}, **SDPO).status == 200
