"""The command that verifies the audit: what it says, and with which exit code."""

import json
import os
from contextlib import contextmanager
from datetime import date

import pytest

from functions.domain.audit import Verified
from functions.domain.ledger import Bad, Fault
from functions.storage.tables import StoreFailureError
from infra import audit

WHOLE = Verified(days=3, copies=40, chains=9, bad=None)
BROKEN = Verified(3, 40, 9, Bad("entry_changed", "case:KH-JNS9-AK3U-W", 4))


POINTED = audit._pointed


@pytest.fixture(autouse=True)
def here(monkeypatch):
    @contextmanager
    def pointed(*, deployed):
        yield

    monkeypatch.setattr(audit, "_pointed", pointed)


def found(monkeypatch, verified):
    asked = {}

    def verify(now, wanted, tell):
        asked.update(items=wanted.items, only=wanted.only, since=wanted.since)
        tell("copies of today")
        if isinstance(verified, Exception):
            raise verified
        return verified

    monkeypatch.setattr(audit.audit, "verify", verify)
    return asked


def test_a_whole_audit_says_what_was_looked_at(monkeypatch, capsys):
    found(monkeypatch, WHOLE)

    assert audit.main(["verify"]) == 0
    assert capsys.readouterr().out == "Whole: 3 days with a root, 40 copies, 9 chains.\n"


def test_the_first_bad_entry_is_named(monkeypatch, capsys):
    found(monkeypatch, BROKEN)

    assert audit.main(["verify"]) == 1
    assert "case:KH-JNS9-AK3U-W entry 4: the entry does not follow" in capsys.readouterr().out


def test_machines_get_json(monkeypatch, capsys):
    found(monkeypatch, BROKEN)

    assert audit.main(["verify", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["bad"]["subject"], said["bad"]["sequence"]) == (
        False,
        "case:KH-JNS9-AK3U-W",
        4,
    )


def test_one_case_is_asked_for_as_people_type_it(monkeypatch):
    asked = found(monkeypatch, WHOLE)
    audit.main(["verify", "--case", "kh jns9 ak3u w", "--ledger-only", "--from", "2026-11-23"])

    assert asked == {"items": False, "only": "case:KH-JNS9-AK3U-W", "since": date(2026, 11, 23)}


def test_what_is_no_reference_is_said(capsys):
    assert audit.main(["verify", "--case", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_store_out_of_reach_is_neither_whole_nor_wrong(monkeypatch, capsys):
    found(monkeypatch, StoreFailureError("EndpointConnectionError"))

    assert audit.main(["verify"]) == 2
    assert "could not be looked at" in capsys.readouterr().err


def test_the_local_suites_engines_are_looked_at_unless_a_deployment_is_asked_for(monkeypatch):
    @contextmanager
    def engines_at_hand(place, choice):
        yield {"KHIDMAT_LEDGER_BUCKET": f"of {choice}"}

    monkeypatch.setattr("infra.local.tick.engines_at_hand", engines_at_hand)
    monkeypatch.setenv("KHIDMAT_LEDGER_BUCKET", "deployed")
    monkeypatch.setenv("KHIDMAT_ENGINE", "ministack")

    with POINTED(deployed=True):
        assert os.environ["KHIDMAT_LEDGER_BUCKET"] == "deployed"
    with POINTED(deployed=False):
        assert os.environ["KHIDMAT_LEDGER_BUCKET"] == "of ministack"


def test_every_fault_has_its_meaning():
    assert set(audit.MEANINGS) == set(Fault.__args__)


def test_a_terminal_is_told_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(audit.sys.stderr, "isatty", lambda: True, raising=False)
    found(monkeypatch, WHOLE)
    audit.main(["verify"])

    assert "copies of today" in capsys.readouterr().err


@pytest.mark.usefixtures("tables")
def test_an_empty_ledger_is_whole(capsys):
    assert audit.main(["verify"]) == 0
    assert "0 copies" in capsys.readouterr().out
