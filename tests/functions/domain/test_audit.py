"""The whole ledger, sealed and verified: what lies in the bucket, the roots and the items together."""

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from functions.domain import audit, complaints
from functions.domain.deadlines import KARACHI
from functions.domain.errors import ChangedMeanwhile
from functions.domain.history import next_entry
from functions.domain.ledger import Bad, digest_of_root, lines_of_change, root_of, signed
from functions.storage import cases, ledger
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError, StoreFailureError
from schemas.complaints import NewComplaint
from tests.factories import CITIZEN, NOON, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
BUCKET = "khidmat-test-ledger-000000000000"
DAY = NOON.astimezone(KARACHI).date()
LEDGER = audit.Asked(items=False)
CASE, OTHER = "case:KH-2345-6789-A", "case:KH-2222-2222-2"


def day(number):
    return DAY + timedelta(days=number)


def now(number):
    return NOON + timedelta(days=number)


def chain(length):
    entries = []
    for number in range(length):
        at = NOON + timedelta(minutes=number)
        entries.append(next_entry(entries, at=at, actor="sdpo-1", role="sdpo", action="contact"))
    return entries


def put(number, name, subject, old, new):
    ledger.put_lines(day(number), name, lines_of_change(subject, old, new))


@pytest.fixture
def four_days():
    """Two cases over four days, the third of them without a copy; the first three are sealed."""
    one, other = chain(5), chain(2)
    put(0, "1-2-cases", CASE, (), one[:2])
    put(0, "3-3-cases", OTHER, (), other[:1])
    put(1, "4-4-cases", CASE, one[:2], one[:4])
    put(3, "5-5-cases", CASE, one[:4], one)
    put(3, "6-6-cases", OTHER, other[:1], other)
    assert audit.seal(now(3)) == [day(0), day(1), day(2)]
    return one, other


def bad(number=3, asked=LEDGER):
    return audit.verify(now(number), asked).bad


def raw(name, body=b"x"):
    boto3.client("s3").put_object(Bucket=BUCKET, Key=name, Body=body)


def test_what_was_left_alone_is_whole(four_days):
    assert audit.verify(now(3), LEDGER) == audit.Verified(days=3, copies=7, chains=2, bad=None)


def test_sealing_goes_on_from_the_last_root_and_makes_up_for_missed_nights(four_days):
    first = ledger.roots()

    assert audit.seal(now(3)) == []
    assert audit.seal(now(6)) == [day(3), day(4), day(5)]
    assert ledger.roots()[:3] == first
    assert bad(6) is None


def test_a_root_by_two_runs_at_once_is_the_first_ones(four_days, monkeypatch):
    others = signed(
        root_of(day(3), digest_of_root(ledger.root(day(2))), audit._lines_of(day(3))), keyring().ledger
    )
    real = ledger.put_root

    def slower(of, token):
        real(of, others if of == day(3) else token)
        real(of, token)

    monkeypatch.setattr(ledger, "put_root", slower)
    audit.seal(now(5))

    assert ledger.root(day(3)) == others
    assert bad(5) is None


def test_from_a_day_on_the_roots_stand_for_what_was_before(four_days):
    verified = audit.verify(now(3), replace(LEDGER, since=day(3)))

    assert verified == audit.Verified(days=3, copies=2, chains=2, bad=None)


def test_from_a_day_on_a_later_copy_is_held_against_the_roots_before(four_days):
    one, _ = four_days
    put(3, "7-7-cases", CASE, (), [replace(one[1], actor="forger", digest="x")])

    assert bad(3, replace(LEDGER, since=day(3))) == Bad("entry_rewritten", CASE, 2)


def test_what_a_root_of_an_earlier_day_says_was_removed_is_named_still(four_days):
    one, _ = four_days
    put(3, "7-7-cases", CASE, one, one[:3])
    audit.seal(now(5))

    assert bad(5, replace(LEDGER, since=day(4))) == Bad("entry_removed", CASE, 4)
    assert bad(5, replace(LEDGER, since=day(4), only=OTHER)) is None


def test_one_subject_alone_is_followed(four_days):
    one, _ = four_days
    put(3, "7-7-cases", CASE, one, one[:3])

    assert bad(3, replace(LEDGER, only=OTHER)) is None
    assert bad(3, replace(LEDGER, only=CASE)) == Bad("entry_removed", CASE, 4)


