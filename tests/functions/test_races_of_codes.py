"""Fifty at once with one code: on the local engine, for moto keeps no transactions apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from threading import Barrier, Lock

import pytest

from functions.domain import codes, signing_in
from functions.domain.errors import CodeRefused, TooManyRequests
from functions.storage import people
from functions.storage.keyring import keyring
from tests.codes import ask, enter, wrong
from tests.engine import engine  # noqa: F401 - a fixture, found by its name
from tests.storage import forget_connections

pytestmark = pytest.mark.engine
THREADS = 50
warmed = count(1)


@pytest.fixture(autouse=True)
def on_the_engine(engine, monkeypatch):  # noqa: F811 - the fixture imported above
    from functions import callers
    from functions import settings as module

    for name, value in engine.product.items():
        monkeypatch.setenv(name, value)
    for forget in (forget_connections, module.settings.cache_clear, keyring.cache_clear, callers.forget_keys):
        forget()
    # Each model makes its client at the first call: fifty first calls at once would make fifty.
    monkeypatch.setattr("functions.storage.queues.ask_to_send_code", lambda _: None)
    signing_in.registered("cnic:1999999999999", "+923001999999", datetime.now(UTC))
    challenge = ask(
        datetime.now(UTC), "cnic:1999999999998", "+923001999998", f"2001:db8:1:{next(warmed):x}::1"
    )
    with pytest.raises(CodeRefused):
        enter(challenge, "none", datetime.now(UTC), address=f"2001:db8:1:{next(warmed):x}::1")
    yield engine
    forget_connections()


def at_once(work):
    barrier = Barrier(THREADS)

    def started(number):
        barrier.wait(30)
        return work(number)

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return list(pool.map(started, range(THREADS)))


def from_somewhere(number):
    return f"2001:db8:0:{number:x}::1"


def test_of_fifty_with_the_right_code_one_gets_a_session_and_the_person_has_one(phones):
    document, phone, now = "cnic:1000000000001", "+923001000001", datetime.now(UTC)
    challenge = ask(now, document, phone)

    def present(number):
        try:
            return enter(challenge, phones.code(), now, phone, from_somewhere(number)).session
        except CodeRefused:
            return None

    sessions = [session for session in at_once(present) if session]
    holder = people.holder_of(keyring().index("document", document))

    assert len(sessions) == 1
    assert [each.session for each in people.get(holder.person, consistent=True).sessions] == sessions


def test_of_fifty_that_guess_three_are_compared(phones, monkeypatch):
    document, phone, now = "cnic:1000000000002", "+923001000002", datetime.now(UTC)
    compared, lock, real = [], Lock(), codes._fits

    def counted(*arguments):
        with lock:
            compared.append(1)
        return real(*arguments)

    monkeypatch.setattr(codes, "_fits", counted)
    challenge = ask(now, document, phone)

    def guess(number):
        with pytest.raises(CodeRefused):
            enter(challenge, wrong(phones.code(), number + 1), now, phone, from_somewhere(number))

    at_once(guess)

    assert len(compared) == codes.TRIES


def test_of_fifty_that_ask_for_one_document_at_once_no_more_than_ten_codes_go_out(phones):
    document, now = "cnic:1000000000003", datetime.now(UTC)

    def asked(number):
        try:
            ask(now, document, f"+92300200{number:04}", from_somewhere(number))
        except TooManyRequests:
            return 0
        return 1

    answered = sum(at_once(asked))

    assert answered == len(phones.bodies)
    assert 1 <= len(phones.sent) <= 10


def test_of_fifty_that_ask_from_one_address_at_once_none_dodges_the_limit(phones):
    phone, now = "+923001000004", datetime.now(UTC)

    def asked(number):
        try:
            ask(now, f"cnic:{2_000_000_000_000 + number}", phone, "203.0.113.44")
        except TooManyRequests:
            return 0
        return 1

    assert 1 <= sum(at_once(asked)) <= 5


def test_of_fifty_requests_of_an_address_so_many_are_admitted_as_may_be(phones):
    from functions.domain import limits

    now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

    def admitted(_):
        try:
            limits.admit("races", "203.0.113.45", 20, now)
        except TooManyRequests:
            return 0
        return 1

    assert sum(at_once(admitted)) == 20


def test_fifty_registrations_at_once_are_one_person(phones):
    document, phone, now = "cnic:1000000000005", "+923001000005", datetime.now(UTC)

    registered = at_once(lambda _: signing_in.registered(document, phone, now).person)

    assert len(set(registered)) == 1
    assert people.holders_of_phone(keyring().index("phone", phone)) == 1
