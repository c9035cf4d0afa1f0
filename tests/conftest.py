"""What every test stands on: settings of its own, no sockets for unit tests, tables in moto where asked for."""

from __future__ import annotations

import os
from functools import cache

import pytest
from pytest_socket import disable_socket, enable_socket

from tests import keys, people

SOCKET_MARKS = ("engine", "browser", "bundle")
BASE_URL = "http://localhost:8000"
SETTINGS = {
    "KHIDMAT_STAGE": "test",
    "KHIDMAT_ISSUER": f"{BASE_URL}/local-issuer",
    "KHIDMAT_CLIENT_ID": "khidmat-pages",
    "KHIDMAT_CURSOR_KEY": "a-cursor-key-for-tests-of-32-characters",
    "KHIDMAT_AUTHORIZE_URL": f"{BASE_URL}/local-issuer/authorize",
    "KHIDMAT_TOKEN_URL": f"{BASE_URL}/local-issuer/token",
    "KHIDMAT_BASE_URL": BASE_URL,
    "KHIDMAT_REGROUP_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/khidmat-test-regroup",
    "KHIDMAT_CODES_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/khidmat-test-codes",
    "KHIDMAT_MESSAGES_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/khidmat-test-messages",
    "KHIDMAT_EVIDENCE_BUCKET": "khidmat-test-evidence-000000000000",
    "KHIDMAT_MODELS_BUCKET": "khidmat-test-models-000000000000",
    "KHIDMAT_LEDGER_BUCKET": "khidmat-test-ledger-000000000000",
    "KHIDMAT_CORS_ORIGINS": "https://app.khidmat.example",
    "KHIDMAT_OWN_APP": "pk.khidmat.app",
    "KHIDMAT_WHATSAPP_APP_SECRET": "a-secret-of-the-meta-app-for-tests",
    "KHIDMAT_WHATSAPP_VERIFY_TOKEN": "a-verify-token-for-tests",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    # The account that the local engines answer as, so that a queue finds its dead letters in moto too.
    "MOTO_ACCOUNT_ID": "000000000000",
}


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest):
    if any(request.node.get_closest_marker(mark) for mark in SOCKET_MARKS):
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch):
    """Settings as a function on AWS would have them; forgotten again after the test."""
    from functions import callers
    from functions import settings as module
    from functions.domain import calendars, champion
    from functions.storage import keyring

    for name, value in {**SETTINGS, **keys.SECRETS}.items():
        monkeypatch.setenv(name, value)
    for service in ("", "_DYNAMODB", "_SQS", "_S3", "_KMS", "_SNS"):
        monkeypatch.delenv(f"AWS_ENDPOINT_URL{service}", raising=False)
    forget = (
        module.settings.cache_clear,
        keyring.forget,
        callers.forget_keys,
        calendars.forget,
        champion.reset,
    )
    for each in forget:
        each()
    yield module.settings
    for each in forget:
        each()


@pytest.fixture(scope="session", autouse=True)
def _service_files():
    """Botocore's descriptions of the services, read once and not for each session that a test begins."""
    import botocore.session

    patch = pytest.MonkeyPatch()
    patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def _moto():
    """The template's tables and queues, made in moto once: that, and clients, is what is slow about it."""
    # Before moto is imported: it reads its account then.
    os.environ.update(SETTINGS)
    import boto3
    from moto import mock_aws
    from moto.dynamodb.models import dynamodb_backends
    from moto.s3.models import s3_backends
    from moto.sqs.models import sqs_backends

    from infra.tables import LOCAL_ACCOUNT, ensure_buckets, ensure_queues, ensure_tables
    from tests import quick
    from tests.storage import forget_connections

    patch = pytest.MonkeyPatch()
    quick.make(patch)
    aws = mock_aws()
    aws.start()
    client = boto3.client("dynamodb")
    ensure_tables(client, SETTINGS["KHIDMAT_STAGE"])
    ensure_queues(boto3.client("sqs"), SETTINGS["KHIDMAT_STAGE"])
    ensure_buckets(boto3.client("s3"), SETTINGS["KHIDMAT_STAGE"])
    aws.stop(remove_data=False)
    forget_connections()
    stores = (
        dynamodb_backends[LOCAL_ACCOUNT]["us-east-1"],
        sqs_backends[LOCAL_ACCOUNT]["us-east-1"],
        s3_backends[LOCAL_ACCOUNT]["aws"],
    )
    yield aws, client, *stores
    forget_connections()
    patch.undo()


@pytest.fixture
def tables(_moto):
    """Every table and queue, empty; answers the client. Not for races: moto keeps no transactions apart."""
    from functions.storage.feedback import forget_registered
    from tests.storage import connected_elsewhere, forget_connections

    aws, client, dynamodb, sqs, s3 = _moto
    forget_registered()
    if connected_elsewhere(SETTINGS["KHIDMAT_STAGE"]):
        forget_connections()
    aws.start(reset=False)
    for table in dynamodb.tables.values():
        table.items.clear()
        # Moto keeps every change for ever, and copies them all at each transaction.
        if table.stream_shard is not None:
            table.stream_shard.items.clear()
    for queue in sqs.queues.values():
        queue._messages.clear()
    for bucket in s3.buckets.values():
        bucket.keys.clear()
    for subject in ("citizen-1", "citizen-2"):
        people.person(subject)
    yield client
    aws.stop(remove_data=False)
