"""A store with cases in it, and the suite running on it: every folder is temporary, every process ends with us."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from functions.domain import accounts, complaints
from functions.settings import settings
from functions.storage.people import Person
from infra.local import officers, tokens
from infra.local.home import Home
from schemas.complaints import NewComplaint
from tests import people
from tests.engine import BASE_URL, Engines, engines_in
from tests.factories import complaint_body
from tests.faults.kill import COMPLAINTS, Run

ENGINE = os.environ.get("KHIDMAT_ENGINE", "")
TRANSACTION = 100
WRITERS = 2
NARRATIVE = (
    "On Tuesday evening I went to the station to report that my bicycle was taken from the gate of the market. "
    "The officer at the desk said that nobody was there who could write it down and told me to come another day. "
    "I came twice more and was sent away again without a number. I ask that my report is registered and that "
    "somebody tells me what will be done about it."
)
"""As long as an ordinary complaint; all invented."""
BODY = complaint_body(narrative=NARRATIVE)


@contextmanager
def temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="khidmat-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def store(folder: Path) -> Iterator[Engines]:
    """Engines with empty tables, and this process's product pointed at them. One store a process."""
    with engines_in(folder, ENGINE) as made:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(made.product)
        settings.cache_clear()
        officers.enrol(datetime.now(UTC))
        yield made


@contextmanager
def suite(folder: Path) -> Iterator[Run]:
    """The whole suite on the data of `folder`, as `make run` starts it. No seed where tables exist."""
    run = Run(folder, COMPLAINTS, ENGINE)
    try:
        yield run
    finally:
        run.stop()


TOKEN_SECONDS = 7_200
"""Longer than a citizen's token lasts in use: filling a store takes its time."""


def bearer(folder: Path, person: tokens.Person, base_url: str = BASE_URL) -> str:
    """An officer's token; the officer's row comes with the store."""
    return tokens.access_token(Home(folder), person, base_url, datetime.now(UTC), timedelta(hours=2))


def sign_in(subject: str) -> Person:
    """The person of that name, registered in the store this process is pointed at."""
    return people.person(subject)


def citizen_bearer(person: Person, base_url: str = BASE_URL) -> str:
    os.environ["KHIDMAT_BASE_URL"] = base_url
    settings.cache_clear()
    return accounts.access_token(person, people.SESSION, datetime.now(UTC), TOKEN_SECONDS)


@dataclass(frozen=True)
class Row:
    owner: str
    reference: str


def fill(made: Engines, owners: list[str], lodged_at: datetime, batch: str = "fill") -> list[Row]:
    """One case for each of `owners`, as lodged at `lodged_at`: the product's own items, in large transactions.

    The stream is off meanwhile: what the consumers would do with it is not what is measured.
    """
    client = made.client("dynamodb")
    table = f"khidmat-{os.environ['KHIDMAT_STAGE']}-cases"
    stream = client.describe_table(TableName=table)["Table"].get("StreamSpecification")
    if stream:
        client.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    rows: list[Row] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        waiting: list[Future[None]] = []
        for begin in range(0, len(owners), TRANSACTION):
            with captured() as puts:
                rows += [
                    _lodge(owner, f"{batch}-{number}", lodged_at)
                    for number, owner in enumerate(owners[begin : begin + TRANSACTION], start=begin)
                ]
            waiting.append(pool.submit(_write, client, puts))
            for done in waiting[:-WRITERS]:
                done.result()
        for done in waiting:
            done.result()
    if stream:
        client.update_table(TableName=table, StreamSpecification=stream)
    return rows


def _lodge(owner: str, key: str, at: datetime) -> Row:
    case = complaints.lodge(people.citizen(owner), NewComplaint(**BODY), key, at)
    return Row(owner, case.reference)


def _write(client: Any, puts: list[dict[str, Any]]) -> None:
    if puts:
        client.transact_write_items(TransactItems=puts)


@contextmanager
def captured() -> Iterator[list[dict[str, Any]]]:
    """What this thread would put, kept instead of sent; other threads' calls go out."""
    puts: list[dict[str, Any]] = []
    real, here = BaseClient._make_api_call, threading.get_ident()

    def keep(self: BaseClient, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation != "PutItem" or threading.get_ident() != here:
            return real(self, operation, arguments)
        puts.append({"Put": {"TableName": arguments["TableName"], "Item": arguments["Item"]}})
        return {}

    BaseClient._make_api_call = keep
    try:
        yield puts
    finally:
        BaseClient._make_api_call = real
