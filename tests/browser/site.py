"""The pages on a port of this machine, with a board and a desk to look at: python -m tests.browser.site PORT FOLDER [empty]

The gateway, the issuer and the app are those of a local run; the tables are moto's, in this process. Nothing
comes by a queue: where the tables begin empty, what is asked to be regrouped is regrouped at once.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3
import waitress
from moto import mock_aws

from functions.domain import accounts, regrouping
from functions.storage import queues
from infra.local import citizens, officers
from infra.local.environment import STAGE, product_environment
from infra.local.front import site
from infra.local.gateway import Gateway
from infra.local.home import Home
from infra.local.issuer import Issuer
from infra.local.outbox import Outbox
from infra.tables import ensure_buckets, ensure_tables
from tests.browser import cases, life, loop, seed


def main(port: str, folder: str, *more: str) -> None:
    place = Home(Path(folder))
    place.prepare()
    base_url = f"http://localhost:{port}"
    product = product_environment(place, base_url, "", "")
    os.environ.update({name: value for name, value in product.items() if not name.startswith("AWS_ENDPOINT")})
    with mock_aws():
        ensure_tables(boto3.client("dynamodb"), STAGE)
        ensure_buckets(boto3.client("s3"), STAGE)
        officers.enrol(datetime.now(UTC))
        queues.ask_to_regroup = _regrouped_at_once if "empty" in more else _never_regrouped
        if "empty" in more:
            (place.root / "citizen.token").write_text(_citizens_token(), encoding="utf-8")
        else:
            seed.write()
            life.write()
            cases.write(datetime.now(UTC))
            loop.write(datetime.now(UTC))
        from app import app

        pages = site(Gateway(app, STAGE), Issuer(place, base_url), Outbox(place))
        waitress.serve(pages, host="127.0.0.1", port=int(port), threads=8, ident=None, _quiet=True)


def _citizens_token() -> str:
    """Of a demonstration citizen who has just signed in: these pages have no telephone to send a code to."""
    now = datetime.now(UTC)
    return accounts.open_session(citizens.person(citizens.citizen_of(), now), "Browser", now).access_token


def _regrouped_at_once(app: str) -> None:
    regrouping.regroup(app, datetime.now(UTC))


def _never_regrouped(_: str) -> None:
    """Topics that were written by hand stay as they are."""


if __name__ == "__main__":
    main(*sys.argv[1:])
