"""App Store Connect's API, against a server of its shape on the loopback."""

import json
from datetime import timedelta

import pytest
from joserfc import jwt

from feedback_ml.sources.app_store_api import ConnectKey
from feedback_ml.sources.pages import AnswerBrokenError, KeyRefusedError, KeyUnfitError, SentElsewhereError
from feedback_ml.sources.rows import Accepted, Refused
from tests.feedback_ml.sources import stores
from tests.feedback_ml.sources.stores import APP, APP_ID, NOW, Said, apple_review, ec_key, rsa_key

pytestmark = [pytest.mark.engine, pytest.mark.enable_socket]


def test_pages_are_followed_newest_first(store):
    store.reviews = [apple_review(n, NOW - timedelta(hours=n)) for n in range(3)]
    reviews = stores.app_store(store)
    first = reviews.page("")
    second = reviews.page(first.following)

    assert [row.feedback.external_id for row in (*first.rows, *second.rows)] == [
        f"apple-{n}" for n in range(3)
    ]
    assert (first.newest, first.oldest, second.following) == (NOW, NOW - timedelta(hours=1), "")
    assert {path for path, _, _ in store.asked} == {f"/v1/apps/{APP_ID}/customerReviews"}


def test_the_token_is_signed_for_apple_and_good_for_no_more_than_twenty_minutes(store):
    stores.app_store(store).page("")
    ((_, _, bearer),) = store.asked
    read = jwt.decode(bearer, ec_key(), algorithms=["ES256"])

    assert read.header == {"alg": "ES256", "kid": "KEY1", "typ": "JWT"}
    assert (read.claims["iss"], read.claims["aud"]) == ("issuer-1", "appstoreconnect-v1")
    assert read.claims["exp"] - read.claims["iat"] <= 20 * 60


def test_a_refused_token_is_signed_anew_once(store):
    store.script = [Said(401), Said(401)]

    with pytest.raises(KeyRefusedError):
        stores.app_store(store).page("")
    assert len(store.asked) == 2


@pytest.mark.parametrize(
    "address", ["https://evil.example/v1/apps/1/customerReviews", "//evil.example/", "javascript:x"]
)
def test_a_next_page_at_another_host_is_never_asked_for(store, address):
    store.script = [Said(body={"data": [], "links": {"next": address}})]

    with pytest.raises(SentElsewhereError):
        stores.app_store(store).page("")
    assert len(store.asked) == 1


def test_a_next_page_of_anything_else_is_never_asked_for(store):
    store.script = [Said(body={"data": [], "links": {"next": f"{store.url}/v1/users"}})]
    reviews = stores.app_store(store)
    following = reviews.page("").following

    with pytest.raises(SentElsewhereError):
        reviews.page(following)
    assert len(store.asked) == 1


def test_a_review_of_another_shape_is_refused_alone(store):
    broken = apple_review(2)
    del broken["attributes"]["rating"]
    store.script = [
        Said(
            body={"data": [apple_review(1), {"type": "apps", "id": "1"}, {"type": "customerReviews"}, broken]}
        )
    ]
    rows = stores.app_store(store).page("").rows

    assert [type(row) for row in rows] == [Accepted, Refused, Refused, Accepted]
    assert rows[3].feedback.rating is None


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": [], "links": []}, {"data": [], "links": "x"}])
def test_pages_of_another_shape_are_broken(store, body):
    store.script = [Said(body=body)]
    if body == {"data": [], "links": []}:
        assert stores.app_store(store).page("").rows == ()
        return
    with pytest.raises(AnswerBrokenError):
        stores.app_store(store).page("")


def test_nicknames_are_kept_as_pseudonyms_alone(store):
    store.reviews = [apple_review(7)]
    (row,) = stores.app_store(store).page("").rows

    assert "nick" not in row.feedback.model_dump_json()
    assert row.feedback.app == APP


@pytest.mark.parametrize("written", ["", "{}", '{"issuer_id": "a", "key_id": "b"}', "3"])
def test_a_key_that_cannot_be_read_is_named(written):
    with pytest.raises(KeyUnfitError):
        ConnectKey.read(written)


@pytest.mark.parametrize("pem", ["", "nonsense", None])
def test_a_private_key_of_another_kind_is_named(pem):
    given = pem if pem is not None else rsa_key().as_pem(private=True).decode()
    key = ConnectKey.read(json.dumps({"issuer_id": "a", "key_id": "b", "private_key": given}))

    with pytest.raises(KeyUnfitError, match="P-256"):
        key.token(NOW)
