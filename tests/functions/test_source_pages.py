"""The page of sources, through the handler Lambda calls."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from functions.storage import fetches
from functions.storage.fetches import Fetch, RunReport
from tests.factories import NOON
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables")
PAGE, NAME = "/board/sources", "play:pk.khidmat.app"
RUNS = f"{PAGE}/{NAME}/runs"
WHY = "column 'starRating': '7' is not 1 to 5; correct it or leave it empty"


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def run(**changes):
    given = {"at": NOON, "read": 1200, "added": 40, "refused": 2, "finished": True}
    return RunReport(**given | {"refusals": ((6, WHY), (9, WHY))} | changes)


def read(**changes):
    given = {"state": "read", "cursor": NOON, "begun_at": NOON, "succeeded_at": NOON, "report": run()}
    fetches.save(Fetch(NAME, **given | changes))


def test_where_nothing_is_set_up_each_store_says_that_it_is_off():
    page = get(PAGE).text

    assert page.count("No key or no app is set up") == 2
    assert "اس اسٹور کی کلید یا ایپ مقرر نہیں" in get(f"{PAGE}?lang=ur").text


def test_a_source_shows_how_far_it_was_read_and_what_was_refused_and_why():
    read()
    text = words_of(get(PAGE).text)

    assert "Google Play pk.khidmat.app read to the end" in text
    assert "Read up to 2026" in text
    assert "Read 1,200" in text
    assert "New 40" in text
    assert "2 rows refused in the last run, and why" in text
    assert f"6 {WHY}" in text


def test_a_failed_source_says_what_is_wrong_in_the_readers_language():
    read(state="failed", problem="key_refused")

    assert "The last run failed: the store refuses the key" in words_of(get(PAGE).text)
    assert "اسٹور نے کلید قبول نہیں کی" in get(f"{PAGE}?lang=ur").text


def test_a_gap_and_a_run_that_was_cut_are_said():
    read(missed_since=NOON - timedelta(days=9), report=run(finished=False, refused=60))
    text = words_of(get(PAGE).text)

    assert "Reviews may be missing since" in text
    assert "cut short; goes on" in text
    assert "The first 50 are kept." in text


def test_a_store_without_a_key_is_off_and_has_no_button():
    fetches.save(Fetch("app_store", state="off"))
    page = get(PAGE).text

    assert "App Store off" in words_of(page)
    assert "/runs" not in page


@pytest.mark.parametrize("what", ["dry_run", "run"])
def test_a_run_is_asked_for_and_waits_in_sight(what):
    read()
    reply = post(RUNS, {"what": what})
    after = get(reply.headers["location"]).text

    assert (reply.status, reply.headers["location"]) == (303, f"{PAGE}?asked={what}")
    assert fetches.rows()[0].asked == what
    assert "is asked for" in after
    assert "waits for the next tick" in after
    assert 'hx-trigger="every 30s"' in after


def test_in_place_the_answer_is_the_part_alone_and_is_said_aloud():
    read()
    reply = post(RUNS, {}, part=True)

    assert reply.status == 200
    assert "<html" not in reply.text
    assert '<div id="said" hx-swap-oob="innerHTML">A dry run is asked for.' in reply.text


def test_a_dry_run_stands_beside_the_last_run():
    read(rehearsal=run(read=77, refusals=((3, "no text"),), refused=1))
    text = words_of(get(PAGE).text)

    assert "Last run Last dry run Read 1,200 77" in text
    assert "1 rows refused in the dry run, and why" in text
    assert "hx-trigger" not in get(PAGE).text


def test_a_source_that_was_switched_off_meanwhile_is_said():
    read()
    fetches.save(Fetch(NAME, state="off"))
    reply = post(RUNS, {"what": "run"})

    assert reply.status == 409
    assert fetches.rows()[0].asked == ""


def test_what_is_no_source_and_no_run_is_refused():
    read()

    assert post(f"{PAGE}/play:nobody/runs", {}).status == 404
    assert post(RUNS, {"what": "everything"}).status == 400


def test_administrators_come_in_and_auditors_and_forms_from_elsewhere_do_not():
    read()

    assert get(PAGE, role="administrator").status == 200
    assert 'href="/board/sources"' in get("/", role="administrator").text
    assert get(PAGE, role="auditor").status == 403
    assert post(RUNS, {}, role="auditor").status == 403
    assert post(RUNS, {}, csrf="").status == 403
    assert fetches.rows()[0].asked == ""
