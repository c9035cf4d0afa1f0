"""The pages on a port of this machine, with a board and a desk to look at: python -m tests.browser.site PORT FOLDER [empty]

The gateway, the issuer and the app are those of a local run; the tables are moto's, in this process.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3
import waitress
from moto import mock_aws

from infra.local import officers
from infra.local.environment import STAGE, product_environment
from infra.local.front import site
from infra.local.gateway import Gateway
from infra.local.home import Home
from infra.local.issuer import Issuer
from infra.local.outbox import Outbox
from infra.tables import ensure_tables
from tests.browser import cases, seed


def main(port: str, folder: str, *more: str) -> None:
    place = Home(Path(folder))
    place.prepare()
    base_url = f"http://localhost:{port}"
    product = product_environment(place, base_url, "", "")
    os.environ.update({name: value for name, value in product.items() if not name.startswith("AWS_ENDPOINT")})
    with mock_aws():
        ensure_tables(boto3.client("dynamodb"), STAGE)
        officers.enrol(datetime.now(UTC))
        if "empty" not in more:
            seed.write()
            cases.write(datetime.now(UTC))
        from app import app

        pages = site(Gateway(app, STAGE), Issuer(place, base_url), Outbox(place))
        waitress.serve(pages, host="127.0.0.1", port=int(port), threads=8, ident=None, _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
