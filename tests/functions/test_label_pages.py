"""Texts to label, one by one, through the handler Lambda calls."""

import re

import pytest

from functions.domain import labels
from tests.browser import life
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables")
PAGE = "/board/labels"


@pytest.fixture
def asked():
    life._ask_about_texts()


def first(page):
    return re.search(r'id="label-form"[^>]*action="/board/labels/([0-9a-f]{26})"', page).group(1)


def send(feedback_id, do="label", version=0, part=False, **more):
    fields = {"do": do, "version": str(version), "type": "bug", "area": "payments"} | more
    return post(f"{PAGE}/{feedback_id}", fields, part=part)


def test_nothing_to_label_is_good_news():
    assert "Nothing waits for a label" in get(PAGE).text


def test_the_most_uncertain_text_comes_first_with_the_guess_its_words_and_the_next_ones(asked):
    page = get(PAGE).text

    assert "app theek hai lekin challan" in page
    assert "The model guesses (34 %):" in page
    assert '<bdi class="term" lang="ur-Latn">lekin</bdi>' in page
    assert 'value="usability" data-key="3" checked' in page
    assert 'value="payments" data-key="p" checked' in page
    assert page.count("<li><span dir") == 5


def test_a_label_is_kept_the_next_text_comes_and_it_can_be_undone(asked):
    feedback_id = first(get(PAGE).text)
    reply = send(feedback_id)
    page = get(reply.headers["location"]).text

    assert reply.headers["location"] == f"{PAGE}?did={feedback_id}"
    assert labels.show(feedback_id).labels.type == "bug"
    assert first(page) != feedback_id
    assert "Saved:" in page
    undone = send(feedback_id, "undo", version=1)
    assert undone.headers["location"] == PAGE
    assert first(get(PAGE).text) == feedback_id


def test_a_text_is_passed_by_and_waits_behind_the_others(asked):
    feedback_id = first(get(PAGE).text)
    page = get(send(feedback_id, "skip").headers["location"]).text

    assert "Skipped; it waits behind the others" in page
    assert first(page) != feedback_id
    assert first(get(PAGE).text) != feedback_id


def test_with_script_the_next_text_comes_in_place(asked):
    reply = send(first(get(PAGE).text), part=True)

    assert reply.status == 200
    assert "<html" not in reply.text
    assert '<div id="said" hx-swap-oob="innerHTML">Saved:</div>' in reply.text
    assert (
        "Undone." in send(re.search(r"labels/([0-9a-f]{26})", reply.text).group(1), "undo", 1, part=True).text
    )


@pytest.mark.parametrize("chosen", [{"type": ""}, {"type": "nonsense"}, {"area": ""}])
def test_what_was_not_chosen_is_asked_for(asked, chosen):
    reply = send(first(get(PAGE).text), **chosen)

    assert reply.status == 422
    assert "choose a type and an area" in reply.text


def test_somebody_was_faster_is_said_and_the_next_one_shown(asked):
    feedback_id = first(get(PAGE).text)
    send(feedback_id)
    reply = send(feedback_id, type="question")

    assert reply.status == 409
    assert "somebody labelled or changed this text meanwhile" in reply.text
    assert send("0" * 26).status == 409


def test_one_language_alone_is_asked_about_and_stays_chosen(asked):
    page = get(f"{PAGE}?language=ur").text

    assert "تھانے گیا" in page
    assert "This is the last one." not in page
    reply = send(first(page), language="ur")
    assert reply.headers["location"].startswith(f"{PAGE}?language=ur&did=")
    assert "This is the last one." in get(reply.headers["location"]).text
    assert send(first(page), language="nonsense", version=1).status == 303


def test_auditors_and_citizens_label_nothing(asked):
    for role in ("auditor", "citizen"):
        assert get(PAGE, role=role).status == 403
