"""The bucket: what it answers under other names, and forgetting a case's files."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.storage import evidence
from functions.storage.tables import StaleError, StoreFailureError

pytestmark = pytest.mark.usefixtures("tables")
BUCKET = "khidmat-test-evidence-000000000000"
CASE, OTHER = "KH-2345-6789-A", "KH-2345-6789-B"


@pytest.fixture(autouse=True)
def client(tables):
    evidence.client.cache_clear()
    yield evidence.client()
    evidence.client.cache_clear()


def put(client, key, body=b"%PDF-1.7"):
    client.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="application/pdf")


def keys(client):
    return {row["Key"] for row in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_what_is_not_there_is_none_and_a_longer_key_is_not_it(client):
    put(client, f"arriving/{CASE}/e-1-and-more")

    assert evidence.arrived(CASE, "e-1", 8) is None


def test_no_more_than_the_head_is_read(client):
    put(client, f"kept/{CASE}/e-1", b"0123456789")
    found = evidence.kept(CASE, "e-1", 4)

    assert (found.head, found.size, found.media_type) == (b"0123", 10, "application/pdf")


def test_what_changed_since_it_was_looked_at_is_not_kept(client):
    put(client, f"arriving/{CASE}/e-1")
    with pytest.raises(StaleError):
        evidence.keep(CASE, "e-2", '"any"')


def test_forgetting_takes_every_file_of_the_case_and_no_other(client, monkeypatch):
    monkeypatch.setattr(evidence, "BATCH", 2)
    for number in range(5):
        put(client, f"kept/{CASE}/e-{number}")
    put(client, f"arriving/{CASE}/e-9")
    put(client, f"kept/{OTHER}/e-1")

    assert evidence.forget(CASE) == 6
    assert keys(client) == {f"kept/{OTHER}/e-1"}
    assert evidence.forget(CASE) == 0


def test_a_file_that_cannot_be_deleted_is_a_failure(client, monkeypatch):
    put(client, f"kept/{CASE}/e-1")
    monkeypatch.setattr(client, "delete_objects", lambda **_: {"Errors": [{"Code": "AccessDenied"}]})
    with pytest.raises(StoreFailureError, match="AccessDenied"):
        evidence.forget(CASE)


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_a_deletion_of_what_was_replaced_leaves_it(client, monkeypatch, code):
    def refused(**given):
        assert given["IfMatch"] == '"old"'
        raise ClientError({"Error": {"Code": code}}, "DeleteObject")

    monkeypatch.setattr(client, "delete_object", refused)
    evidence.drop_arrived(CASE, "e-1", '"old"')


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "SlowDown"}}, "ListObjectsV2"),
        EndpointConnectionError(endpoint_url="https://example.org"),
    ],
)
def test_a_silent_store_has_one_name(client, monkeypatch, error):
    def silent(**_):
        raise error

    monkeypatch.setattr(client, "list_objects_v2", silent)
    with pytest.raises(StoreFailureError):
        evidence.arrived(CASE, "e-1", 8)
