import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import cursors
from functions.domain.errors import InvalidRequest


def test_a_cursor_gives_back_its_position():
    cursor = cursors.encode("2026-03-02#KH-جگہ", "complaints", "citizen-1")

    assert cursors.decode(cursor, "complaints", "citizen-1") == "2026-03-02#KH-جگہ"


def test_the_end_of_a_list_has_no_cursor():
    assert cursors.encode(None, "complaints") is None
    assert cursors.decode(None, "complaints") is None


@pytest.mark.parametrize("bound", [("complaints", "citizen-2"), ("overdue", "citizen-1"), ("complaints",)])
def test_a_cursor_is_good_for_its_own_list_and_caller_alone(bound):
    cursor = cursors.encode("position", "complaints", "citizen-1")

    with pytest.raises(InvalidRequest):
        cursors.decode(cursor, *bound)


def test_every_flipped_byte_is_noticed():
    raw = base64.urlsafe_b64decode(cursors.encode("position", "list") + "==")
    for place in range(len(raw)):
        forged = bytearray(raw)
        forged[place] ^= 1
        with pytest.raises(InvalidRequest):
            cursors.decode(base64.urlsafe_b64encode(forged).decode(), "list")


@given(st.text(max_size=60))
def test_whatever_else_is_sent_is_refused_by_name(text):
    with pytest.raises(InvalidRequest) as refused:
        cursors.decode(text, "list")

    assert refused.value.faults[0].pointer == "?cursor"
