"""How often codes may be asked for and tried: what is shown, and what is capped."""

import pytest

from functions.domain import codes
from functions.domain.errors import TooManyRequests
from functions.storage import codes as store
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from tests.codes import (
    ADDRESS,
    DOCUMENT,
    NOW,
    OTHER_DOCUMENT,
    OTHER_PHONE,
    PHONE,
    after,
    ask,
    enter,
    refused,
)

pytestmark = pytest.mark.usefixtures("tables")


def too_many(*arguments, **more):
    with pytest.raises(TooManyRequests) as error:
        ask(*arguments, **more)
    return error.value.seconds


def test_a_telephone_may_be_asked_for_five_times_an_hour_and_ten_times_a_day(phones):
    for minute in range(5):
        ask(after(minutes=minute), f"cnic:{minute:013}")
    assert too_many(after(minutes=5)) == 55 * 60

    for minute in range(5):
        ask(after(minutes=60 + minute), f"cnic:{minute:013}")
    assert too_many(after(minutes=130)) == (24 * 60 - 130) * 60
    assert ask(after(days=1))


def test_a_document_may_be_asked_for_ten_times_a_day_whatever_the_telephone(phones):
    for number in range(10):
        ask(after(minutes=number), DOCUMENT, f"+92300100{number:04}")

    assert too_many(after(minutes=10), DOCUMENT, OTHER_PHONE) == (24 * 60 - 10) * 60
    assert ask(after(minutes=10), DOCUMENT, OTHER_PHONE, address="203.0.113.2")
    assert ask(after(days=1), DOCUMENT, OTHER_PHONE)


def test_an_address_may_ask_sixty_times_an_hour(phones):
    for number in range(60):
        ask(NOW, f"cnic:{number:013}", f"+92300100{number:04}")

    assert too_many(after(minutes=30), OTHER_DOCUMENT, OTHER_PHONE) == 30 * 60
    assert ask(after(minutes=60), OTHER_DOCUMENT, OTHER_PHONE)


def test_an_address_may_try_a_hundred_and_twenty_times_an_hour(phones):
    for _ in range(120):
        refused("none", "000000")

    with pytest.raises(TooManyRequests) as error:
        enter("none", "000000", after(minutes=59))
    assert error.value.seconds == 60


def test_what_was_refused_counts_for_nothing_but_its_address(phones):
    for number in range(10):
        ask(NOW, DOCUMENT, f"+92300100{number:04}")
    for _ in range(5):
        too_many(NOW, DOCUMENT, OTHER_PHONE)

    for number in range(5):
        assert ask(NOW, f"cnic:{number + 50:013}", OTHER_PHONE)


def test_all_the_world_together_gets_ten_codes_a_day_for_a_document(phones):
    for number in range(25):
        ask(after(minutes=number), DOCUMENT, f"+92300100{number:04}", address=f"203.0.113.{number}")

    assert len(phones.sent) == 10
    assert len(phones.messages) == 25
    ask(after(days=1, minutes=4), DOCUMENT, OTHER_PHONE)  # a code of the first may still be tried
    assert len(phones.sent) == 10
    ask(after(days=1, minutes=5), DOCUMENT, OTHER_PHONE)
    assert len(phones.sent) == 11


def test_all_the_world_together_sends_a_telephone_five_codes_an_hour(phones):
    for number in range(9):
        ask(NOW, f"cnic:{number:013}", PHONE, address=f"203.0.113.{number}")

    assert len(phones.sent) == 5


def test_codes_of_registering_count_after_it(phones):
    for number in range(9):
        ask(NOW, DOCUMENT, f"+92300100{number:04}", address=f"203.0.113.{number}")
    enter(ask(NOW), phones.code(), NOW)
    ask(NOW)

    assert len(phones.sent) == 10


def test_a_code_past_the_cap_opens_nothing(phones):
    for number in range(10):
        ask(NOW, DOCUMENT, f"+92300100{number:04}", address=f"203.0.113.{number}")
    challenge = ask(NOW)

    for code in (phones.code(), "000000", "999999"):
        refused(challenge, code)


def test_one_request_is_counted_once_however_often_it_is_written(phones, monkeypatch):
    real, failures = store.write, [StaleError, StaleError]

    def contended(*arguments):
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(store, "write", contended)
    ask(NOW)

    windows = store.windows(codes._window_names(wanted()))
    assert [len(window.times) for window in windows] == [1, 1, 1, 1]


def test_so_many_at_once_that_none_can_be_counted_are_asked_to_come_again(phones, monkeypatch):
    def stale(*_):
        raise StaleError

    monkeypatch.setattr(store, "write", stale)

    assert too_many(NOW) == 1
    assert phones.bodies == []


def wanted():
    return codes.Wanted(
        keyring().index("document", DOCUMENT), DOCUMENT, "sign_in", "other", PHONE, "sms", "en", ADDRESS, True
    )
