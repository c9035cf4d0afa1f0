"""The board and its pages, through the handler Lambda calls."""

from __future__ import annotations

import html
import re

import pytest

from functions.board_view import lines, week_bars
from functions.domain import disclosure
from functions.storage import topics as topic_store
from functions.storage.topics import VANISHED_RANK
from tests import stored
from tests.browser import seed
from tests.functions.browsing import get, post

TOPIC = f"/board/topics/{seed.topic_id(1)}"
DECIDE = f"{TOPIC}/decisions"


_written: list[stored.Kept] = []


@pytest.fixture
def board(tables):
    """Written once, put back for each test."""
    if not _written:
        seed.write()
        _written.append(stored.Kept())
    _written[0].put_back()


def decide(**changes):
    return {"status": "accepted", "reason": "", "version": "1"} | changes


def test_anybody_reads_the_front_page_without_signing_in():
    reply = get("/", role=None)
    assert reply.status == 200
    assert "Sign in" in reply.text
    assert reply.headers["content-type"].startswith("text/html")


def test_every_page_forbids_scripts_and_styles_that_are_not_its_own(board):
    for url in ("/", "/docs", "/board", TOPIC):
        reply = get(url)
        assert "script-src 'self'; style-src 'self'" in reply.headers["content-security-policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", reply.text), url


def test_a_stranger_is_sent_to_sign_in_and_back_to_what_was_asked_for():
    reply = get("/board?type=bug", role=None)
    assert (reply.status, reply.headers["location"]) == (303, "/sign-in?next=%2Fboard%3Ftype%3Dbug")


