"""The exchange with a store: over a real loopback connection, with everything that can go wrong."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from feedback_ml.sources.pages import (
    AnswerBrokenError,
    AppUnknownError,
    KeyRefusedError,
    PositionRefusedError,
    SentElsewhereError,
    StoreBusyError,
    StoreUnreachableError,
)
from feedback_ml.sources.store_http import MOST_BYTES, TRIES, StoreHttp, _BrokenError
from tests.feedback_ml.sources.stores import NOW, Said, http

pytestmark = [pytest.mark.engine, pytest.mark.enable_socket]


def token(renew):
    return "second" if renew else "first"


def test_a_refused_token_is_renewed_once(store):
    store.script = [Said(401)]

    assert http(store).get("/x", token) == {}
    assert [bearer for _, _, bearer in store.asked] == ["first", "second"]


def test_a_token_refused_twice_is_a_clear_error_and_not_asked_again(store):
    store.script = [Said(401)] * 5

    with pytest.raises(KeyRefusedError):
        http(store).get("/x", token)
    assert len(store.asked) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, KeyRefusedError),
        (404, AppUnknownError),
        (400, PositionRefusedError),
        (410, PositionRefusedError),
    ],
)
def test_a_refusal_is_told_by_its_kind_and_never_repeated(store, status, error):
    store.script = [Said(status, b"<html>")]

    with pytest.raises(error):
        http(store).get("/x", token)
    assert len(store.asked) == 1


def test_too_many_requests_are_waited_for_as_asked_in_seconds_and_as_a_date(store):
    waits = []
    date = format_datetime(NOW + timedelta(seconds=25), usegmt=True)
    store.script = [Said(429, b"", (("Retry-After", "7"),)), Said(429, b"", (("Retry-After", date),))]

    assert http(store, waits).get("/x", token) == {}
    assert waits == [7.0, 25.0]


def test_a_wait_that_is_asked_for_is_bounded(store):
    waits = []
    store.script = [Said(429, b"", (("Retry-After", "86400"),))]
    http(store, waits).get("/x", token)

    assert waits == [60.0]


def test_a_failing_store_is_asked_again_each_time_later_and_then_given_up(store):
    waits = []
    store.script = [Said(503, b"busy")] * 9

    with pytest.raises(StoreBusyError):
        http(store, waits).get("/x", token)
    assert (len(store.asked), waits) == (TRIES, [0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    "said",
    [Said(body=b"{not json"), Said(body=b'{"a": 1}', promised=500), Said(body=b"[" * 100_000)],
    ids=["broken", "cut short", "too deep"],
)
def test_an_answer_that_cannot_be_used_is_asked_for_again(store, said):
    store.script = [said]
    assert http(store).get("/x", token) == {}

    store.script = [said] * TRIES
    with pytest.raises(AnswerBrokenError):
        http(store).get("/x", token)


def test_an_answer_that_is_no_object_is_refused(store):
    store.script = [Said(body=[1])]

    with pytest.raises(AnswerBrokenError):
        http(store).get("/x", token)


def test_an_answer_too_large_is_not_read_to_its_end(store):
    store.script = [Said(body=b'"' + b"a" * 5_000)] * TRIES

    with pytest.raises(AnswerBrokenError, match="too large"):
        http(store, most_bytes=1_000).get("/x", token)
    assert MOST_BYTES < 10**7


def test_an_answer_that_drips_is_given_up():
    with pytest.raises(_BrokenError, match="too slow"):
        StoreHttp("https://store.example")._content(_Dripping(), deadline=0)


class _Dripping:
    length = None

    def read1(self, _):
        return b"a"


def test_no_redirect_is_followed(store):
    store.script = [Said(302, b"", (("Location", "https://elsewhere.example/"),))]

    with pytest.raises(SentElsewhereError):
        http(store).get("/x", token)
    assert len(store.asked) == 1


def test_a_store_that_hears_nothing_is_unreachable():
    deaf = StoreHttp("http://127.0.0.1:9", sleep=lambda _: None)

    with pytest.raises(StoreUnreachableError):
        deaf.get("/x", token)


def test_plain_http_is_for_the_loopback_alone():
    for origin in ("http://store.example", "ftp://127.0.0.1"):
        with pytest.raises(SentElsewhereError, match="https"):
            StoreHttp(origin, sleep=lambda _: None).get("/x", token)


def test_the_next_page_is_at_the_same_host_or_nowhere():
    own = StoreHttp("https://api.store.example")

    assert own.target_of("https://api.store.example/v1/a?b=c") == "/v1/a?b=c"
    assert own.target_of("https://api.store.example/v1/a") == "/v1/a"
    for address in (
        "https://api.store.example.evil.example/v1/a",
        "https://api.store.example@evil.example/v1/a",
        "https://api.store.example:444/v1/a",
        "http://api.store.example/v1/a",
        "//evil.example/v1/a",
        "/v1/a",
        "https://api.store.example",
    ):
        with pytest.raises(SentElsewhereError):
            own.target_of(address)


def test_a_form_that_is_refused_means_the_key(store):
    store.token_script = [Said(400, {"error": "invalid_grant"})]

    with pytest.raises(KeyRefusedError):
        http(store).post_form("/token", {"grant_type": "x"})
