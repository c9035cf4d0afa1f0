"""The local engines for tests marked `engine`: started once a session on free ports, with the template's tables.

In a conftest or test file: `from tests.engine import engine  # noqa: F401`, then ask for the fixture `engine`.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from infra import tables
from infra.local import children, environment, suite
from infra.local.engines import NoEngineError
from infra.local.home import Home

BASE_URL = "http://localhost:8000"


@dataclass(frozen=True)
class Engines:
    """Where the engines answer, the environment that points the product at them, and their data folder."""

    name: str
    dynamodb_url: str
    sqs_url: str
    product: dict[str, str]
    home: Home

    def client(self, service: str):
        """A boto3 client of its own; it reads nothing from the environment."""
        url = self.sqs_url if service == "sqs" else self.dynamodb_url
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=tables.LOCAL_REGION,
            aws_access_key_id=environment.NO_CREDENTIALS,
            aws_secret_access_key=environment.NO_CREDENTIALS,
            config=Config(parameter_validation=False, retries={"total_max_attempts": 2}),
        )


@contextmanager
def engines_in(folder: Path, choice: str = ""):
    """Engines on `folder`, with tables and queues, stopped after the block. NoEngineError where none can be had."""
    place = Home(folder)
    place.prepare()
    processes = suite.Processes()
    try:
        engine, sqs_url = suite.start_engines(place, choice, processes)
        for child in processes.engines:
            port = sqs_url if child.name == "ministack" else engine.url
            children.wait_for_port(child, int(port.rsplit(":", 1)[1]), 30)
        product = environment.product_environment(place, BASE_URL, engine.url, sqs_url)
        made = Engines(engine.name, engine.url, sqs_url, product, place)
        tables.ensure_queues(made.client("sqs"), environment.STAGE)
        tables.ensure_tables(made.client("dynamodb"), environment.STAGE)
        yield made
    finally:
        processes.stop()


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """The best engine this machine can have; skips, with the reason, where it can have none."""
    try:
        with engines_in(tmp_path_factory.mktemp("engine")) as made:
            yield made
    except NoEngineError as error:
        pytest.skip(f"no local engine: {error}")
