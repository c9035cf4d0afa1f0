"""Telephones, and a person who is registered: for every test of signing in."""

from datetime import timedelta

import pytest

from tests.codes import NOW, Telephones, ask, enter


@pytest.fixture
def phones(monkeypatch):
    return Telephones(monkeypatch)


@pytest.fixture
def registered(phones):
    """The tokens of DOCUMENT's holder, registered with PHONE a week ago."""
    week_ago = NOW - timedelta(days=7)
    return enter(ask(week_ago), phones.code(), week_ago)