def test_a_part_asked_for_by_a_stranger_moves_the_whole_page_to_sign_in():
    reply = get(f"{TOPIC}/why", role=None, part=True, HX_Current_URL="http://localhost:8000/board?type=bug")
    assert (reply.status, reply.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fboard%3Ftype%3Dbug")


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("role", ["citizen", "station_officer", "sdpo", "central_office", "administrator"])
def test_the_board_says_so_to_a_role_it_is_not_for(role):
    reply = get("/board", role=role)
    assert reply.status == 403
    assert "This page is not for your role" in reply.text
    assert "Sign in as somebody else" in reply.text


def test_a_product_owner_sees_topics_in_rank_order_with_their_evidence(board):
    page = get("/board").text
    assert page.index("One-time code does not arrive") < page.index("Map shows the wrong station")
    assert "10 topics, " in page
    assert "1,204" in page
    assert "Texts a week, oldest first: 14, 22, 31, 55, 80, 118, 160, 204" in page
    assert "4.2 of 5" in page
    assert "ESCALATING" in page


def test_scores_less_than_a_point_apart_share_a_rank():
    rows = [disclosure.shown(seed.row(number, given)) for number, given in enumerate(seed.TOPICS, start=1)]
    shown = [(line.place, line.tied) for line in lines(rows)]
    assert shown[:4] == [(1, False), (2, True), (2, True), (4, False)]


def test_a_topic_nobody_writes_about_any_more_has_no_rank():
    row = seed.row(1, seed.TOPICS[0]).model_copy(update={"rank": VANISHED_RANK})
    assert lines([disclosure.shown(row)])[0].place is None


def test_the_fullest_week_fills_the_drawing_and_an_empty_one_keeps_a_line():
    assert [bar.height for bar in week_bars((0, 5, 10))] == [1.0, 12.0, 24.0]
    assert [bar.height for bar in week_bars((0, 0))] == [1.0, 1.0]


def test_an_app_without_topics_says_how_to_bring_feedback_in(tables):
    reply = get("/board")
    assert reply.status == 200
    assert "No topics yet" in reply.text
    assert "python -m feedback_ml import" in reply.text


def test_filters_look_through_all_topics_and_not_through_one_page(board):
    page = get("/board?type=question&status=").text
    assert "How to change the district" in page
    assert "One-time code does not arrive" not in page
    assert "1 of them match" in page


def test_a_filter_that_nothing_matches_offers_all_topics(board):
    assert "No topic matches these choices." in get("/board?status=shipped").text


def test_pages_of_topics_follow_on_without_gap_or_repeat(board, monkeypatch):
    monkeypatch.setattr("functions.pages.TOPICS_A_PAGE", 4)
    seen, url = [], "/board"
    while url:
        page = get(url).text
        seen += re.findall(r'href="/board/topics/(t-[0-9a-f]{16})" data-open', page)
        following = re.search(r'href="([^"]+)">Next topics', page)
        url = html.unescape(following.group(1)) if following else ""
    assert seen == [seed.topic_id(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    "query", ["cursor=forged", "type=nonsense", "status=nonsense", "unknown=1", "app=a%20b"]
)
def test_an_address_that_was_tampered_with_is_refused_as_a_page(board, query):
    reply = get(f"/board?{query}")
    assert reply.status == 400
    assert "This address cannot be read" in reply.text


def test_a_cursor_of_one_choice_opens_no_other(board, monkeypatch):
    monkeypatch.setattr("functions.pages.TOPICS_A_PAGE", 1)
    cursor = re.search(r"type=bug&amp;cursor=([^\"]+)", get("/board?type=bug").text).group(1)
    assert get(f"/board?type=bug&cursor={cursor}").status == 200
    assert get(f"/board?type=usability&cursor={cursor}").status == 400


def test_the_page_speaks_urdu_from_right_to_left_and_keeps_the_choice_in_a_cookie(board):
    reply = get("/board?lang=ur")
    assert '<html lang="ur" dir="rtl">' in reply.text
    assert "تصدیقی کوڈ نہیں آتا" in reply.text
    [cookie] = reply.cookies
    assert cookie.startswith("khidmat_lang=ur; Path=/; Max-Age=")
    assert '<html lang="ur" dir="rtl">' in get("/", Cookie="khidmat_lang=ur").text


@pytest.mark.usefixtures("tables")
def test_the_reader_s_choice_goes_before_what_the_browser_asks_for():
    assert 'lang="en"' in get("/", Cookie="khidmat_lang=en", Accept_Language="ur").text
    assert 'lang="ur"' in get("/", Accept_Language="ur").text


def test_the_language_link_keeps_the_place(board):
    page = get("/board?type=bug&lang=ur").text
    assert 'href="/board?type=bug&amp;lang=en"' in page


FEW = {"people": 7, "texts": 13, "weeks": (0, 0, 0, 1, 2, 3, 3, 4), "severity": 3.7, "trend": "fading"}


def keep(number, **changes):
    topic_store.save_ranking(seed.row(number, seed.TOPICS[0]).model_copy(update=changes), [])


def every_page(lang="en"):
    """Every way out of one topic: board, topic, why, and its decision as a part."""
    pages = [
        get(f"/board?lang={lang}"),
        get(f"{TOPIC}?lang={lang}"),
        get(f"{TOPIC}/why?lang={lang}", part=True),
        post(f"{DECIDE}?lang={lang}", decide(status="declined"), part=True),
    ]
    # A form's token is its session's, and each request of a test has its own.
    return [re.sub(r'name="csrf" value="\w*"', "", page.text) for page in pages]


@pytest.mark.parametrize("lang", ["en", "ur"])
def test_pages_of_few_people_look_alike_whatever_the_figures(tables, lang):
    keep(1, **FEW)
    seven = every_page(lang)
    keep(1, people=2, texts=3, weeks=(3,) + (0,) * 7, severity=1.2, trend="new", score=3.3, languages=("ur",),
         versions=("9.9",), parts={"people": 3.3})  # fmt: skip

    assert every_page(lang) == seven


def test_nine_people_are_said_in_words_and_drawn_nowhere(tables):
    keep(1, people=9, texts=13)
    board, topic, why, _ = every_page()

    assert "1 topics, each by fewer than 10 people" in board
    for page in (board, topic):
        assert "fewer than 10 people" in page
        assert 'class="weeks"' not in page
        assert 'class="dots"' not in page
        assert "ESCALATING" not in page
    for page in (topic, why):
        assert "no figure of theirs is shown" in page
        assert "parts-bar" not in page
    assert "data-chart" not in topic
    assert "10 سے کم لوگ" in every_page("ur")[0]


def test_ten_people_are_counted_and_drawn(tables):
    keep(1, people=10, texts=13)
    board, topic, why, _ = every_page()

    assert "1 topics, 13 texts" in board
    assert "10 people, 13 texts" in topic
    assert "data-chart" in topic
    assert all("fewer than" not in page for page in (board, topic, why))


def test_the_sum_on_the_board_does_not_tell_what_a_topic_of_few_withholds(tables):
    keep(1, people=1204, texts=1300)
    keep(2, **FEW)

    assert "2 topics; 1,300 texts in those of 10 people or more" in get("/board").text


def test_a_withheld_score_ties_with_none():
    rows = [seed.row(number, seed.TOPICS[0]).model_copy(update={"people": people})
            for number, people in enumerate((50, 7, 50, 50), start=1)]  # fmt: skip

    assert [(line.place, line.tied) for line in lines(list(map(disclosure.shown, rows)))] == [
        (1, False), (2, False), (3, True), (3, True)
    ]  # fmt: skip


def test_quotes_of_hostile_people_are_text_and_cannot_turn_the_line(tables):
    hostile = {**seed.TOPICS[0], "en": '<img src=x onerror="x">', "terms": ("<b>", "a"),
               "quotes": [("en", "<script>alert(1)</script> \u202egnorw\u202c \u2066x", 1)]}  # fmt: skip
    topic_store.save_ranking(seed.row(1, hostile), [])
    for page in (get("/board").text, get(TOPIC).text, get(f"{TOPIC}/why", part=True).text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not set(page) & set("\u202e\u202c\u2066")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; gnorw x" in get("/board").text


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


def test_a_topic_has_the_same_place_on_its_page_as_on_the_board(board):
    page = get(f"/board/topics/{seed.topic_id(3)}").text
    assert (
        '<bdi dir="ltr">2<span aria-hidden="true">=</span></bdi></b><span class="unseen"> shared rank</span>'
        in page
    )


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
    assert (reply.status, reply.headers["location"]) == (303, f"{TOPIC}?changed=2#decision")
    page = get(f"{TOPIC}?changed=2").text
    assert "Saved. The decision is now: accepted." in page
    assert "Undo (back to: to decide)" in page
    assert "We can do this in spring" in page
    assert topic_store.get(seed.topic_id(1)).row.status == "accepted"


def test_undo_sets_the_former_decision_with_its_reason_back(board):
    post(DECIDE, decide(status="declined", reason="Too dear"))
    post(DECIDE, decide(version="2"))
    page = get(f"{TOPIC}?changed=3").text
    undo = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split("<form", 3)[2]))
    assert undo.pop("csrf")
    assert undo == {"status": "declined", "reason": "Too dear", "version": "3"}
    assert post(DECIDE, undo).status == 303
    assert topic_store.get(seed.topic_id(1)).row.status == "declined"


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
    assert "وجہ زیادہ سے زیادہ 1000 حروف کی ہو" in reply.text
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


@pytest.mark.usefixtures("tables")
def test_a_store_that_does_not_answer_is_an_apology_with_another_try(monkeypatch):
    from functions.storage.tables import StoreFailureError

    def busy(*_):
        raise StoreFailureError("ProvisionedThroughputExceededException")

    monkeypatch.setattr("functions.domain.topics.ranked", busy)
    reply = get("/board?type=bug")
    assert reply.status == 503
    assert "Please try again in a moment" in reply.text
    assert 'href="/board?type=bug">Try again' in reply.text


def test_the_reference_shows_every_operation_with_its_permission_and_fields():
    from functions import openapi

    page = get("/docs", role=None).text
    for route in openapi.ROUTES:
        if route.kind == "json":
            assert f'id="{route.handler.__name__}"' in page
            assert route.permission == "public" or f">{route.permission}</code>" in page
    assert "0300 1234567" in page or "narrative" in page
    assert 'id="form-Problem"' in page


def test_every_link_inside_the_reference_leads_somewhere():
    page = get("/docs", role=None).text
    targets = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
