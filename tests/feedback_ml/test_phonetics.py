"""Four ways of writing, one form."""

import json

import pytest

from feedback_ml.phonetics import HEARD, VOCABULARY, read, sound, stem, term_of, terms, urdu_of, weight


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the code does not arrive", "en"),
        ("code nahi pohancha", "ur-Latn"),
        ("کوڈ نہیں پہنچا", "ur"),
        ("code نہیں ملا", "mixed"),
    ],
)
def test_one_thing_said_in_four_ways_has_the_same_terms(text, language):
    assert set(terms(text, language)) == {"=code", "=not", "=arrive"}


@pytest.mark.parametrize("word", ["tasdeeq", "tasdeeeq", "tasdiiq", "تصدیق"])
def test_a_spelling_nobody_listed_is_known_by_its_sound(word):
    assert term_of(word) == "=verification"


@pytest.mark.parametrize("word", ["arrives", "arriving", "arrived"])
def test_an_english_word_is_known_by_its_stem(word):
    assert term_of(word) == "=arrive"


@pytest.mark.parametrize("word", ["khulti", "khulta", "khulegi", "کھلتی", "کھلے"])
def test_a_verb_is_known_in_its_forms(word):
    assert term_of(word) == "=open"


def test_an_unknown_word_sounds_alike_in_both_scripts():
    assert term_of("qibla", heard=True) == term_of("قبلہ", heard=True) == HEARD + "kbl"


def test_a_short_english_word_is_not_taken_for_another_of_its_sound():
    assert term_of("using") != "=music"
    assert term_of("kettle") == "kettl"


def test_a_loan_word_is_heard_as_urdu_writes_it():
    assert sound("notification") == sound("نوٹیفکیشن")
    assert sound("license") == sound("لائسنس")
    assert sound("ab") == sound("") == ""


def test_stems_cut_endings_and_double_letters():
    assert [stem(word) for word in ("stopped", "cities", "boss", "ad")] == ["stop", "citi", "bos", "ad"]


def test_marks_numbers_and_grammar_words_tell_nothing():
    assert terms("12 !!! hai the 😡 , و") == []


def test_what_says_little_counts_little():
    assert weight("=not") < weight("=otp") == weight("zebra") == 1.0


def test_plain_words_stand_beside_the_common_form():
    common, plain = read("OTP codes please")
    assert common == ["=otp", "=code"]
    assert plain == ["otp", "cod"]


def test_nobody_wrote_the_word_that_hides_a_name():
    assert terms("[name] [phone]") == []


def test_a_concept_has_its_urdu_word():
    assert urdu_of("=camera") == "کیمرا"
    assert urdu_of("zebra") == ""


def test_the_vocabulary_names_each_concept_once_and_light_ones_exist():
    own = json.loads(VOCABULARY.read_bytes())
    assert len(own["concepts"]) >= 200
    assert all(own["concepts"].values())
    assert {"not", "ask"} <= set(own["light"])
