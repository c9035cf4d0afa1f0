import pytest

from functions.domain import words

MONTH = "2026-03"


@pytest.mark.parametrize(
    "texts",
    [
        ("motorcycle stolen", "موٹر سائیکل چوری", "motorsaikal chori"),
        ("bribe at the police station", "تھانے میں رشوت", "thane mein rishwat"),
        ("Mozang Chowk", "مزنگ چوک", "mozang chok"),
        ("Iqbal Town, Lahore", "اقبال ٹاؤن، لاہور", "iqbal town lahor"),
        ("Bhatti", "بھٹی", "bhati"),
        ("Yasir Waqar", "یاسر وقار", "yaser waqaar"),
        ("Cantt circle", "کینٹ سرکل", "kent serkal"),
    ],
)
def test_a_word_is_the_same_in_three_scripts(texts):
    assert len({frozenset(words.words_of(text)) for text in texts}) == 1


def test_words_that_name_nothing_are_left_out():
    assert words.words_of("Sir, please, I want to say that it was me and mujhe یہ بھی") == ()


def test_the_longest_spelling_of_a_concept_goes_first():
    assert words.words_of("f i r") == words.words_of("FIR") == ("=fir",)
    assert words.words_of("chai pani") == ("=bribe",)


def test_telephones_cards_and_addresses_are_no_words():
    said = "call 0300-1234567 or +92 300 1234567, card 00000-0000000-1, a.b@example.org, ۰۳۰۰۱۲۳۴۵۶۷"

    assert [word for word in words.words_of(said) if any(c.isdigit() for c in word)] == []
    assert "~xmpl" not in words.words_of(said)


def test_a_plates_number_is_a_word_and_one_that_counts_is_not():
    assert "1234" in words.words_of("LEB-1234")
    assert "۱۲" not in words.words_of("12 3 ۱۲")
    assert words.words_of("12 3 !") == ()


def test_concepts_go_first_where_there_is_no_room_for_all():
    assert words.words_of("Zafarwal Narowal stolen", most=2) == ("=theft", "~zfrl")


def test_a_letter_alone_tells_nothing():
    assert words.words_of("k ک ''") == ()


def test_marks_are_bound_to_their_place_and_to_the_ring(monkeypatch):
    one = words.marks(["=theft"], MONTH)

    assert one == words.marks(["=theft"], MONTH) != words.marks(["=theft"], "2026-04")
    assert all(len(mark) == words.MARK_BYTES for mark in one)


def test_marks_are_kept_and_read_again():
    marked = words.marks(words.words_of("motorcycle stolen in Mozang"), MONTH)

    assert words.unpacked(words.packed(marked)) == marked
    assert len(words.packed(marked)) == 12
    assert words.unpacked(b"") == frozenset()
