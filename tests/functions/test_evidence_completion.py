"""Completing an upload: what is kept, what is refused and deleted, and what happens in between."""

import hashlib

import pytest

from functions.domain import complaints, evidence
from functions.domain.errors import ChangedMeanwhile
from functions.domain.evidence import HEAD_BYTES
from functions.domain.history import first_broken
from functions.storage import cases
from functions.storage import evidence as storage
from functions.storage.tables import StaleError
from schemas.catalogue.reading import evidence_rules, file_types
from tests.evidence import (
    HEIC,
    JPEG,
    MP3,
    MP4,
    PDF,
    PNG,
    add,
    announce,
    box,
    complete,
    entries,
    fault,
    fetch,
    listed,
    lodge,
    stored,
    upload,
)
from tests.factories import CITIZEN, NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture(autouse=True)
def _clients(tables):
    storage.client.cache_clear()
    yield
    storage.client.cache_clear()


@pytest.fixture
def reference():
    return lodge()


def test_what_arrived_is_kept_shown_and_in_the_chain(reference):
    piece, reply = add(reference)
    shown = reply.json
    entry = cases.get(reference).history[-1]

    assert reply.status == 200
    assert (shown["evidence"], shown["kind"], shown["media_type"]) == (piece, "photo", "image/jpeg")
    assert (shown["bytes"], shown["name"]) == (len(JPEG), "receipt.jpg")
    assert len(shown["sha256"]) == 64
    assert stored() == {f"kept/{reference}/{piece}": len(JPEG)}
    assert entry.action == "evidence"
    assert "receipt" not in str(entry)
    assert first_broken(cases.get(reference).history) is None
    assert cases.get(reference).version == 2


def test_a_piece_without_a_name_has_none(reference):
    _, reply = add(reference, name=None)

    assert (reply.status, reply.json["name"]) == (200, None)


def test_completing_again_answers_the_same_and_writes_nothing(reference):
    piece, first = add(reference)
    before = cases.get(reference)

    assert complete(reference, piece).body == first.body
    assert cases.get(reference) == before


def test_nothing_uploaded_is_told_so(reference):
    piece = announce(reference).json["evidence"]
    reply = complete(reference, piece)

    assert (reply.status, reply.json["type"]) == (409, "/problems/evidence-missing")


@pytest.mark.parametrize("piece", ["e-0123", "E-0123456789ABCDEF", "..", "e-0123456789abcdef%0A", "nonsense"])
def test_what_is_no_piece_is_not_found(reference, piece):
    assert complete(reference, piece).status == 404
    assert fetch(reference, piece).status == 404


@pytest.mark.parametrize(
    ("content", "media_type", "pointer"),
    [
        (b"", "image/jpeg", "/bytes"),
        (b"<html><script>alert(1)</script>", "image/jpeg", "/media_type"),
        (b"<svg/>", "image/png", "/media_type"),
        (b"PK\x03\x04", "application/pdf", "/media_type"),
        (b"MZ\x90\x00", "video/mp4", "/media_type"),
        (b" %PDF-1.7", "application/pdf", "/media_type"),
        (b"\xff\xd8\xff", "image/jpeg", "/media_type"),
        (MP4, "image/jpeg", "/media_type"),
        (JPEG, "video/mp4", "/media_type"),
        (PDF, "audio/mpeg", "/media_type"),
        (MP3, "application/pdf", "/media_type"),
    ],
)
def test_what_is_not_what_it_was_announced_as_is_refused_and_deleted(reference, content, media_type, pointer):
    piece, reply = add(reference, content, media_type=media_type)

    assert (reply.status, fault(reply)[0]) == (422, pointer)
    assert reply.json["type"] == "/problems/evidence-refused"
    assert stored() == {}
    assert entries(reference) == []
    assert complete(reference, piece).status == 409


def test_a_refusal_says_what_the_file_is(reference):
    _, reply = add(reference, MP4, media_type="image/jpeg")

    assert "video/mp4" in fault(reply)[1]


@pytest.mark.parametrize(
    ("content", "announced", "shown"),
    [
        (PNG, "image/jpeg", "image/png"),
        (HEIC, "image/heic", "image/heic"),
        (box(b"M4A "), "audio/mp4", "audio/mp4"),
        (box(b"isom"), "audio/mp4", "audio/mp4"),
        (box(b"3gp4"), "audio/3gpp", "audio/mp4"),
    ],
)
def test_the_type_shown_is_the_files_own(reference, content, announced, shown):
    _, reply = add(reference, content, media_type=announced)

    assert reply.json["media_type"] == shown


def test_a_file_larger_than_its_kind_may_be_is_refused_even_if_the_store_took_it(reference, monkeypatch):
    kinds = tuple(kind.model_copy(update={"most_bytes": 20}) for kind in evidence_rules().kinds)
    smaller = {
        name: (next(each for each in kinds if each.kind == kind.kind), each)
        for name, (kind, each) in file_types().items()
    }
    announced = announce(reference)
    upload(announced, JPEG)
    monkeypatch.setattr(evidence, "file_types", lambda: smaller)
    reply = complete(reference, announced.json["evidence"])

    assert (reply.status, fault(reply)[0]) == (422, "/bytes")
    assert stored() == {}


