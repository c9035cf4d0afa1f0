"""Tampering with a chain, with its copies, and with both: whatever is done, the first bad entry is named."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from functions.domain.history import GENESIS, digest_of, entry_digest, next_entry
from functions.domain.ledger import (
    Bad,
    first_bad_copy,
    first_bad_item,
    first_not_copied,
    follow,
    follow_line,
    lines_of_change,
    root_of,
)
from schemas.cases import Entry
from schemas.ledger import Line
from tests.factories import NOON

CASES = 1_000
SUBJECT = "case:KH-2345-6789-A"
DAY = date(2026, 3, 2)
ACTIONS = ("accept", "contact", "comment", "report", "read", "flag_overdue")


def chain(length, seed=0):
    chance = random.Random(seed)
    entries: list[Entry] = []
    for number in range(length):
        entries.append(
            next_entry(
                entries,
                at=NOON + timedelta(minutes=number),
                actor=f"officer-{chance.randrange(5)}",
                role="sdpo",
                action=chance.choice(ACTIONS) if number else "lodge",
                text=f"sealed-{chance.random()}" if chance.random() < 0.5 else "",
                facts=(("purpose", "handling"),) if chance.random() < 0.3 else (),
            )
        )
    return entries


def copies(entries, subject=SUBJECT):
    return [Line(subject, entry, digest_of(entry.text)) for entry in entries]


def digests(entries):
    return [entry.digest for entry in entries]


def first_bad_chain(lines):
    """What following one copy after the other comes to."""
    copied = []
    return next(filter(None, (follow_line(copied, line) for line in lines)), None)


def rechained(entries):
    """What a careful forger leaves: every digest made anew, numbers and links in order."""
    made, previous = [], GENESIS
    for number, entry in enumerate(entries, start=1):
        numbered = replace(entry, sequence=number)
        previous = entry_digest(previous, numbered)
        made.append(replace(numbered, digest=previous))
    return made


def change(entries, place, chance):
    field = chance.choice(["actor", "action", "at", "text", "facts", "role", "key"])
    entry = entries[place]
    changes = {
        "actor": f"{entry.actor}x",
        "action": "withdraw",
        "at": entry.at + timedelta(seconds=1),
        "text": f"{entry.text}x",
        "facts": (*entry.facts, ("rating", "5")),
        "role": "dpo",
        "key": f"{entry.key}x",
    }
    return [*entries[:place], replace(entry, **{field: changes[field]}), *entries[place + 1 :]]


def take_out(entries, place, _):
    return [*entries[:place], *entries[place + 1 :]]


def put_in(entries, place, chance):
    forged = replace(entries[place], actor="forger", action=chance.choice(ACTIONS))
    return [*entries[:place], forged, *entries[place:]]


def exchange(entries, place, _):
    other = place + 1 if place + 1 < len(entries) else place - 1
    swapped = list(entries)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    return swapped


KINDS = {"changed": change, "taken out": take_out, "put in": put_in, "exchanged": exchange}


def attempts(kind):
    """(The chain as it was, as it was left, the first place at which it differs)."""
    for seed in range(CASES):
        chance = random.Random(f"{kind}-{seed}")
        before = chain(chance.randrange(3, 12), seed)
        place = chance.randrange(len(before))
        left = KINDS[kind](before, place, chance)
        yield before, left, chance


def first_difference(before, left):
    for place, entry in enumerate(left):
        if place >= len(before) or entry != before[place]:
            return place + 1
    return len(left) + 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_tampered_with_in_its_item_is_named_at_the_entry(kind):
    for before, left, _ in attempts(kind):
        bad = first_bad_item(SUBJECT, digests(before), left)

        assert bad is not None
        assert (bad.subject, bad.sequence) == (SUBJECT, first_difference(before, left))


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_made_anew_after_tampering_is_named_by_its_copies(kind):
    for before, left, _ in attempts(kind):
        forged = rechained(left)
        bad = first_bad_item(SUBJECT, digests(before), forged)

        assert bad is not None
        assert (bad.subject, bad.sequence) == (SUBJECT, first_difference(before, forged))


@pytest.mark.parametrize("kind", KINDS)
def test_copies_tampered_with_are_named_without_any_root(kind):
    for before, left, _ in attempts(kind):
        if left == before[: len(left)]:
            continue  # a tail cut off leaves a chain that is whole: the root and the item tell, below
        bad = first_bad_chain(copies(left))

        assert bad is not None
        assert (bad.subject, bad.sequence) == (SUBJECT, first_difference(before, left))


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_chain_made_anew_together_are_named_by_the_days_root(kind):
    for before, left, _ in attempts(kind):
        root = root_of(DAY, "", copies(before))
        forged = copies(rechained(left))
        bad = first_bad_copy(root, forged)
        place = first_difference(before, rechained(left))

        assert bad is not None
        assert (bad.subject, bad.sequence) == (SUBJECT, place)


def a_day(before, left, chance):
    """A day's copies of the chain among those of others: (as they were put, as they are found)."""
    others = {f"case:{n}": chain(chance.randrange(1, 5), n) for n in range(3)}
    there = [line for subject, entries in others.items() for line in copies(entries, subject)]
    cut = chance.randrange(len(there) + 1)
    return [[*there[:cut], *copies(entries), *there[cut:]] for entries in (before, left)]


