"""Evidence as a browser sends and fetches it: forms and links over real HTTP to a real store."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import boto3
import pytest

from functions.domain import evidence
from functions.storage import cases
from infra import tables
from infra.local.environment import STAGE
from tests.engine import engine  # noqa: F401 - a fixture, found by its name
from tests.evidence import JPEG, PDF
from tests.factories import CITIZEN, complaint_body
from tests.http import send
from tests.storage import forget_connections

pytestmark = pytest.mark.engine
BOUNDARY = "-----------------------------7d3f1c0a9b"
POINTED = ("AWS_", "KHIDMAT_STAGE", "KHIDMAT_EVIDENCE_BUCKET")


@pytest.fixture(autouse=True)
def on_the_engine(engine, monkeypatch):  # noqa: F811 - the fixture imported above
    for name, value in engine.product.items():
        if name.startswith(POINTED):
            monkeypatch.setenv(name, value)
    forget_connections()
    tables.ensure_buckets(boto3.client("s3"), STAGE)
    yield engine
    forget_connections()


@pytest.fixture
def reference():
    return send("POST", "/v1/complaints", body=complaint_body()).json["reference"]


def announce(reference, **changes):
    body = {"name": "receipt.jpg", "media_type": "image/jpeg", "bytes": len(JPEG)} | changes
    return send("POST", f"/v1/complaints/{reference}/evidence", body=body).json


def complete(reference, piece):
    return send("POST", f"/v1/complaints/{reference}/evidence/{piece}/completion")


def exchanged(method, url, body=None, headers=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def upload(announced, content, **changes):
    """The status that the store answers the form with; `changes` are fields that somebody altered."""
    fields = announced["upload"]["fields"] | changes
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in fields.items()
    ]
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="receipt.jpg"\r\n\r\n'
    body = "".join(lines).encode() + file.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return exchanged("POST", announced["upload"]["url"], body, headers)[0]


def fetched(reference, piece):
    return exchanged("GET", send("GET", f"/v1/complaints/{reference}/evidence/{piece}").json["url"])


def test_upload_completion_and_download(reference):
    announced = announce(reference)
    piece = announced["evidence"]

    assert upload(announced, JPEG) == 204
    assert complete(reference, piece).json["name"] == "receipt.jpg"
    status, headers, content = fetched(reference, piece)
    named = {name.lower(): value for name, value in headers.items()}
    assert (status, content) == (200, JPEG)
    assert named["content-type"] == "image/jpeg"
    assert named["content-disposition"] == f'attachment; filename="{reference}-{piece}.jpg"'


def test_the_store_refuses_a_link_that_was_altered(reference):
    announced = announce(reference)
    upload(announced, JPEG)
    complete(reference, announced["evidence"])
    url = send("GET", f"/v1/complaints/{reference}/evidence/{announced['evidence']}").json["url"]

    assert exchanged("GET", url)[0] == 200
    assert exchanged("GET", url.replace("attachment", "inline"))[0] == 403
    assert exchanged("GET", url.replace("image%2Fjpeg", "text%2Fhtml"))[0] == 403


def test_the_store_refuses_what_is_too_large_or_empty(reference):
    announced = announce(reference)

    assert upload(announced, JPEG + bytes(announced["most_bytes"])) == 400
    assert upload(announced, b"") == 400
    assert complete(reference, announced["evidence"]).status == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "kept/KH-2345-6789-A/e-0123456789abcdef"},
        {"Content-Type": "text/html"},
        {"x-amz-meta-sha256": "0" * 64},
        {"x-amz-meta-more": "1"},
        {"acl": "public-read"},
        {"x-amz-server-side-encryption": "AES256"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_store_refuses_a_form_that_was_altered(reference, changes):
    announced = announce(reference, sha256="a" * 64)

    assert upload(announced, JPEG, **changes) in (400, 403)
    assert complete(reference, announced["evidence"]).status == 409


def test_a_swap_after_completion_does_not_change_what_is_kept(reference):
    announced = announce(reference)
    piece = announced["evidence"]
    upload(announced, JPEG)
    first = complete(reference, piece).body
    assert upload(announced, b"<html><script>alert(1)</script>") == 204

    assert complete(reference, piece).body == first
    assert fetched(reference, piece)[2] == JPEG


def test_what_is_not_what_it_was_announced_as_is_gone(reference):
    announced = announce(reference)
    upload(announced, PDF)

    assert [complete(reference, announced["evidence"]).status for _ in range(2)] == [422, 409]


def test_completions_at_once_are_one_entry(reference):
    announced = announce(reference)
    upload(announced, JPEG)
    now = datetime.now(UTC)

    def finish(_):
        return evidence.complete(CITIZEN, reference, announced["evidence"], now)

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(finish, range(8)))

    assert len(set(answers)) == 1
    assert [entry.action for entry in cases.get(reference).history] == ["lodge", "evidence"]


def test_files_completed_at_once_are_all_in_the_chain(reference):
    made = [announce(reference, name=f"{number}.jpg") for number in range(4)]
    for each in made:
        upload(each, JPEG)
    with ThreadPoolExecutor(max_workers=4) as pool:
        replies = list(pool.map(lambda each: complete(reference, each["evidence"]), made))
    shown = send("GET", f"/v1/complaints/{reference}/evidence").json["items"]

    assert {reply.status for reply in replies} == {200}
    assert sorted(row["name"] for row in shown) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]


def test_forgetting_a_case_takes_its_files(reference):
    announced = announce(reference)
    piece = announced["evidence"]
    upload(announced, JPEG)
    complete(reference, piece)
    evidence.forget(cases.get(reference))

    assert fetched(reference, piece)[0] == 404
