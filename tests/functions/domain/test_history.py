from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.history import first_broken, with_entry
from tests.factories import NOON, case


def written(*texts: str):
    made = case()
    for number, text in enumerate(texts):
        made = with_entry(
            made,
            at=NOON + timedelta(minutes=number),
            actor="citizen-1",
            role="citizen",
            action="comment",
            text=text,
        )
    return made.history


@given(st.lists(st.text(max_size=20), max_size=6))
def test_a_history_as_written_is_whole(texts):
    assert first_broken(written(*texts)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"text": "something else"},
        {"actor": "sdpo-1"},
        {"role": "sdpo"},
        {"action": "accept"},
        {"at": NOON},
        {"facts": (("finding", "substantiated"),)},
        {"key": "other"},
        {"sequence": 7},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_named(change):
    history = list(written("one", "two", "three"))
    history[1] = replace(history[1], **change)

    assert first_broken(history) == history[1].sequence


def test_an_entry_taken_out_is_noticed_at_the_next_one():
    one, _, three = written("one", "two", "three")

    assert first_broken([one, three]) == 3


def test_entries_that_change_places_are_noticed():
    one, two, three = written("one", "two", "three")

    assert first_broken([one, three, two]) == 3


def test_an_entry_put_in_is_noticed():
    one, two = written("one", "two")

    assert first_broken([one, one, two]) == 1