@pytest.mark.parametrize("forger", [list, rechained], ids=["as it fell", "made anew"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_days_copies_tampered_with_among_others_are_named_exactly(kind, forger):
    for before, left, chance in attempts(kind):
        forged = forger(left)
        put, found = a_day(before, forged, chance)
        bad = first_bad_copy(root_of(DAY, "", put), found) or first_bad_chain(
            [line for line in found if line.subject == SUBJECT]
        )

        assert bad is not None
        assert (bad.subject, bad.sequence) == (SUBJECT, first_difference(before, forged))


def test_what_was_not_tampered_with_is_whole():
    for seed in range(200):
        entries = chain(1 + seed % 12, seed)
        lines = copies(entries)

        assert first_bad_chain(lines) is None
        assert first_bad_chain([*lines, *lines[-2:]]) is None
        assert first_bad_item(SUBJECT, digests(entries), entries) is None
        assert first_bad_item(SUBJECT, digests(entries[:-1]), entries) is None
        assert first_bad_copy(root_of(DAY, "", lines), lines) is None


def test_a_cut_tail_is_named_by_the_copies():
    entries = chain(6)

    assert first_bad_item(SUBJECT, digests(entries), entries[:4]) == Bad("item_shorter", SUBJECT, 5)
    assert first_bad_item(SUBJECT, digests(entries), None) == Bad("item_missing", SUBJECT, 1)


def test_a_change_adds_what_is_new_and_nothing_twice():
    entries = chain(5)

    assert [line.key for line in lines_of_change(SUBJECT, entries[:3], entries)] == [
        (SUBJECT, 4),
        (SUBJECT, 5),
    ]
    assert lines_of_change(SUBJECT, entries, entries) == []


def test_older_entries_moved_to_a_part_are_not_gone():
    entries = chain(6)

    assert [
        line.entry.sequence for line in lines_of_change(SUBJECT, entries[:5], entries[3:], moved=True)
    ] == [6]


@pytest.mark.parametrize("kept", [slice(0, 3), slice(2, None), slice(0, 0)])
def test_entries_taken_out_of_an_item_are_written_down_as_gone(kept):
    entries = chain(5)
    lines = lines_of_change(SUBJECT, entries, entries[kept])

    assert {line.entry.sequence for line in lines if line.removed} == {
        e.sequence for e in entries if e not in entries[kept]
    }
    assert first_bad_chain([*copies(entries), *lines]).fault == "entry_removed"


def test_an_entry_rewritten_in_its_item_stands_beside_its_former_copy():
    entries = chain(4)
    forged = rechained(change(entries, 1, random.Random(1)))
    lines = copies(entries) + lines_of_change(SUBJECT, entries, forged)

    assert first_bad_chain(lines) == Bad("entry_rewritten", SUBJECT, 2)


def test_an_entry_never_copied_is_named_once_it_is_old():
    entries = chain(4)

    assert first_not_copied(SUBJECT, digests(entries[:3]), entries, NOON) is None
    late = first_not_copied(SUBJECT, digests(entries[:3]), entries, NOON + timedelta(hours=1))
    assert late == Bad("item_not_copied", SUBJECT, 4)


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ((0, 2, 1), ("copy_out_of_order", 2)),
        ((0, 2), ("copy_missing", 2)),
        ((1, 2), ("copy_missing", 1)),
        ((0, 0, 1, 2), ("copy_not_rooted", 1)),
        ((0, 3, 1, 2), ("copy_not_rooted", 4)),
        ((3, 0, 1, 2), ("copy_not_rooted", 4)),
        ((0, 3, 2), ("copy_missing", 2)),
        ((), ("copy_missing", 1)),
    ],
)
def test_the_first_copy_at_variance_with_its_days_root_is_named(order, named):
    lines = copies(chain(4))

    bad = first_bad_copy(root_of(DAY, "", lines[:3]), [lines[place] for place in order])
    assert (bad.fault, bad.sequence) == named


@pytest.mark.parametrize("sequence", [0, -1])
def test_a_copy_without_a_place_is_named(sequence):
    assert follow([], SUBJECT, sequence, "x") == Bad("entry_out_of_order", SUBJECT, sequence)


def test_a_copy_put_in_beside_another_under_its_digest_is_named():
    lines = copies(chain(3))
    forged = replace(lines[1], entry=replace(lines[1].entry, actor="forger"))

    assert first_bad_chain([*lines, forged]) == Bad("entry_changed", SUBJECT, 2)


def test_an_item_out_of_order_is_named():
    entries = chain(3)
    again = [entries[0], replace(entries[1], sequence=1)]

    assert first_bad_item(SUBJECT, digests(entries), again) == Bad("entry_out_of_order", SUBJECT, 2)


def test_a_copy_that_no_root_lists_is_named():
    lines = copies(chain(3))

    assert first_bad_copy(root_of(DAY, "", lines[:2]), lines) == Bad("copy_not_rooted", SUBJECT, 3, str(DAY))