@pytest.mark.parametrize("number", [0, 2])
def test_a_copy_put_into_a_sealed_day_is_named(four_days, number):
    put(number, "0-0-cases", "case:KH-3333-3333-3", (), chain(1))

    assert bad() == Bad("copy_not_rooted", "case:KH-3333-3333-3", 1, str(day(number)))


def test_a_copy_put_before_the_first_day_is_a_day_without_a_root(four_days):
    put(-2, "0-0-cases", "case:KH-3333-3333-3", (), chain(1))

    assert bad() == Bad("root_missing", where=str(day(-2)))
    assert audit.seal(now(3)) == []


@pytest.mark.parametrize("name", ["entries/stray", "roots/stray.jws", "roots/2026-W10-1.jws"])
def test_what_has_no_place_in_the_ledger_is_named_and_stops_no_sealing(four_days, name):
    raw(name)

    assert bad() == Bad("copy_not_rooted", where=name)
    assert audit.seal(now(4)) == [day(3)]


def test_a_root_for_a_day_to_come_is_named_and_stops_no_sealing(four_days):
    raw(f"roots/{day(30)}.jws")

    assert audit.seal(now(4)) == [day(3)]
    assert bad(4) == Bad("root_forged", where=str(day(30)))


def test_an_object_that_is_no_copy_is_named_and_stops_no_sealing(four_days):
    name = f"entries/{day(3)}/0.jsonl"
    raw(name)

    assert bad() == Bad("copy_unreadable", name, 1)
    assert audit.seal(now(4)) == [day(3)]
    assert bad(4) == Bad("copy_unreadable", name, 1)


@pytest.mark.parametrize("name", ["entries/{}/1-2-cases.jsonl", "roots/{}.jws"])
def test_what_is_written_over_is_named(four_days, name):
    raw(name.format(day(0)), b"{}")

    assert bad() == Bad("copy_replaced", where=name.format(day(0)))


def test_a_forged_root_is_named(four_days):
    ledger.put_root(day(3), "a.b.c")

    assert bad(4) == Bad("root_forged", where=str(day(3)))


def test_an_empty_ledger_is_sealed_and_verified_as_nothing():
    assert audit.seal(now(1)) == []
    assert audit.verify(now(1)) == audit.Verified(0, 0, 0, None)


def test_a_ledger_out_of_reach_is_a_failure_by_name(monkeypatch):
    monkeypatch.setenv("KHIDMAT_LEDGER_BUCKET", "khidmat-test-nowhere")

    with pytest.raises(StoreFailureError):
        audit.verify(NOON)


@pytest.mark.parametrize("name", ["entries/{}/1-2-cases.jsonl", "roots/{}.jws"])
def test_what_a_delete_marker_hides_is_read_and_named(four_days, name):
    hidden = name.format(day(0))
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=hidden)

    assert bad() == Bad("copy_replaced", where=hidden)


def test_sealing_that_stopped_is_named(four_days):
    assert bad(4) is None
    assert bad(5) == Bad("root_missing", where=str(day(3)))


def test_an_auditors_reading_is_noted_after_somebody_elses_write(monkeypatch):
    body = complaint_body(category="violence_against_women")
    case = complaints.lodge(CITIZEN, NewComplaint(**body), "key-1", NOON)
    auditor = audit.Caller(
        subject="auditor-1",
        role=complaints.Role.AUDITOR,
        clearances=frozenset({"violence_against_women"}),
        purpose="audit",
    )
    real, tries = cases.save, []

    def disturbed(*given):
        tries.append(1)
        if len(tries) == 1:
            raise StaleError
        return real(*given)

    monkeypatch.setattr(cases, "save", disturbed)
    read, entries, first_bad, _ = audit.entries_of(auditor, case.reference, None, NOON)

    assert [entry.action for entry in entries] == ["lodge", "audit_read"]
    assert (read.version, first_bad) == (case.version, None)
    monkeypatch.setattr(cases, "save", lambda *_: (_ for _ in ()).throw(StaleError))
    with pytest.raises(ChangedMeanwhile):
        audit.entries_of(auditor, case.reference, None, NOON)
