"""A topic's page and all that is done on it, through the handler Lambda calls."""

from __future__ import annotations

import html
import re

import pytest

from functions.domain import releases
from functions.storage import topics as topic_store
from schemas.releases import NewRelease
from tests.browser import life, seed
from tests.functions.browsing import get, post

TOPIC = f"/board/topics/{seed.topic_id(1)}"
DECIDE, EDITS = f"{TOPIC}/decisions", f"{TOPIC}/edits"
NAMES = {"en": "Codes come late", "ur": "کوڈ دیر سے آتے ہیں"}


def edit(do, version="1", **fields):
    return {"do": do, "version": version} | fields


def undo_of(page):
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="undo"' in each)
    return {
        name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form) if name != "csrf"
    }


def row(number=1):
    return topic_store.get(seed.topic_id(number)).row


def decide(**changes):
    return {"status": "accepted", "reason": "", "version": "1"} | changes


def test_why_opens_in_place_with_parts_words_and_quotes(board):
    part = get(f"{TOPIC}/why", part=True)
    assert part.status == 200
    assert "<html" not in part.text
    assert "Score 84 of 100: people 31, severity 22" in part.text
    assert "nahi aa raha" in part.text
    assert part.text.count("<blockquote") == 3


def test_why_without_script_is_the_topic_s_own_page(board):
    reply = get(f"{TOPIC}/why")
    assert (reply.status, reply.headers["location"]) == (303, f"{TOPIC}#why")


def test_a_topic_shows_both_names_its_numbers_and_the_people_s_own_words(board):
    page = get(TOPIC).text
    assert "One-time code does not arrive" in page
    assert "تصدیقی کوڈ نہیں آتا" in page
    assert "<caption>The score, part by part</caption>" in page
    assert '<blockquote dir="auto" lang="ur">' in page
    assert page.count("<blockquote") == 10


def test_more_texts_follow_on_until_there_are_none(board):
    page, seen = get(TOPIC).text, 0
    for _ in range(3):
        seen += page.count("<blockquote")
        following = re.search(r'hx-get="([^"]+/quotes\?cursor=[^"]+)"', page)
        if not following:
            break
        page = get(html.unescape(following.group(1)), part=True).text
    assert seen == 24


@pytest.mark.parametrize("topic_id", ["t-00000000000000ff", "nothing", "..", "t-ZZZZZZZZZZZZZZZZ"])
def test_a_topic_that_is_not_there_is_a_page_that_leads_back(board, topic_id):
    reply = get(f"/board/topics/{topic_id}")
    assert reply.status == 404
    assert "There is nothing at this address" in reply.text


def test_a_decision_is_kept_and_shown_with_its_undo(board):
    reply = post(DECIDE, decide(reason="We can do this in spring"))
    assert (reply.status, reply.headers["location"]) == (303, f"{TOPIC}?changed=2#told")
    page = get(f"{TOPIC}?changed=2").text
    assert "Saved. The decision is now: accepted." in page
    assert "We can do this in spring" in page
    assert topic_store.get(seed.topic_id(1)).row.status == "accepted"
    undone = post(EDITS, undo_of(page))
    assert undone.headers["location"] == f"{TOPIC}?changed=3#told"
    assert "Undone." in get(f"{TOPIC}?changed=3").text
    assert topic_store.get(seed.topic_id(1)).row.status == "new"


def test_with_script_the_decision_changes_in_place_and_is_said_aloud(board):
    reply = post(DECIDE, decide(), part=True)
    assert reply.status == 200
    assert "<html" not in reply.text
    assert '<div id="said" hx-swap-oob="innerHTML">Saved. The decision is now: accepted.</div>' in reply.text


def test_a_refusal_without_a_reason_is_asked_for_it_with_all_that_was_typed_kept(board):
    reply = post(DECIDE, decide(status="declined", reason="   "))
    assert reply.status == 422
    assert "Write in a few words why it is declined." in reply.text
    assert '<option value="declined" selected>' in reply.text
    assert topic_store.get(seed.topic_id(1)).row.status == "new"


