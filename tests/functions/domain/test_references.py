import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.errors import InvalidReference
from functions.domain.references import ALPHABET, check_character, parse_reference, reference_for, spelled

letters = st.text(alphabet=ALPHABET, min_size=8, max_size=8)
WITH_CHECK = range(9)


def packed(reference: str) -> str:
    return reference.replace("-", "")[2:]


def test_the_alphabet_leaves_out_what_sounds_or_looks_alike():
    assert not set("0O1IL") & set(ALPHABET)


def test_the_same_seed_always_has_the_same_reference():
    assert reference_for("caller and key") == reference_for("caller and key") == "KH-YKHA-C8DN-E"


def test_each_attempt_has_another_reference():
    assert len({reference_for("seed", attempt) for attempt in range(50)}) == 50


@given(letters)
def test_a_reference_is_read_as_it_was_spelled(text):
    assert parse_reference(spelled(text)) == spelled(text)


@given(letters)
def test_case_blanks_and_dashes_do_not_matter(text):
    assert parse_reference(f" {spelled(text).lower().replace('-', ' ')} ") == spelled(text)


@given(letters, st.sampled_from(WITH_CHECK), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(text, place, wrong):
    right = text + check_character(text)
    typed = right[:place] + wrong + right[place + 1 :]
    if typed == right:
        return
    with pytest.raises(InvalidReference):
        parse_reference(typed)


@given(letters, st.sampled_from(WITH_CHECK), st.sampled_from(WITH_CHECK))
def test_every_exchange_of_two_characters_is_found(text, one, two):
    right = list(text + check_character(text))
    typed = right.copy()
    typed[one], typed[two] = typed[two], typed[one]
    if typed == right:
        return
    with pytest.raises(InvalidReference):
        parse_reference("".join(typed))


@pytest.mark.parametrize(
    "text", ["", "KH", "KH-2345-678", "KH-2345-6789-AA", "KH-0000-0000-0", "حوالہ", "KH-٢٣٤٥-6789-A"]
)
def test_what_cannot_be_a_reference_is_refused(text):
    with pytest.raises(InvalidReference):
        parse_reference(text)
