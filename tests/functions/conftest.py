"""Telephones and a person who is registered, for tests of signing in; a board, for those of its pages."""

from datetime import timedelta

import pytest

from tests import stored
from tests.browser import seed
from tests.codes import NOW, Telephones, ask, enter

_written: list[stored.Kept] = []


@pytest.fixture
def phones(monkeypatch):
    return Telephones(monkeypatch)


@pytest.fixture
def registered(phones):
    """The tokens of DOCUMENT's holder, registered with PHONE a week ago."""
    week_ago = NOW - timedelta(days=7)
    return enter(ask(week_ago), phones.code(), week_ago)


@pytest.fixture
def board(tables):
    """The topics of `seed`, written once and put back for each test."""
    if not _written:
        seed.write()
        _written.append(stored.Kept())
    _written[0].put_back()


@pytest.fixture
def unqueued(monkeypatch):
    """What is asked to be regrouped is not: tests do it themselves."""
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", lambda _: None)
