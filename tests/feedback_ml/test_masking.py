"""Nobody's name, plate or passport is left in a text, and no ordinary word is lost."""

import time
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.classifier import Classifier
from feedback_ml.names import lists
from feedback_ml.text import mask_personal, normalise, without_masks
from feedback_ml.wording import clauses, fit_for_a_name
from tests.feedback_ml.masking import KEPT, NAMED, NUMBERED

PAIRS = [line.split("|") for line in (NAMED + NUMBERED).splitlines()]
WORDS = sorted({word for line in (NAMED + KEPT).splitlines() for word in line.split("|")[0].split()})
MASKS = ("[name]", "[plate]", "[passport]", "[cnic]", "[phone]", "[email]")
HOSTILE = (
    "Mr ", "Mr", "mr imran ", "S/O ", "s.", "a-", "LEA-", "LEA ", "AB-1", "AB 1 ", "1-", "[name] ", "[", "x",
    "A. ", "ڈاکٹر ", "ایس ایچ او ", "ا", "عمران ولد ", "my name is ", "Abdul ul ", "Imran ", "son of ", "Zubda ",
    "\u200b", "ـ", "۔", "AAA 1", "12 ", "passport ", "LHR 09 ", "Zubda sahib ", "janab ali ",
)  # fmt: skip


@pytest.mark.parametrize(("written", "masked"), PAIRS)
def test_a_name_or_number_is_masked_and_what_stands_around_it_stays(written, masked):
    assert mask_personal(written) == masked


@pytest.mark.parametrize("written", KEPT.splitlines())
def test_a_text_without_people_in_it_loses_no_word(written):
    assert mask_personal(written) == written


@pytest.mark.parametrize("title", ["Mr", "Inspector", "SHO", "ڈاکٹر"])
@pytest.mark.parametrize(
    "space", ["\u00a0", "\u2009", "\u200b", "\u200e ", " \u2067", "\u2060", "\ufeff", ": "]
)
@pytest.mark.parametrize("name", ["Imran", "عمران", "عِمران", "عمـران"])
def test_invisible_marks_and_strange_spaces_hide_no_name(title, space, name):
    assert name not in mask_personal(f"{title}{space}{name} is here")


@pytest.mark.parametrize(
    "dash", ["-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d", "\u00a0", " - "]
)
@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
def test_a_plate_and_a_passport_are_masked_in_all_figures_with_any_dash(dash, digits):
    written = f"LEB{dash}17{dash}2345, AB{dash}1234567".translate(str.maketrans("0123456789", digits))
    assert mask_personal(written) == "[plate], [passport]"


@given(
    st.lists(st.sampled_from([*WORDS, *MASKS, ".", "،", "-", "(", ")"]), max_size=12),
    st.sampled_from([" ", "-", ""]),
)
def test_masking_twice_changes_nothing_more(words, between):
    once = mask_personal(between.join(words))
    assert mask_personal(once) == once


@given(st.text(max_size=60))
def test_any_text_can_be_masked(text):
    assert mask_personal(mask_personal(text)) == mask_personal(text)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_masked_quickly(piece):
    text = (piece * 8_000)[:8_000]
    mask_personal("Mr")  # the lists are read once

    def seconds():
        begun = time.process_time()
        mask_personal(text)
        return time.process_time() - begun

    # The best of three: on a shared core even the time of one's own process is longer.
    assert min(seconds() for _ in range(3)) < 0.2


def test_the_lists_are_written_in_the_spelling_they_are_compared_in():
    known = lists()
    single = {
        word for name in ("links", "markers", "places", "given", "no_plates") for word in getattr(known, name)
    }
    assert {field.name for field in fields(known)} > {"links", "given"}
    assert {
        word for word in (*single, *known.ordinary, *known.title_words) if normalise(word) != word
    } == set()


def test_a_mask_is_no_word_to_the_classifier():
    classifier = Classifier.load()
    for mask in MASKS:
        assert classifier.label(f"code nahi aata {mask}") == classifier.label("code nahi aata")
    assert classifier.label(f"میرا نام {MASKS[0]} ہے").language == "ur"
    assert classifier.label(" ".join(MASKS), rating=5) == classifier.label("", rating=5)


def test_a_mask_is_no_word_of_a_topic_and_no_part_of_its_name():
    (masked,) = clauses("Inspector [name] took my [plate] away")
    (plain,) = clauses("Inspector took my away")
    assert masked.terms == plain.terms
    assert not fit_for_a_name(masked)
    assert fit_for_a_name(plain)
    assert without_masks("no [brackets] at all") == "no [brackets] at all"
