"""Texts labelled, grouped and ranked once, for a report."""

from datetime import timedelta

import pytest

from feedback_ml.report.findings import find, shown
from tests.feedback_ml.report.reviews import END, Sayer, review, reviews


def test_the_same_matter_in_four_languages_is_one_topic_of_as_many_people():
    found = find(reviews(), Sayer())
    (topic,) = found.topics
    assert (topic.ranked.people, len(topic.texts), topic.group.type) == (12, 12, "bug")
    assert found.as_of == END
    assert {text.person for text in topic.quotes} <= {f"p{n}" for n in range(12)}
    assert topic.name("ur") != topic.name("en")


def test_what_was_written_after_the_instant_does_not_count():
    found = find(reviews(), Sayer(), as_of=END - timedelta(days=15))
    assert len(found.texts) == 10


def test_a_call_for_help_is_counted_and_is_in_no_topic():
    found = find([*reviews(), review(99, "the otp code never arrives, he has a knife")], Sayer())
    assert sum(text.labels.danger for text in found.texts) == 1
    assert all(not text.labels.danger for topic in found.topics for text in topic.texts)


def test_stars_without_words_are_counted_and_are_in_no_topic():
    found = find([*reviews(), review(99, "")], Sayer())
    assert len(found.texts) == 13
    assert len(found.topics[0].texts) == 12


def test_texts_that_name_nobody_are_a_person_each():
    assert find([review(n, person="") for n in range(3)], Sayer()).people == 3


def test_nothing_to_report_is_said():
    with pytest.raises(ValueError, match="nothing to report"):
        find([], Sayer())
    with pytest.raises(ValueError, match="nothing to report"):
        find([review(1)], Sayer(), as_of=END - timedelta(days=1))


def test_what_is_shown_names_nobody_and_turns_no_line():
    said = shown("call 0300-1234567 \u202enow")
    assert "1234567" not in said
    assert "\u202e" not in said
