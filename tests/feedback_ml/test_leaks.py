"""Gold texts are found among what is learnt, also where a word or a mark was changed."""

import pytest

from feedback_ml.leaks import leaks

LEARNT = (
    "The code never arrives on my old telephone since the update",
    "کوڈ نہیں آ رہا، کل سے کوشش کر رہا ہوں",
    "Too slow",
)


def likeness(text):
    return [round(leak.likeness, 2) for leak in leaks([text], LEARNT)]


@pytest.mark.parametrize(
    "text",
    [
        LEARNT[0],
        "THE CODE never arrives, on my old telephone, since the update!!! 😡",
        "كوڈ نہیں آ رہا کل سے کوشش کر رہا ہوں",
        "too slow.",
    ],
)
def test_the_same_words_are_found_whatever_the_spelling_and_the_marks(text):
    assert likeness(text) == [1.0]


def test_nearly_the_same_is_found_with_how_near_it_is():
    (leak,) = leaks(["The code never arrives on my new telephone since the update"], LEARNT)

    assert leak.learnt == LEARNT[0]
    assert leak.likeness == pytest.approx(9 / 11)


@pytest.mark.parametrize(
    "text",
    [
        "The code arrives on my telephone, and the app is good",
        "so slow",
        "too slow today",
        "",
        "😡",
    ],
)
def test_what_is_only_about_the_same_matter_is_no_leak(text):
    assert likeness(text) == []


def test_every_pair_that_is_near_is_found():
    """Prefix filtering finds what comparing each with each would."""
    words = [f"word{letter}" for letter in "abcdefghijkl"]
    texts = [" ".join(words[:at] + words[at + 1 :]) for at in range(12)]

    for at, text in enumerate(texts):
        others = texts[:at] + texts[at + 1 :]
        (leak,) = leaks([text], others)
        assert leak.likeness == pytest.approx(10 / 12)