def test_a_field_that_is_wrong_is_explained_in_the_reader_s_language(board):
    reply = post(DECIDE, decide(reason="x" * 1001), Cookie="khidmat_lang=ur")
    assert reply.status == 422
    assert "1000" in re.search(r'id="reason-fault">([^<]+)<', reply.text).group(1)
    assert "x" * 1001 in reply.text


def test_a_decision_made_on_an_older_page_is_not_saved_and_says_what_is_so_now(board):
    post(DECIDE, decide(status="planned"))
    reply = post(DECIDE, decide(reason="typed before"))
    assert reply.status == 409
    assert "somebody decided while you were reading. It is now: planned" in reply.text
    assert "typed before" in reply.text
    assert 'name="version" value="2"' in reply.text
    assert topic_store.get(seed.topic_id(1)).row.status == "planned"


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "null", "http://localhost:8000.evil.example"]
)
def test_a_form_sent_from_elsewhere_changes_nothing(board, origin):
    reply = post(DECIDE, decide(), origin=origin)
    assert reply.status == 403
    assert "This was not sent from our own page" in reply.text
    assert topic_store.get(seed.topic_id(1)).row.version == 1


def test_an_auditor_reads_and_is_offered_no_form(board):
    page = get(TOPIC, role="auditor").text
    assert "You can read this board; product owners decide." in page
    assert "<textarea" not in page
    assert post(DECIDE, decide(), role="auditor").status == 403


def test_a_refusal_inside_an_open_page_goes_to_its_place_for_problems(board):
    reply = get("/board/topics/t-00000000000000ff/why", part=True)
    assert (reply.status, reply.headers["hx-retarget"]) == (404, "#problem")
    assert "<html" not in reply.text


def test_names_are_given_by_hand_and_kept_as_typed_when_one_is_missing(board):
    wrong = post(EDITS, edit("rename", en="Codes come late"))
    done = post(EDITS, edit("rename", **NAMES))

    assert wrong.status == 422
    assert 'id="rename-ur-fault"' in wrong.text
    assert 'value="Codes come late"' in wrong.text
    assert (done.status, row().name) == (303, NAMES)
    assert "The names are saved" in get(f"{TOPIC}?changed=2").text


def test_a_topic_is_put_at_a_place_with_a_reason_and_let_go_again(board, unqueued):
    for fields in (
        {"reason": "Law"},
        {"place": "1", "points": "3", "reason": "Law"},
        {"place": "1"},
        {"place": "x", "reason": "y"},
    ):
        assert post(EDITS, edit("override", **fields)).status == 422
    assert post(EDITS, edit("override", place="4", reason="The law asks for it")).status == 303
    page = get(TOPIC).text

    assert "Put at place 4 by hand:" in page
    assert "The law asks for it" in page
    assert post(EDITS, edit("unplace", version="2")).status == 303
    assert row().override is None
    assert post(EDITS, edit("override", version="3", points="-2.5", reason="Less")).status == 303
    assert "Moved by" in get(TOPIC).text


def test_ticked_texts_become_a_topic_of_their_own(board, unqueued):
    ids = re.findall(r'name="texts" value="([0-9a-f]{26})"', get(TOPIC).text)[:2]
    unnamed = post(EDITS, edit("split", texts=",".join(ids)))
    reply = post(EDITS, edit("split", texts=",".join(ids), **NAMES))
    page = get(f"{TOPIC}?changed=2").text

    assert unnamed.status == 422
    assert unnamed.text.count('name="texts"') == unnamed.text.count(" checked") + 8
    assert reply.status == 303
    new = re.search(r"topic of their own now\. <a href=\"([^\"]+)\"", page).group(1)
    assert "Codes come late" in get(new).text
    assert post(EDITS, undo_of(page)).status == 303
    assert get(new).headers["location"] == TOPIC


def test_nothing_ticked_is_said_at_the_form(board):
    reply = post(EDITS, edit("split", **NAMES))

    assert reply.status == 422
    assert "Tick at least one text" in reply.text


