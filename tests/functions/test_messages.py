import re
import string

import pytest

from functions.messages import catalogue, fault_sentence, notice_sentence, problem_words, tongue_of

FIELDS = string.Formatter()


def words_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in FIELDS.parse(sentence) if name}


def pairs():
    for kind, row in catalogue()["problems"].items():
        yield kind, " ".join(row["en"]), " ".join(row["ur"])
    for group in ("faults", "notices", "office_notices", "messages"):
        for name, row in catalogue()[group].items():
            yield name, row["en"], row["ur"]


@pytest.mark.parametrize(("name", "english", "urdu"), list(pairs()), ids=lambda value: value[:20])
def test_both_languages_say_the_same_with_the_same_words(name, english, urdu):
    assert re.search("[\u0600-\u06ff]", urdu)
    assert words_of(english) == words_of(urdu)


@pytest.mark.parametrize(
    ("header", "tongue"),
    [
        ("", "en"),
        ("ur", "ur"),
        ("ur-PK,en;q=0.8", "ur"),
        ("en;q=0.3, ur;q=0.9", "ur"),
        ("fr, en;q=0.5, ur;q=0.4", "en"),
        ("fr", "en"),
        ("ur;q=0", "en"),
        ("ur;q=nonsense", "en"),
        (";;;,,,", "en"),
    ],
)
def test_the_caller_is_answered_in_the_language_asked_for(header, tongue):
    assert tongue_of(header) == tongue


def test_a_fault_nobody_foresaw_still_says_something():
    assert "odd" in fault_sentence("never_heard_of", "en", {"msg": "odd"})


def test_a_missing_word_does_not_spoil_a_problem():
    assert problem_words("not_authenticated", "en", {})[0] == 401


def test_a_notice_names_the_case():
    assert "KH-2345" in notice_sentence("accept", "ur", "KH-2345")
