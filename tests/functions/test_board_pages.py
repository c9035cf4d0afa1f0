"""The board: its lists, merging, views and file, through the handler Lambda calls."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from functions.domain import views
from functions.storage import topics as topic_store
from tests.browser import seed
from tests.functions.browsing import get, post

TOPIC = f"/board/topics/{seed.topic_id(1)}"
DECIDE = f"{TOPIC}/decisions"
FEW = {"people": 7, "texts": 13, "weeks": (0, 0, 0, 1, 2, 3, 3, 4), "severity": 3.7, "trend": "fading"}


def decide(**changes):
    return {"status": "accepted", "reason": "", "version": "1"} | changes


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
    monkeypatch.setattr("functions.board_pages.TOPICS_A_PAGE", 4)
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
    monkeypatch.setattr("functions.board_pages.TOPICS_A_PAGE", 1)
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


def test_the_language_link_keeps_the_place(board):
    page = get("/board?type=bug&lang=ur").text
    assert 'href="/board?type=bug&amp;lang=en"' in page


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
        assert "trend-escalating" not in page
    for page in (topic, why):
        assert "no figure of theirs is shown" in page
        assert "parts-bar" not in page
    assert "trend-chart" not in topic
    assert "10 سے کم لوگ" in every_page("ur")[0]


def test_ten_people_are_counted_and_drawn(tables):
    keep(1, people=10, texts=13)
    board, topic, why, _ = every_page()

    assert "1 topics" in board
    assert "10 people, 13 texts" in topic
    assert "trend-chart" in topic
    assert all("fewer than" not in page for page in (board, topic, why))


def test_the_sum_on_the_board_does_not_tell_what_a_topic_of_few_withholds(tables):
    seed.write()
    keep(10, **FEW)
    seed.write_board()

    assert "10 topics; 3,914 people in those of 10 or more" in get("/board").text


def test_quotes_of_hostile_people_are_text_and_cannot_turn_the_line(tables):
    hostile = {**seed.TOPICS[0], "en": '<img src=x onerror="x">', "terms": ("<b>", "a"),
               "quotes": [("en", "<script>alert(1)</script> \u202egnorw\u202c \u2066x", 1)]}  # fmt: skip
    topic_store.save_ranking(seed.row(1, hostile), [])
    for page in (get("/board").text, get(TOPIC).text, get(f"{TOPIC}/why", part=True).text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not set(page) & set("\u202e\u202c\u2066")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; gnorw x" in get("/board").text


@pytest.mark.usefixtures("tables")
def test_a_store_that_does_not_answer_is_an_apology_with_another_try(monkeypatch):
    from functions.storage.tables import StoreFailureError

    def busy(*_):
        raise StoreFailureError("ProvisionedThroughputExceededException")

    monkeypatch.setattr("functions.domain.board.of_app", busy)
    reply = get("/board?type=bug")
    assert reply.status == 503
    assert "Please try again in a moment" in reply.text
    assert 'href="/board?type=bug">Try again' in reply.text


def ticked(*numbers, version=1):
    return {"topic": ",".join(f"{seed.topic_id(number)}:{version}" for number in numbers), "back": "type=bug"}


def names(page):
    return [
        seed.number_of(each) for each in re.findall(r'href="/board/topics/(t-[0-9a-f]{16})" data-open', page)
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=code", [1]),
        ("q=%DA%A9%D9%88%DA%88", [1]),
        ("area=sign_in", [1, 5]),
        ("language=mixed", [4]),
        ("version=3.2.0", [6]),
        ("district=ds-kasur&type=bug", [1, 3, 4]),
        ("weeks=4&trend=fading", [10]),
        ("sort=severity&type=bug", [4, 1, 3, 10]),
        ("sort=reach&area=app", [6, 4]),
    ],
)
def test_every_choice_and_order_holds(board, query, numbers):
    assert names(get(f"/board?{query}").text) == numbers


def test_a_choice_behind_more_stays_open_and_a_sorted_column_says_so(board):
    page = get("/board?version=3.5.0&sort=people").text

    assert '<details class="more-filters" open>' in page
    assert '<th role="columnheader" scope="col" class="c-people" aria-sort="descending">' in page
    assert 'href="/board?version=3.5.0&amp;sort=severity"' in page


def test_a_version_that_no_text_names_any_more_stays_chosen(board):
    assert '<option value="1.0" selected>1.0</option>' in get("/board?version=1.0").text
    assert '<option value="ds-multan" selected>' in get("/board?district=ds-multan").text


def test_a_score_says_how_sure_it_is_and_a_shared_place_has_its_sign(board):
    page = get("/board").text

    assert '<b class="number">84</b> <span class="margin">±4</span>' in page
    assert page.count('2<span aria-hidden="true">=</span>') == 2


def test_the_file_has_the_same_topics_in_the_same_order(board):
    reply = get("/board/topics.csv?sort=severity&type=bug")
    rows = list(csv.DictReader(io.StringIO(reply.text.lstrip("\ufeff"))))

    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert [seed.number_of(row["topic_id"]) for row in rows] == [4, 1, 3, 10]
    assert 'href="/board/topics.csv?type=bug&amp;sort=severity"' in get("/board?sort=severity&type=bug").text


def test_ticked_topics_become_one_under_the_highest_and_it_can_be_undone(board, unqueued):
    reply = post("/board/merges", ticked(4, 3))
    page = get(reply.headers["location"].partition("#")[0]).text

    assert reply.headers["location"] == f"/board?type=bug&changed={seed.topic_id(3)}#told"
    assert "Merged, 1 into:" in page
    assert names(page) == [1, 3, 10]
    form = re.search(r'action="/board/topics/t-0000000000000003/edits">(.*?)</form>', page, re.DOTALL).group(
        1
    )
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert undo.pop("csrf")
    assert post("/board/topics/t-0000000000000003/edits", undo).headers["location"] == "/board"
    assert names(get("/board?type=bug").text) == [1, 3, 4, 10]
    assert "Merged" not in get(f"/board?changed={seed.topic_id(3)}").text


@pytest.mark.parametrize("fields", [ticked(), ticked(3), {"topic": "nonsense"}, {}])
def test_less_than_two_are_not_merged(board, fields):
    reply = post("/board/merges", fields)

    assert reply.status == 422
    assert "tick at least two topics first" in reply.text


def test_topics_that_changed_meanwhile_are_not_merged(board, unqueued):
    post(f"/board/topics/{seed.topic_id(3)}/decisions", decide())
    reply = post("/board/merges", ticked(3, 4))

    assert reply.status == 409
    assert "somebody changed one of these topics" in reply.text
    assert names(reply.text) == [1, 3, 4, 10]


def test_a_list_is_kept_under_a_name_opened_and_removed(board):
    query = "type=bug&sort=severity"
    kept = post("/board/views", {"do": "keep", "name": "Bugs شدید", "back": query})
    page = get("/board").text
    here = get(f"/board?{query}").text

    assert kept.headers["location"] == f"/board?{query}&kept=yes"
    assert f'<a href="/board?{html.escape(query)}" class="kept"><bdi>Bugs' in page
    assert 'class="kept" aria-current="page"' in here
    assert "Only you see it" in get(f"/board?{query}&kept=yes").text
    assert "kept" not in get("/board", role="auditor").text.partition("<main")[2].partition("<form")[0]
    name = re.search(r'name="name" value="([^"]+)"', here).group(1)
    gone = post("/board/views", {"do": "remove", "name": name, "back": query})
    assert gone.headers["location"] == f"/board?{query}&kept=gone"
    assert 'class="kept"' not in get("/board").text
    assert post("/board/views", {"do": "remove", "name": name, "back": query}).status == 303


@pytest.mark.parametrize(
    ("name", "said"), [("", "is too short"), ("x" * 61, "is too long"), (" ", "is empty")]
)
def test_a_view_needs_a_name_that_fits(board, name, said):
    reply = post("/board/views", {"do": "keep", "name": name, "back": "type=bug"})

    assert reply.status == 422
    assert said in reply.text


def test_nobody_keeps_more_views_than_they_can_see(board):
    for number in range(20):
        post("/board/views", {"do": "keep", "name": f"view {number}", "back": f"q={number}"})
    reply = post("/board/views", {"do": "keep", "name": "one more", "back": "q=x"})

    assert reply.status == 422
    assert "at most 20" in reply.text
    assert post("/board/views", {"do": "keep", "name": "view 1", "back": "q=y"}).status == 303


def test_views_changed_in_another_window_are_not_lost(board, monkeypatch):
    read = views.store.of_person
    post("/board/views", {"do": "keep", "name": "first", "back": "q=1"})
    monkeypatch.setattr(views.store, "of_person", lambda who: (read(who)[0], 7))
    reply = post("/board/views", {"do": "keep", "name": "second", "back": "q=2"})

    assert reply.status == 409
    assert "in another window" in reply.text


def test_a_list_to_come_back_to_that_was_tampered_with_is_the_whole_board(board):
    assert (
        post("/board/views", {"do": "remove", "back": "type=nonsense&x=1"}).headers["location"]
        == "/board?kept=gone"
    )


def test_the_menu_says_how_many_texts_wait_for_a_label(board):
    from tests.browser import life

    assert 'class="waits"' not in get("/board").text
    life._ask_about_texts()
    assert '<span class="waits"><bdi dir="ltr">7</bdi>' in get("/board").text
    assert "/board/labels" not in get("/board", role="auditor").text
