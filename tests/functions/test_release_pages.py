"""Releases as pages, through the handler Lambda calls."""

import re

import pytest

from functions.domain import releases
from tests.browser import life, seed
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables", "unqueued")
PAGE = "/board/releases"


def enter(**more):
    return post(PAGE, {"version": "3.6.0", "released_on": "", "notes": ""} | more)


def entered(**more):
    return enter(**more).headers["location"].partition("?")[0]


def change(address, do, row_version=1, **more):
    return post(address, {"do": do, "row_version": str(row_version)} | more)


def test_without_releases_the_page_says_what_they_are_for():
    page = get(PAGE).text

    assert "No releases yet" in page
    assert "Enter a release" in page
    assert "Enter a release" not in get(PAGE, role="auditor").text


def test_a_release_is_entered_and_listed():
    reply = enter(released_on="2026-09-01", notes="Codes arrive")
    address = reply.headers["location"]

    assert re.fullmatch(r"/board/releases/r-[0-9a-f]{16}\?done=entered", address)
    page = get(address).text
    assert "Entered. Put topics into it" in page
    assert "Codes arrive" in page
    assert "No topic is in it yet" in page
    assert "1 Sep 2026" in get(PAGE).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"version": ""}, "new-version"),
        ({"released_on": "soon"}, "new-day"),
        ({"version": "x" * 61}, "new-version"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(fields, field):
    reply = enter(notes="Typed before", **fields)

    assert reply.status == 422
    assert f'id="{field}-fault"' in reply.text
    assert "Typed before" in reply.text


def test_a_version_that_is_there_is_not_entered_twice_with_other_words():
    enter(notes="one")
    reply = enter(notes="two")

    assert reply.status == 422
    assert "there is a release of this version already" in reply.text


def test_a_release_is_changed_on_the_version_that_was_read():
    address = entered()
    saved = change(address, "save", notes="Codes arrive", released_on="2026-09-01")
    late = change(address, "save", notes="Mine", released_on="")

    assert saved.headers["location"] == f"{address}?done=saved"
    assert "Saved." in get(f"{address}?done=saved").text
    assert late.status == 409
    assert "somebody changed this release" in late.text
    assert ">Mine</textarea>" in late.text
    assert change(address, "save", row_version=2, released_on="soon").status == 422


def test_shipping_asks_whether_one_is_sure_and_then_ships(board):
    life.write()
    release = next(r for r in releases.listed(seed.APP, None, 9)[0] if r.version == life.NEXT)
    address = f"{PAGE}/{release.release_id}"
    page = get(address).text
    unsure = change(address, "ship", release.row_version)
    sure = change(address, "ship", release.row_version, sure="yes")

    assert "Shipping it ships its 1 topics" in page
    assert unsure.status == 422
    assert "tick that it is out" in unsure.text
    assert sure.headers["location"] == f"{address}?done=shipped"
    out = get(f"{address}?done=shipped").text
    assert "It is out. People are told now" in out
    assert "Ship it and tell people" not in out
    assert '<span class="status status-shipped">shipped</span>' in out


def test_a_day_that_was_planned_and_lies_ahead_is_not_the_day_it_came_out():
    address = entered(released_on="2999-01-01")
    assert change(address, "ship", sure="yes").status == 303
    shipped = releases.show(address.rpartition("/")[2])

    assert shipped.state == "shipped"
    assert shipped.released_on.year < 2999
    wrong = change(address, "save", row_version=2, released_on="2999-01-01")
    assert wrong.status == 422
    assert "lies in the future" in wrong.text


def test_releases_are_paged(monkeypatch):
    monkeypatch.setattr("functions.release_pages.RELEASES_A_PAGE", 2)
    for number in range(3):
        enter(version=f"1.{number}", released_on=f"2026-01-0{number + 1}")
    first = get(PAGE).text
    following = re.search(r'href="(/board/releases\?cursor=[^"]+)"', first).group(1)

    assert re.findall(r'data-open><bdi dir="ltr">([\d.]+)', first) == ["1.2", "1.1"]
    assert re.findall(r'data-open><bdi dir="ltr">([\d.]+)', get(following).text) == ["1.0"]


def test_a_verdict_stands_beside_its_topic(board):
    life.write()
    release = next(r for r in releases.listed(seed.APP, None, 9)[0] if r.version == "3.4.1")

    assert "it helped" in get(f"{PAGE}/{release.release_id}", role="auditor").text


def test_a_release_that_is_not_there_is_a_page_that_leads_back():
    assert get(f"{PAGE}/r-00000000000000ff").status == 404
    assert get(f"{PAGE}/nothing").status == 404
