"""The bundles, built once a session for the interpreter that runs the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra import build
from infra.packaging.bundles import API, CURRENT, LEARNING, BuildError, target_of
from tests import keys
from tests.bundle import clean
from tests.engine import engine  # noqa: F401 - a fixture
from tests.storage import forget_connections


@dataclass(frozen=True)
class Built:
    """What a build of one bundle left: its folder, Chalice's zip of our sources, the bundle unzipped."""

    out: Path
    ours: Path
    template: dict[str, Any]
    unzipped: Path
    bytes: int


def _built(folder: Path, bundle: Any) -> Built:
    target = target_of(CURRENT)
    (packed,) = build.build(target, "dev", folder / "out", folder / "work", [bundle])
    template = json.loads((folder / "out" / "template.json").read_text())
    unzipped = clean.unzip(packed.path, folder / "unzipped")
    ours = folder / "work" / "project" / "packaged" / "deployment.zip"
    return Built(folder / "out", ours, template, unzipped, packed.unzipped_bytes)


@pytest.fixture(scope="session")
def api(tmp_path_factory) -> Built:
    return _built(tmp_path_factory.mktemp("api"), API)


@pytest.fixture(scope="session")
def learning(tmp_path_factory) -> Built:
    try:
        return _built(tmp_path_factory.mktemp("learning"), LEARNING)
    except BuildError as error:
        if "wheel" not in str(error):
            raise
        pytest.skip(f"no wheels for this interpreter: {error}")


@pytest.fixture
def deployed(engine, monkeypatch) -> Iterator[dict[str, str]]:  # noqa: F811 - the fixture
    """The whole environment of a function: settings, and where boto3 finds the database. Nothing inherited."""
    wanted = ("AWS_", "KHIDMAT_")
    product = {name: value for name, value in engine.product.items() if name.startswith(wanted)}
    product.pop("KHIDMAT_HOME")
    # The callers' rows are made here, in the tables that the bundle then finds them in.
    for name, value in product.items():
        monkeypatch.setenv(name, value)
    for name, value in keys.SECRETS.items():
        monkeypatch.setenv(name, value)
    forget_connections()
    yield product | {
        "KHIDMAT_ISSUER": keys.ISSUER,
        "KHIDMAT_CLIENT_ID": keys.claims()["client_id"],
        **keys.SECRETS,
    }
    # The models are connected to the engine now: the next test's tables are others.
    forget_connections()
