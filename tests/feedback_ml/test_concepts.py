"""Words of three languages brought to one form."""

import pytest

from feedback_ml.concepts import concepts, consonants, paired, skeleton
from feedback_ml.features import marks, pieces, tokens, word_terms
from feedback_ml.text import normalise


@pytest.mark.parametrize(
    "text", ["OTP nahi aa raha", "او ٹی پی نہیں آ رہا", "verification code does not arrive"]
)
def test_one_thing_said_in_three_languages_has_the_same_concepts(text):
    assert concepts(tokens(normalise(text))) == ["=otp", "=not", "=arrive"]


def test_the_longest_spelling_wins():
    assert concepts(["logs", "me", "out", "log", "in"]) == ["=logout", "=login"]


def test_urdu_script_and_roman_urdu_share_their_consonants():
    assert skeleton("لڑکا کتاب قلم") == skeleton("larka kitab qalam")


def test_numbers_and_marks_have_no_consonants():
    assert consonants("123") == ""
    assert skeleton("!!! 12") == ""


def test_pairs_do_not_depend_on_the_order_of_words():
    assert paired(["=not", "=arrive"])[-1] == paired(["=arrive", "=not"])[-1]


def test_a_word_pair_keeps_the_negation_with_its_verb():
    assert "not working" in word_terms(tokens("it is not working"))


def test_pieces_mark_both_ends_of_a_word():
    assert set(pieces("ab")) == {"<ab", "ab>", "<ab>"}


def test_marks_tell_stars_and_a_question():
    assert marks("why?", 2) == ["rating 2", "asks"]
    assert marks("کیوں؟", None) == ["asks"]
    assert marks("so slow", None) == []


def test_emoji_and_question_marks_are_tokens():
    assert tokens("کیوں؟ 😡") == ["کیوں", "؟", "😡"]
