"""The ledger in the local store itself: what the lock refuses, and what is left after kill -9."""

import os
import signal

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.domain.history import next_entry
from functions.domain.ledger import lines_of_change
from functions.storage import ledger
from infra import tables
from infra.local import children, engines
from infra.local.environment import NO_CREDENTIALS, STAGE
from infra.local.home import Home
from tests.factories import NOON

pytestmark = pytest.mark.engine
DAY = NOON.date()
BUCKET = tables.bucket_name("LedgerBucket", STAGE)


class Store:
    """One ministack on one data folder, started, killed and started again."""

    def __init__(self, place, monkeypatch):
        self.place, self.monkeypatch, self.child = place, monkeypatch, None

    def start(self):
        port = children.free_port()
        self.child = engines.start_ministack(engines.ministack_python(), self.place, port)
        children.wait_for_port(self.child, port, 30)
        self.monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
        ledger.client.cache_clear()
        tables.ensure_buckets(boto3.client("s3"), STAGE)
        return boto3.client("s3")

    def kill(self):
        os.killpg(self.child.process.pid, signal.SIGKILL)
        self.child.process.wait()


@pytest.fixture
def store(tmp_path, monkeypatch):
    place = Home(tmp_path)
    place.prepare()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, NO_CREDENTIALS)
    monkeypatch.setenv("KHIDMAT_LEDGER_BUCKET", BUCKET)
    made = Store(place, monkeypatch)
    try:
        made.start()
    except engines.NoEngineError as error:
        pytest.skip(f"no local engine: {error}")
    yield made
    children.stop([made.child])
    ledger.client.cache_clear()


def lines(length):
    chain = []
    for _ in range(length):
        chain.append(next_entry(chain, at=NOON, actor="sdpo-1", role="sdpo", action="contact"))
    return lines_of_change("case:KH-2345-6789-A", (), chain)


def refused(store, copy):
    with pytest.raises(ClientError, match="AccessDenied"):
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=copy.name, VersionId=copy.version)


def test_what_was_put_stays_as_it_was_put(store):
    ledger.put_lines(DAY, "1-2-cases", lines(2))
    ledger.put_lines(DAY, "1-2-cases", lines(1))
    (copy,) = ledger.copies_of(DAY)
    refused(store, copy)
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=copy.name)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=copy.name, Body=b"forged")
    (again,) = ledger.copies_of(DAY)

    assert (copy.replaced, again.replaced, again.version) == (False, True, copy.version)
    assert len(ledger.read_lines(again)) == 2
    assert ledger.days() == ([DAY], [])


def test_what_was_answered_outlives_a_kill_and_what_comes_after_is_locked_again(store):
    ledger.put_lines(DAY, "1-2-cases", lines(2))
    ledger.put_root(DAY, "root")
    store.kill()
    store.start()
    ledger.put_lines(DAY, "1-2-cases", lines(2))
    ledger.put_lines(DAY, "3-3-cases", lines(3)[2:])
    before, after = ledger.copies_of(DAY)

    assert [len(ledger.read_lines(copy)) for copy in (before, after)] == [2, 1]
    assert (before.replaced, ledger.root(DAY)) == (False, "root")
    refused(store, after)
