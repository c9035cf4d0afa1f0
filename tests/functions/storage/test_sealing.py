import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.storage import sealing
from functions.storage.sealing import UnsealedError

KEY, PAIR = sealing.new_key(), sealing.new_pair()
PLACE = ("cases", "KH-2345-6789-A", "narrative")


@given(st.text(max_size=3_000))
def test_what_was_sealed_opens_again(text):
    text = text.encode("utf-8", "ignore").decode()

    assert sealing.open_text(KEY, sealing.seal(KEY, text, *PLACE), *PLACE) == text


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("cases", "KH-2345-6789-A", "place"),
        ("cases", "KH-9999-9999-9", "narrative"),
        ("people", "KH-2345-6789-A", "narrative"),
        ("cases", 'KH-2345-6789-A", "narrative'),
        ("cases", "KH-2345-6789-A", "narrative", ""),
    ],
)
def test_a_ciphertext_that_was_moved_does_not_open(elsewhere):
    with pytest.raises(UnsealedError):
        sealing.open_text(KEY, sealing.seal(KEY, "a narrative", *PLACE), *elsewhere)


def test_every_changed_byte_is_noticed():
    sealed = sealing.seal(KEY, "a narrative of some length", *PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(UnsealedError):
            sealing.open_text(KEY, bytes(changed), *PLACE)


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_what_was_cut_does_not_open(cut):
    with pytest.raises(UnsealedError):
        sealing.unwrap(KEY, sealing.wrap(KEY, b"secret", *PLACE)[: min(cut, 33)], *PLACE)


def test_the_same_text_is_never_sealed_the_same_way():
    assert len({sealing.seal(KEY, "the same", *PLACE) for _ in range(100)}) == 100


def test_long_text_is_shorter_sealed_than_it_was():
    text = "تھانے نے میری رپورٹ نہیں لکھی اور کہا کہ کل آنا۔ کل گیا تو پھر یہی کہا۔ " * 4

    assert len(sealing.seal(KEY, text, *PLACE)) < len(text.encode()) / 2


def test_a_secret_sealed_to_a_person_opens_with_the_private_half_alone():
    sealed = sealing.seal_to(PAIR.public, KEY, *PLACE)

    assert sealing.open_with(PAIR, sealed, *PLACE) == KEY
    with pytest.raises(UnsealedError):
        sealing.open_with(sealing.new_pair(), sealed, *PLACE)
    with pytest.raises(UnsealedError):
        sealing.open_with(PAIR, sealed, "another", "place")


@pytest.mark.parametrize(
    "sealed", [b"", b"x", bytes(80), os.urandom(80)], ids=["none", "short", "zeros", "noise"]
)
def test_what_is_no_sealed_secret_is_named_so(sealed):
    with pytest.raises(UnsealedError):
        sealing.open_with(PAIR, sealed, *PLACE)


def test_each_use_of_a_root_has_a_key_of_its_own():
    assert len({sealing.derived(KEY, use) for use in ("index", "codes", "refresh")}) == 3


def test_keys_are_not_shown():
    assert PAIR.private.hex() not in repr(PAIR)
    assert str(PAIR.private) not in repr(PAIR)


def test_a_swollen_text_is_cut_at_what_a_field_may_hold():
    squeezed = sealing.seal(KEY, "x" * 1_000_000, *PLACE)

    assert len(sealing.open_text(KEY, squeezed, *PLACE)) == sealing.LONGEST_TEXT
