"""The road map, through the handler Lambda calls."""

import re

import pytest

from functions.domain import releases
from functions.storage import topics as topic_store
from schemas.releases import NewRelease
from tests.browser import life, seed
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("unqueued")
PAGE = "/board/roadmap"


def column(status, page):
    return re.search(rf'aria-labelledby="column-{status}">(.*?)</section>', page, re.DOTALL).group(1)


def cards(part):
    return [seed.number_of(each) for each in re.findall(r'href="/board/topics/([^"]+)" data-open', part)]


def move(number, status, version=1, **more):
    fields = {"status": status, "version": str(version), "back": "roadmap"} | more
    return post(f"/board/topics/{seed.topic_id(number)}/decisions", fields)


def test_topics_stand_by_how_far_they_have_come(board):
    life.write()
    page = get(PAGE).text

    assert {name: cards(column(name, page)) for name in ("new", "accepted", "planned", "in_release", "shipped", "measured")} == {
        "new": [1, 2, 6, 8], "accepted": [5], "planned": [7], "in_release": [3], "shipped": [], "measured": [4, 10],
    }  # fmt: skip
    assert "it helped" in column("measured", page)
    assert "3.6.0" in column("in_release", page)
    assert cards(page.partition('class="declined"')[2]) == [9]
    assert "Nothing waits to be measured." in column("shipped", page)


def test_a_card_is_moved_and_moved_back(board):
    reply = move(1, "accepted")
    page = get(reply.headers["location"].partition("#")[0]).text
    undo = dict(
        re.findall(
            r'name="(\w+)" value="([^"]*)"',
            re.search(r'<form method="post" action="[^"]*/edits">(.*?)</form>', page, re.DOTALL).group(1),
        )
    )

    assert reply.headers["location"] == f"{PAGE}?changed={seed.topic_id(1)}#told"
    assert cards(column("accepted", page)) == [1]
    assert "it is now: accepted." in page
    assert (
        post(
            f"/board/topics/{seed.topic_id(1)}/edits", {n: v for n, v in undo.items() if n != "csrf"}
        ).headers["location"]
        == PAGE
    )
    assert cards(column("accepted", get(PAGE).text)) == []


def test_a_card_is_put_into_a_release_or_declined_with_a_reason(board):
    made = releases.create(life.OWNER, NewRelease(version="3.6.0"), seed.APP, life.NOW)

    assert move(1, "in_release", release_id=made.release_id).status == 303
    assert move(2, "declined", reason="Not ours").status == 303
    assert move(3, "declined").status == 422
    assert move(2, "new", version=1).status == 409
    assert topic_store.get(seed.topic_id(1)).row.release_version == "3.6.0"


def test_what_is_open_again_waits_before_all_else(board):
    life.write()
    move(10, "regressed", version=topic_store.get(seed.topic_id(10)).row.version)

    assert cards(column("new", get(PAGE).text))[0] == 10


def test_a_long_column_leads_to_the_board(board, monkeypatch):
    monkeypatch.setattr("functions.roadmap_pages.CARDS_A_COLUMN", 2)
    page = get(PAGE).text

    assert cards(column("new", page)) == [1, 2]
    assert '<a class="more" href="/board?status=new">All 10 on the board' in page


def test_without_topics_the_page_says_so(tables):
    assert "Topics appear here when feedback has been brought in" in get(PAGE).text


def test_an_auditor_moves_nothing(board):
    page = get(PAGE, role="auditor").text

    assert 'class="move"' not in page
    assert len(cards(page)) == 10


def test_the_road_map_speaks_urdu(board):
    page = get(f"{PAGE}?lang=ur").text

    assert "تصدیقی کوڈ نہیں آتا" in page
    assert "One-time code" not in page
