import os

import pytest

from infra.local.home import Home
from tests.engine import engine  # noqa: F401 - a fixture
from tests.storage import forget_connections

CHANGED = ("KHIDMAT_", "AWS_")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty data folder that the runner takes for its own, in an environment that a tick may change."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(CHANGED)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KHIDMAT_HOME", str(tmp_path / "var"))
    folder = Home((tmp_path / "var").resolve())
    folder.prepare()
    # What earlier tests connected to is not what this environment names, and the other way round.
    forget_connections()
    yield folder
    forget_connections()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def sample(place, monkeypatch):
    """The throw-away app in place of the product."""
    monkeypatch.setenv("KHIDMAT_APP", "tests.infra.local.sample_app:app")
    from tests.infra.local import sample_app

    sample_app._clients.clear()
    return sample_app
