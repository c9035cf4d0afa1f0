"""Sessions and their tokens: rotation, a copy that comes back, signing out, many at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain import accounts
from functions.domain.access import Caller, Role
from functions.domain.accounts import GRACE_SECONDS, SESSION_DAYS
from functions.domain.errors import ChangedMeanwhile, NotAuthenticated, NotFound
from functions.storage import people
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("tables")
LATER = timedelta(seconds=GRACE_SECONDS + 1)


@pytest.fixture
def person():
    made = accounts.new_person("cnic:3520100000001", "+923000000000", NOON)
    people.register(made, keyring().index("phone", "+923000000000"), most_holders=5)
    return made


def stored(person):
    return people.get(person.person, consistent=True)


def signed_in(person, device="my phone", at=NOON):
    return accounts.open_session(stored(person), device, at)


def caller(person, tokens):
    return Caller(person.person, Role.CITIZEN, session=tokens.session)


def holds(person, tokens, at=NOON):
    return accounts.keys_of_session(person.person, tokens.session, at.timestamp()) is not None


def test_a_refresh_gives_new_tokens_for_the_same_session(person):
    first = signed_in(person)
    second = accounts.refresh(first.refresh_token, NOON + LATER)

    assert second.session == first.session
    assert second.refresh_token != first.refresh_token
    assert accounts.refresh(second.refresh_token, NOON + 2 * LATER).session == first.session


def test_a_used_token_that_comes_back_ends_the_session_for_both(person):
    first = signed_in(person)
    second = accounts.refresh(first.refresh_token, NOON + LATER)

    with pytest.raises(NotAuthenticated):
        accounts.refresh(first.refresh_token, NOON + 3 * LATER)
    with pytest.raises(NotAuthenticated):
        accounts.refresh(second.refresh_token, NOON + 3 * LATER)
    assert not holds(person, first)


def test_a_reply_that_was_lost_does_not_sign_anybody_out(person):
    first = signed_in(person)
    accounts.refresh(first.refresh_token, NOON)
    again = accounts.refresh(first.refresh_token, NOON + timedelta(seconds=GRACE_SECONDS))

    assert accounts.refresh(again.refresh_token, NOON + LATER).session == first.session


def test_repeats_get_the_same_successor_and_no_more_time(person):
    first = signed_in(person)
    answers = [
        accounts.refresh(first.refresh_token, NOON + timedelta(seconds=seconds)) for seconds in (0, 20, 30)
    ]

    assert len({each.refresh_token for each in answers}) == 1
    with pytest.raises(NotAuthenticated):
        accounts.refresh(first.refresh_token, NOON + timedelta(seconds=GRACE_SECONDS + 1))
    assert not holds(person, first)


def test_a_token_older_than_the_last_two_ends_nothing_and_opens_nothing(person):
    first = signed_in(person)
    second = accounts.refresh(first.refresh_token, NOON + LATER)
    accounts.refresh(second.refresh_token, NOON + 2 * LATER)

    with pytest.raises(NotAuthenticated):
        accounts.refresh(first.refresh_token, NOON + 4 * LATER)
    assert holds(person, first)


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c.d", "..", "p-nobody.session.secret", "شناخت.session.secret"]
)
def test_what_is_no_refresh_token_opens_nothing(token, person):
    with pytest.raises(NotAuthenticated):
        accounts.refresh(token, NOON)


def test_anothers_secret_opens_no_session(person):
    mine, other = signed_in(person), signed_in(person)
    head, secret = mine.refresh_token.rsplit(".", 1)[0], other.refresh_token.rsplit(".", 1)[1]

    with pytest.raises(NotAuthenticated):
        accounts.refresh(f"{head}.{secret}", NOON)


def test_a_device_not_used_for_a_month_signs_in_again(person):
    tokens = signed_in(person)
    late = NOON + timedelta(days=SESSION_DAYS)

    assert not holds(person, tokens, late)
    with pytest.raises(NotAuthenticated):
        accounts.refresh(tokens.refresh_token, late)


def test_no_secret_stands_in_the_row(person):
    tokens = signed_in(person, "Sample Person's phone")
    row = str(stored(person).sessions)

    assert tokens.refresh_token.rsplit(".", 1)[1] not in row
    assert "Sample Person" not in row


def test_sessions_are_listed_by_the_name_the_client_gave_last_used_first(person):
    tokens = signed_in(person, "old phone")
    signed_in(person, "میرا فون", NOON + timedelta(hours=1))
    signed_in(person, "", NOON + timedelta(minutes=1))

    names = [name for _, name in accounts.sessions(caller(person, tokens), NOON)]
    assert names == ["میرا فون", "", "old phone"]


def test_signing_out_one_device_leaves_the_others(person):
    one, other = signed_in(person), signed_in(person)
    accounts.sign_out(caller(person, one), one.session, NOON)

    assert (holds(person, one), holds(person, other)) == (False, True)


def test_signing_out_everywhere_ends_all_and_is_on_record(person):
    devices = [signed_in(person) for _ in range(3)]
    accounts.sign_out(caller(person, devices[0]), None, NOON)

    assert not any(holds(person, each) for each in devices)
    assert "sign_out_everywhere" in stored(person).history


def test_a_session_that_is_not_there_cannot_be_ended(person):
    tokens = signed_in(person)
    with pytest.raises(NotFound):
        accounts.sign_out(caller(person, tokens), "another", NOON)


def test_of_too_many_devices_the_one_used_longest_ago_is_signed_out(person):
    devices = [
        signed_in(person, at=NOON + timedelta(minutes=number)) for number in range(people.SESSIONS_KEPT + 1)
    ]

    assert [holds(person, each) for each in devices] == [False] + [True] * people.SESSIONS_KEPT


def test_two_sign_ins_at_once_are_two_sessions(person, monkeypatch):
    real = people.save

    def raced(changed):
        monkeypatch.setattr(people, "save", real)
        signed_in(person, "the other")
        return real(changed)

    monkeypatch.setattr(people, "save", raced)
    signed_in(person, "the one")

    assert len(stored(person).sessions) == 2


def test_two_refreshes_at_once_of_one_token_leave_one_that_works(person, monkeypatch):
    first = signed_in(person)
    real, won = people.save, []

    def raced(changed):
        monkeypatch.setattr(people, "save", real)
        won.append(accounts.refresh(first.refresh_token, NOON + LATER))
        return real(changed)

    monkeypatch.setattr(people, "save", raced)
    second = accounts.refresh(first.refresh_token, NOON + LATER)

    assert accounts.refresh(second.refresh_token, NOON + LATER).session == first.session


def test_a_refresh_that_meets_a_sign_out_is_refused(person, monkeypatch):
    tokens = signed_in(person)
    real = people.save

    def raced(changed):
        monkeypatch.setattr(people, "save", real)
        accounts.sign_out(caller(person, tokens), None, NOON)
        return real(changed)

    monkeypatch.setattr(people, "save", raced)
    with pytest.raises(NotAuthenticated):
        accounts.refresh(tokens.refresh_token, NOON + LATER)


def test_a_row_that_never_holds_still_is_said_so(person, monkeypatch):
    def stale(_):
        raise StaleError

    monkeypatch.setattr(people, "save", stale)
    with pytest.raises(ChangedMeanwhile):
        signed_in(person)


def test_whoever_was_erased_meanwhile_is_nobody(person, monkeypatch):
    before = stored(person)
    real = people.save

    def raced(changed):
        monkeypatch.setattr(people, "save", real)
        people.erase(before, keyring().index("phone", "+923000000000"), NOON)
        return real(changed)

    monkeypatch.setattr(people, "save", raced)
    with pytest.raises(NotAuthenticated):
        accounts.open_session(before, "", NOON)
    with pytest.raises(NotAuthenticated):
        accounts.sessions(Caller(person.person, Role.CITIZEN), NOON)


def test_without_keys_there_is_no_token_and_no_name_of_a_device(person):
    tokens = signed_in(person)
    gone = replace(stored(person), keys=None)

    with pytest.raises(NotAuthenticated):
        accounts.access_token(gone, tokens.session, NOON)
    assert accounts.account_key(gone) is None


def test_a_lost_reply_is_no_change_of_somebody_elses(person, monkeypatch):
    real = people.PersonItem.save

    def lost(item, *conditions):
        monkeypatch.setattr(people.PersonItem, "save", real)
        real(item, *conditions)
        return real(item, *conditions)

    monkeypatch.setattr(people.PersonItem, "save", lost)
    tokens = signed_in(person)

    assert len(stored(person).sessions) == 1
    assert holds(person, tokens)