def test_a_topic_goes_into_another_that_was_searched_for(board, unqueued):
    page = get(f"{TOPIC}?q=photo").text
    into = re.search(r'name="into" value="(t-[0-9a-f]{16})"', page).group(1)
    reply = post(EDITS, edit("merge", into=into))

    assert into == seed.topic_id(4)
    assert reply.headers["location"].startswith(f"/board/topics/{into}?changed=2")
    assert get(TOPIC).headers["location"] == f"/board/topics/{into}"
    assert "Merged." in get(f"/board/topics/{into}?changed=2").text
    assert post(EDITS, edit("rename", version="2", **NAMES)).status == 409


@pytest.mark.parametrize("into", ["", "nonsense", "t-00000000000000ff", "t-0000000000000001"])
def test_into_what_is_no_other_topic_nothing_goes(board, into):
    assert post(EDITS, edit("merge", into=into)).status == 422


def test_no_words_in_common_and_none_found_is_said(board):
    assert "No other topic has these words" in get(f"{TOPIC}?q=zzz").text


def test_an_edit_on_an_older_page_is_not_done_and_nothing_typed_is_lost(board):
    post(DECIDE, decide())
    reply = post(EDITS, edit("rename", **NAMES))

    assert reply.status == 409
    assert "somebody changed this topic while you were reading" in reply.text
    assert 'value="Codes come late"' in reply.text


def test_what_is_no_longer_the_last_cannot_be_undone(board):
    post(DECIDE, decide())
    reply = post(EDITS, edit("undo", version="2", decision="9"))

    assert reply.status == 409
    assert 'id="told" role="alert"' in reply.text
    assert post(EDITS, edit("undo", version="2", decision="x")).status == 422


def test_a_topic_goes_into_a_release_that_is_named_and_what_was_done_is_told(board, unqueued):
    made = releases.create(life.OWNER, NewRelease(version="3.6.0"), seed.APP, life.NOW)
    unnamed = post(DECIDE, decide(status="in_release"))
    half = post(DECIDE, decide(status="in_release", release_id=made.release_id, done_en="Codes come"))
    fields = {"release_id": made.release_id, "done_en": "Codes come", "done_ur": "کوڈ آتا ہے"}
    reply = post(DECIDE, decide(status="in_release", **fields))

    assert unnamed.status == half.status == 422
    assert "Choose the release it goes into." in unnamed.text
    assert 'id="decide-done_ur-fault"' in half.text
    assert reply.status == 303
    assert (row().release_version, row().done["ur"]) == ("3.6.0", "کوڈ آتا ہے")
    assert "3.6.0" in get(TOPIC).text


def test_a_step_that_the_life_of_a_topic_does_not_have_is_explained(board):
    reply = post(DECIDE, decide(status="measured"))

    assert reply.status == 409
    assert 'class="notice bad"' in reply.text


def test_a_measured_topic_shows_before_and_after_with_its_interval_and_the_control(board, unqueued):
    life.write()
    page = get(f"/board/topics/{seed.topic_id(4)}").text

    assert "Of 1,000 texts, 9.8 were about it before and 3.1 since." in page
    assert "0.32 times as often as before (95 %: 0.21 to 0.47)" in page
    assert "Topics the release did not touch: 1.04 times" in page
    assert "it helped" in page
    assert 'class="mark own"' in page
    assert "<dd>214</dd>" in page
    assert "<dd>fewer than 10 people</dd>" in page


def test_the_chart_says_its_numbers_and_the_versions_of_few_people_none(board):
    page = get(f"/board/topics/{seed.topic_id(10)}").text
    numbers = re.search(r"Texts a week, oldest first: ([\d, ]+)\.", page).group(1).split(", ")

    assert len(numbers) == 22
    assert numbers[-8:] == ["30", "26", "22", "18", "12", "9", "6", "4"]
    assert page.count('class="trend-chart') == 2
    assert ">48</td>" in page
