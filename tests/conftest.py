"""What every test stands on: settings of its own, no sockets for unit tests, tables in moto where asked for."""

from __future__ import annotations

import os

import pytest
from pytest_socket import disable_socket, enable_socket

from tests import keys

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
    "KHIDMAT_OWN_APP": "pk.khidmat.app",
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

    for name, value in {**SETTINGS, "KHIDMAT_JWKS": keys.PUBLIC_JWKS}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS"):
        monkeypatch.delenv(name, raising=False)
    module.settings.cache_clear()
    callers.forget_keys()
    yield module.settings
    module.settings.cache_clear()
    callers.forget_keys()


@pytest.fixture(scope="session")
def _moto():
    """The template's tables and queues, made in moto once: that, and clients, is what is slow about it."""
    # Before moto is imported: it reads its account then.
    os.environ.update(SETTINGS)
    import boto3
    from moto import mock_aws
    from moto.dynamodb.models import dynamodb_backends
    from moto.sqs.models import sqs_backends

    from infra.tables import LOCAL_ACCOUNT, ensure_queues, ensure_tables
    from tests.storage import forget_connections

    aws = mock_aws()
    aws.start()
    client = boto3.client("dynamodb")
    ensure_tables(client, SETTINGS["KHIDMAT_STAGE"])
    ensure_queues(boto3.client("sqs"), SETTINGS["KHIDMAT_STAGE"])
    aws.stop(remove_data=False)
    forget_connections()
    stores = (dynamodb_backends[LOCAL_ACCOUNT]["us-east-1"], sqs_backends[LOCAL_ACCOUNT]["us-east-1"])
    yield aws, client, *stores
    forget_connections()


@pytest.fixture
def tables(_moto):
    """Every table and queue, empty; answers the client. Not for races: moto keeps no transactions apart."""
    from functions.storage.feedback import forget_registered

    aws, client, dynamodb, sqs = _moto
    forget_registered()
    aws.start(reset=False)
    for table in dynamodb.tables.values():
        table.items.clear()
    for queue in sqs.queues.values():
        queue._messages.clear()
    yield client
    aws.stop(remove_data=False)
