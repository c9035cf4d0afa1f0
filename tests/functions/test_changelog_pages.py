"""What was mended, for everybody; and "still broken" for whoever was told of it."""

import re

import pytest

from tests.browser import life, seed
from tests.functions.browsing import get, post
from tests.http import send
from tests.people import person
from tests.topics import CODE, about, given_by, regroup, stored, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings", "unqueued")
OWNER = {"role": "product_owner", "subject": "owner-1"}


def test_before_anything_is_out_the_page_says_so_and_is_cached():
    reply = get("/changelog", role=None)

    assert (reply.status, reply.headers["cache-control"]) == (200, "public, max-age=300")
    assert "Nothing is out yet" in reply.text
    assert 'href="/changelog"' in get("/", role=None).text


def test_what_a_reader_s_session_or_choice_is_part_of_lies_in_no_shared_cache():
    assert get("/changelog").headers["cache-control"] == "no-store"
    assert get("/changelog?lang=ur", role=None).headers["cache-control"] == "no-store"


def test_people_read_what_they_said_and_what_was_done(board):
    life.write()
    page = get("/changelog", role=None).text

    assert page.index("3.4.1") < page.index("3.4.0")
    assert "App closes when a photo is added" in page
    assert "Photos of any size can be added." in page
    assert "377 people wrote about it" in page
    assert "measured: it helped" in page
    assert "mended in this version." in page
    assert seed.topic_id(4) not in page
    assert "اب ہر سائز کی تصویر لگ سکتی ہے۔" in get("/changelog?lang=ur", role=None).text


def test_earlier_versions_follow_on(board, monkeypatch):
    life.write()
    monkeypatch.setattr("functions.changelog_pages.RELEASES_A_PAGE", 1)
    following = re.search(r'href="(/changelog\?cursor=[^"]+)"', get("/changelog", role=None).text).group(1)
    page = get(following, role=None).text

    assert "Map shows the wrong station" in page
    assert 'href="/changelog">Back to the first' in page
    assert get("/changelog?cursor=forged", role=None).status == 400


@pytest.fixture
def told():
    """Somebody wrote about a matter that has shipped since, and was told; their text and the topic."""
    person("citizen-1")
    take_in(CODE * 3)
    feedback_id = given_by("citizen-1", 1, CODE[0])
    regroup()
    topic = about("otp").row.topic_id
    release = send("POST", "/v1/releases", body={"version": "2.4"}, **OWNER).json["release_id"]
    into = {"status": "in_release", "release_id": release, "done": {"en": "Codes come", "ur": "کوڈ آتا ہے"}}
    assert send("POST", f"/v1/topics/{topic}/decisions", body=into, **OWNER).status == 200
    assert send("PUT", f"/v1/releases/{release}", body={"state": "shipped"}, **OWNER).status == 200
    regroup()
    return f"/feedback/{feedback_id}/still-broken", topic


def test_whoever_was_told_answers_with_one_button(told):
    address, topic = told
    page = get(address, role="citizen").text
    reply = post(address, {}, role="citizen")

    assert CODE[0] in page
    assert "Codes come" in page
    assert ">No, it is still broken</button>" in page
    assert (reply.status, reply.headers["location"]) == (303, f"{address}?noted=true")
    assert "Noted. Thank you." in get(reply.headers["location"], role="citizen").text
    assert stored(topic).row.status == "regressed"
    assert stored(topic).row.still_broken == 1


def test_what_is_still_wrong_may_be_said_and_is_kept(told):
    assert post(told[0], {"text": "OTP ab bhi nahi aata"}, role="citizen").status == 303
    wrong = post(told[0], {"text": "bad \x07 letter"}, role="citizen")

    assert wrong.status == 422
    assert 'id="text-fault"' in wrong.text


def test_before_one_was_told_there_is_nothing_to_answer(told):
    later = f"/feedback/{given_by('citizen-1', 2, CODE[1])}/still-broken"

    assert "Nothing to answer yet" in get(later, role="citizen").text
    assert post(later, {}, role="citizen").status == 409


@pytest.mark.parametrize(
    "address", ["/feedback/00000000000000000000000000/still-broken", "/feedback/x/still-broken"]
)
def test_of_anothers_text_nobody_sees_anything(told, address):
    reply = get(address, role="citizen")

    assert reply.status == 404
    assert "There is no text of yours at this address" in reply.text
    assert post(address, {}, role="citizen").status == 404


def test_it_is_for_citizens_and_a_stranger_signs_in_first(told):
    assert get(told[0], role=None).headers["location"].startswith("/sign-in?next=%2Ffeedback%2F")
    reply = get(told[0], role="product_owner")
    assert reply.status == 403
    assert "This page is for the person who wrote the text." in reply.text
