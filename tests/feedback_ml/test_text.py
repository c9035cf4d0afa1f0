"""One spelling, the language, and nobody's numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.text import language, mask_personal, normalise

ANY_TEXT = st.text(st.characters(), max_size=60)
URDU_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@given(ANY_TEXT)
def test_normalised_text_can_always_be_encoded(text):
    normalise(text).encode()


def test_arabic_keyboard_letters_become_urdu_ones():
    assert normalise("شكايت كي") == normalise("شکایت کی")


def test_vowel_marks_and_invisible_marks_go():
    assert normalise("لاگ اِن") == normalise("لاگ ان")
    assert normalise("\u2067ایپ\u2069") == "ایپ"


def test_urdu_and_arabic_digits_become_ascii():
    assert normalise("۱۷۸۷ ٥") == "1787 5"


def test_elongation_is_shortened_and_negation_and_emoji_stay():
    assert normalise("Nooooo  nahi 😡") == "noo nahi 😡"


def test_a_surrogate_pair_is_joined_and_half_of_one_is_dropped():
    assert normalise("\ud83d\ude21 ok") == "😡 ok"
    assert normalise("bad \ud800 end") == "bad end"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The app crashes when I open it", "en"),
        ("", "en"),
        ("😡😡 !!", "en"),
        ("لاگ اِن نہیں ہو رہا", "ur"),
        ("OTP nahi aa raha", "ur-Latn"),
        ("app band ho jata hai", "ur-Latn"),
        ("OTP نہیں آ رہا login کریں کیسے please", "mixed"),
        ("I tried many times lekin login nahi hota, please fix this", "mixed"),
        ("I said hain once by accident in this long English text", "en"),
        ("zabardastein bhanwarein", "ur-Latn"),
    ],
)
def test_the_language_is_told_by_script_and_grammar_words(text, expected):
    assert language(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my CNIC is 35202-1234567-1.", "my CNIC is [cnic]."),
        ("3520212345671", "[cnic]"),
        ("35202 1234567 1", "[cnic]"),
        ("call 0300-1234567 or 0300 1234567", "call [phone] or [phone]"),
        ("+92 (300) 123-4567", "[phone]"),
        ("0092 300 1234567", "[phone]"),
        ("92 300 1234567", "[phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("042-35761234", "[phone]"),
        ("write to someone.invented@mail.example today", "write to [email] today"),
        ("helpline 1787, centre 15, in 2026", "helpline 1787, centre 15, in 2026"),
    ],
)
def test_numbers_and_addresses_of_people_are_masked(text, expected):
    assert mask_personal(text) == expected


@pytest.mark.parametrize("digits", [URDU_DIGITS, ARABIC_DIGITS])
def test_numbers_in_urdu_digits_are_masked_and_the_words_around_them_stay(digits):
    written = "میرا نمبر 35202-1234567-1 ہے، فون 0300 1234567".translate(digits)
    assert mask_personal(written) == "میرا نمبر [cnic] ہے، فون [phone]"


@given(
    st.text("abc ہے.،", max_size=8),
    st.from_regex(r"[0-9]{5}[- .]?[0-9]{7}[- .]?[0-9]", fullmatch=True),
    st.text("xyz ہے.،", max_size=8),
    st.sampled_from([{}, URDU_DIGITS, ARABIC_DIGITS]),
)
def test_no_identity_number_is_left_after_masking(before, number, after, digits):
    masked = mask_personal(before + number.translate(digits) + after)
    assert not re.search(r"\d(?:[- .]?\d){12}", masked)


def test_masking_a_long_text_without_addresses_stays_quick():
    assert mask_personal("a" * 20_000) == "a" * 20_000