def test_a_digest_that_fits_is_taken_and_another_refuses_the_file(reference):
    right = hashlib.sha256(JPEG).hexdigest()
    _, reply = add(reference, sha256=right.upper())
    assert reply.json["sha256"] == right

    _, refused = add(reference, key="piece-2", sha256="0" * 64)
    assert (refused.status, fault(refused)[0]) == (422, "/sha256")
    assert len(stored()) == 1


def test_a_store_without_digests_leaves_the_clients(reference, monkeypatch):
    monkeypatch.setattr(storage, "kept_as", lambda *_: ('"etag"', ""))
    _, reply = add(reference, sha256="a" * 64)
    _, without = add(reference, key="piece-2")

    assert reply.json["sha256"] == "a" * 64
    assert without.json["sha256"] is None


def test_a_swap_after_completion_changes_nothing_that_is_kept(reference):
    announced = announce(reference)
    upload(announced, JPEG)
    piece = announced.json["evidence"]
    before = complete(reference, piece).body
    upload(announced, b"<html>")

    assert complete(reference, piece).body == before
    assert stored("kept/") == {f"kept/{reference}/{piece}": len(JPEG)}


def test_a_swap_between_look_and_copy_is_looked_at_again(reference, monkeypatch):
    announced = announce(reference)
    upload(announced, JPEG)
    keep, swapped = storage.keep, []

    def swap_then_keep(*given):
        if not swapped:
            swapped.append(True)
            upload(announced, b"<html>")
            raise StaleError
        return keep(*given)

    monkeypatch.setattr(storage, "keep", swap_then_keep)
    reply = complete(reference, announced.json["evidence"])

    assert (reply.status, stored()) == (422, {})


def test_a_crash_between_copy_and_entry_is_made_good(reference, monkeypatch):
    announced = announce(reference)
    upload(announced, JPEG)
    piece = announced.json["evidence"]
    arrived = storage.arrived(reference, piece, HEAD_BYTES)
    storage.keep(reference, piece, arrived.etag)
    storage.drop_arrived(reference, piece)
    reply = complete(reference, piece)

    assert (reply.status, reply.json["name"]) == (200, "receipt.jpg")
    assert len(entries(reference)) == 1


def test_a_crash_between_entry_and_deletion_leaves_one_piece(reference):
    announced = announce(reference)
    upload(announced, JPEG)
    piece = announced.json["evidence"]
    complete(reference, piece)
    upload(announced, JPEG)

    assert complete(reference, piece).status == 200
    assert len(entries(reference)) == 1


def test_a_change_of_the_case_meanwhile_is_no_conflict(reference, monkeypatch):
    announced = announce(reference)
    upload(announced, JPEG)
    keep = storage.keep

    def comment_then_keep(*given):
        keep(*given)
        send("POST", f"/v1/complaints/{reference}/comments", body={"text": "Any news?"})

    monkeypatch.setattr(storage, "keep", comment_then_keep)
    reply = complete(reference, announced.json["evidence"])
    history = cases.get(reference).history

    assert (reply.status, reply.json["name"]) == (200, "receipt.jpg")
    assert [entry.action for entry in history] == ["lodge", "comment", "evidence"]
    assert first_broken(history) is None


def test_a_case_that_never_rests_is_a_conflict(reference, monkeypatch):
    def stale(*_):
        raise StaleError

    announced = announce(reference)
    upload(announced, JPEG)
    monkeypatch.setattr(cases, "save", stale)
    with pytest.raises(ChangedMeanwhile):
        evidence.complete(CITIZEN, reference, announced.json["evidence"], NOON)


def test_a_case_takes_twenty_files(reference, monkeypatch):
    rules = evidence_rules().model_copy(update={"most_pieces": 2})
    assert evidence_rules().most_pieces == 20
    waiting = announce(reference, "piece-3")
    upload(waiting, JPEG)
    monkeypatch.setattr(evidence, "evidence_rules", lambda: rules)
    add(reference)
    add(reference, key="piece-2")
    replies = [announce(reference, "piece-4"), complete(reference, waiting.json["evidence"])]

    assert [(r.status, r.json["type"]) for r in replies] == [(409, "/problems/evidence-full")] * 2
    assert len(stored("kept/")) == 2
    assert announce(reference).status == 201  # a repeat of one that is kept


def test_a_full_case_takes_no_file(reference, monkeypatch):
    monkeypatch.setattr(complaints, "ENTRIES_A_CASE", 1)

    assert announce(reference).json["type"] == "/problems/case-full"


def test_older_history_counts_when_it_lies_elsewhere(reference, monkeypatch):
    piece, _ = add(reference)
    monkeypatch.setattr(cases, "HISTORY_KEPT_BYTES", 100)
    for number in range(5):
        send("POST", f"/v1/complaints/{reference}/comments", body={"text": f"Any news? {number}"})

    assert cases.get(reference).archived_parts
    assert complete(reference, piece).status == 200
    assert [row["evidence"] for row in listed(reference).json["items"]] == [piece]
