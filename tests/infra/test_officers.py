"""Entering the first administrator."""

import pytest

from functions.storage import officers as store
from infra import officers
from infra.local import officers as demonstration
from infra.local import tokens
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("tables")


def test_the_first_administrator_is_entered_by_the_operator(capsys):
    assert officers.main(["enrol", "sub-1", "--role", "administrator"]) == 0
    assert store.get("sub-1", consistent=True).role == "administrator"
    assert "sub-1 is administrator" in capsys.readouterr().out


def test_an_office_that_does_not_fit_is_said(capsys):
    assert officers.main(["enrol", "sub-1", "--role", "dpo", "--office", "pb"]) == 2
    assert "/office" in capsys.readouterr().err
    assert store.get("sub-1", consistent=True) is None


def test_a_row_somebody_else_changed_is_said(monkeypatch, capsys):
    from functions.storage.tables import StaleError

    def stale(*_):
        raise StaleError

    monkeypatch.setattr(store, "put", stale)
    assert officers.main(["enrol", "sub-1", "--role", "auditor"]) == 1
    assert "changed_meanwhile" in capsys.readouterr().err


def test_the_demonstrations_officers_are_entered_once():
    assert demonstration.enrol(NOON) == len(tokens.people())
    assert demonstration.enrol(NOON) == 0
    assert store.get("sdpo-civil-lines", consistent=True).clearances == {"violence_against_women"}
