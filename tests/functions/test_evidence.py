"""Announcing a file: the form it may be uploaded with, and what is refused before there is one."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.storage import cases
from functions.storage import evidence as storage
from tests.evidence import BUCKET, add, announce, fault, lodge, policy, stored

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture(autouse=True)
def _clients(tables):
    storage.client.cache_clear()
    yield
    storage.client.cache_clear()


@pytest.fixture
def reference():
    return lodge()


def test_a_form_takes_this_file_and_no_other(reference):
    reply = announce(reference)
    piece, fields = reply.json["evidence"], reply.json["upload"]["fields"]
    conditions = policy(reply)["conditions"]

    assert reply.status == 201
    assert reply.headers["location"] == f"/v1/complaints/{reference}/evidence/{piece}"
    assert {"key": f"arriving/{reference}/{piece}"} in conditions
    assert {"bucket": BUCKET} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert ["content-length-range", 1, 10 * 1024 * 1024] in conditions
    assert reply.json["most_bytes"] == 10 * 1024 * 1024
    assert not [each for each in conditions if isinstance(each, list) and each[0] == "starts-with"]
    # Every field but the signature's own stands under a condition, so none can be changed.
    # With that the encryption is the bucket's own: a field for another would be one too many.
    named = {name.lower() for each in conditions if isinstance(each, dict) for name in each}
    assert {name.lower() for name in fields} - named == {"policy", "x-amz-signature"}


def test_a_form_holds_for_ten_minutes(reference):
    reply = announce(reference)
    expires = datetime.fromisoformat(policy(reply)["expiration"])
    told = datetime.fromisoformat(reply.json["expires_at"])

    assert timedelta(minutes=9) < expires - datetime.now(UTC) <= timedelta(minutes=10)
    assert abs(expires - told) < timedelta(seconds=10)


def test_forms_go_to_the_regions_own_host_and_by_path_to_an_address(reference, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    storage.client.cache_clear()
    assert announce(reference).json["upload"]["url"] == f"https://{BUCKET}.s3.ap-southeast-1.amazonaws.com/"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
    storage.client.cache_clear()
    assert announce(reference).json["upload"]["url"] == f"http://127.0.0.1:9000/{BUCKET}"


def test_the_files_own_name_leaves_no_trace_in_the_clear(reference):
    reply = announce(reference, name="letter of Sample Person.jpg")

    assert "Sample Person" not in reply.text
    assert "Sample" not in str(policy(reply))


def test_announcing_writes_nothing(reference):
    before = cases.get(reference)
    announce(reference)

    assert cases.get(reference) == before
    assert stored() == {}


def test_a_repeat_under_one_key_is_the_same_piece(reference):
    first, again = announce(reference), announce(reference)
    other = announce(reference, "piece-2")

    assert first.json["evidence"] == again.json["evidence"] != other.json["evidence"]


def test_a_repeat_after_completion_answers_the_same_and_another_file_is_refused(reference):
    piece, _ = add(reference)

    assert announce(reference).json["evidence"] == piece
    assert announce(reference, bytes=17).status == 422


@pytest.mark.parametrize(
    ("media_type", "taken_as"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("audio/ogg; codecs=opus", "audio/ogg"),
        ("audio/x-m4a", "audio/mp4"),
        ("audio/mp3", "audio/mpeg"),
        ("audio/x-wav", "audio/wav"),
    ],
)
def test_a_type_is_known_by_its_other_names(reference, media_type, taken_as):
    reply = announce(reference, media_type=media_type)

    assert reply.json["upload"]["fields"]["Content-Type"] == taken_as


@pytest.mark.parametrize(
    "media_type",
    [
        "image/svg+xml",
        "text/html",
        "application/xhtml+xml",
        "text/javascript",
        "application/zip",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/gif",
        "video/quicktime",
        "application/octet-stream",
        "nonsense",
    ],
)
def test_types_that_are_not_taken_are_refused_with_those_that_are(reference, media_type):
    reply = announce(reference, media_type=media_type)
    pointer, detail = fault(reply)

    assert (reply.status, pointer) == (400, "/media_type")
    assert "application/pdf" in detail
    assert "SVG" in detail


@pytest.mark.parametrize(
    ("media_type", "megabytes"),
    [("image/png", 10), ("audio/amr", 25), ("video/mp4", 100), ("application/pdf", 15)],
)
def test_each_kind_has_its_own_limit(reference, media_type, megabytes):
    most = megabytes * 1024 * 1024

    assert announce(reference, media_type=media_type, bytes=most).json["most_bytes"] == most
    reply = announce(reference, media_type=media_type, bytes=most + 1)
    assert (reply.status, fault(reply)[0]) == (400, "/bytes")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"bytes": 0}, "/bytes"),
        ({"bytes": "many"}, "/bytes"),
        ({"sha256": "abc"}, "/sha256"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "bell\a.jpg"}, "/name"),
        ({"media_type": None}, "/media_type"),
        ({"url": "https://example.org/"}, "/url"),
    ],
)
def test_a_wrong_field_is_named(reference, changes, pointer):
    reply = announce(reference, **changes)

    assert (reply.status, fault(reply)[0]) == (400, pointer)
