"""Releases, the public changelog and "still broken" over HTTP."""

import pytest

from functions.domain import topics
from tests.http import send
from tests.people import person
from tests.topics import CODE, about, given_by, plainly_grouped, regroup, stored, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings")
OWNER = {"role": "product_owner", "subject": "owner-1"}
LINE = {"version": "1.9", "date": "2026-01-31", "changelog": "Codes arrive"}


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """No queue: what is asked for is done by the tests themselves."""
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", lambda _: None)
    monkeypatch.setattr(topics, "ask_to_regroup", lambda _: None)


def enter(**more):
    return send("POST", "/v1/releases", body={"version": "2.4", **more}, **OWNER)


def change(release, version=None, **body):
    headers = {"If-Match": f'"{version}"'} if version else {}
    return send("PUT", f"/v1/releases/{release['release_id']}", body=body, headers=headers, **OWNER)


def test_a_release_is_entered_read_listed_and_shipped():
    made = enter(notes="Codes arrive", released_on="2026-03-01")
    read = send("GET", f"/v1/releases/{made.json['release_id']}", **OWNER)
    shipped = change(made.json, version=1, state="shipped", released_on="2026-03-01", notes="Codes arrive")

    assert (made.status, made.headers["etag"], read.json) == (201, '"1"', made.json)
    assert (shipped.status, shipped.json["state"], shipped.headers["etag"]) == (200, "shipped", '"2"')
    assert shipped.json["shipped_at"].startswith("2026-02-28T19:00:00")
    assert [each["version"] for each in send("GET", "/v1/releases", **OWNER).json["items"]] == ["2.4"]
    assert change(made.json, version=1, state="shipped").status == 412


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"version": ""}, "/version"),
        ({"version": "2.5", "released_on": "soon"}, "/released_on"),
        ({"version": "2.5", "state": "gone"}, "/state"),
        ({"version": "2.5", "state": "shipped", "released_on": "2999-01-01"}, "/released_on"),
    ],
)
def test_what_is_wrong_in_a_release_is_named(body, pointer):
    reply = send("POST", "/v1/releases", body=body, **OWNER)

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, pointer)


def test_a_changelog_comes_in_line_by_line():
    lines = [LINE, LINE | {"date": "soon"}, LINE | {"version": "1.8", "extra": 1}]
    first = send("POST", "/v1/releases/imports", body={"releases": lines}, **OWNER)
    again = send("POST", "/v1/releases/imports", body={"releases": lines[:1]}, **OWNER)

    assert [each["outcome"] for each in first.json["results"]] == ["added", "refused", "refused"]
    assert "/date" in first.json["results"][1]["reason"]
    assert [each["outcome"] for each in again.json["results"]] == ["unchanged"]


def test_releases_are_paged():
    lines = [LINE | {"version": f"1.{n}", "date": f"2026-01-0{n + 1}"} for n in range(5)]
    send("POST", "/v1/releases/imports", body={"releases": lines}, **OWNER)
    first = send("GET", "/v1/releases?limit=2", **OWNER).json
    rest = send("GET", f"/v1/releases?limit=9&cursor={first['next']}", **OWNER).json

    assert [r["version"] for r in first["items"] + rest["items"]] == ["1.4", "1.3", "1.2", "1.1", "1.0"]


def test_citizens_enter_no_releases_and_read_none():
    assert send("POST", "/v1/releases", body={"version": "2.4"}).status == 403
    assert send("GET", "/v1/releases").status == 403


# --- the loop closes


@pytest.fixture
def told():
    """Somebody wrote about a matter that has shipped since, and was told of it; their text and the topic."""
    person("citizen-1")
    take_in(CODE * 3)
    feedback_id = given_by("citizen-1", 1, CODE[0])
    regroup()
    topic = about("otp").row.topic_id
    release = enter().json
    into = {"status": "in_release", "release_id": release["release_id"], "done": {"en": "Codes", "ur": "کوڈ"}}
    assert send("POST", f"/v1/topics/{topic}/decisions", body=into, **OWNER).status == 200
    assert change(release, state="shipped").status == 200
    regroup()
    return feedback_id, topic


def test_a_citizen_reads_what_is_mended_and_says_that_it_is_not(told):
    feedback_id, topic = told
    (notice,) = send("GET", "/v1/me/notices").json["items"]
    reply = send("POST", f"/v1/feedback/{notice['reference']}/still-broken", body={"text": "OTP nahi aaya"})

    assert notice["reference"] == feedback_id
    assert stored(topic).row.name["en"][:20] in notice["text"]
    assert "2.4" in notice["text"]
    assert (reply.status, reply.json["reopened"]) == (200, True)
    assert stored(topic).row.status == "regressed"
    again = send("POST", f"/v1/feedback/{feedback_id}/still-broken", body={})
    assert again.json["reopened"]
    assert stored(topic).row.still_broken == 1


def test_the_notice_is_in_the_readers_language(told):
    (notice,) = send("GET", "/v1/me/notices", headers={"Accept-Language": "ur"}).json["items"]

    assert stored(told[1]).row.name["ur"][:10] in notice["text"]


def test_of_anothers_text_nobody_says_anything(told):
    person("citizen-2")
    reply = send("POST", f"/v1/feedback/{told[0]}/still-broken", body={}, subject="citizen-2")

    assert reply.status == 404


def test_before_one_was_told_there_is_nothing_to_answer(told):
    later = given_by("citizen-1", 2, CODE[1])
    reply = send("POST", f"/v1/feedback/{later}/still-broken", body={})

    assert (reply.status, reply.json["type"]) == (409, "/problems/nothing-told-yet")


def test_anybody_reads_what_was_said_and_done(told):
    reply = send("GET", "/v1/changelog", role=None)
    (entry,) = reply.json["items"]

    assert reply.headers["cache-control"] == "public, max-age=300"
    assert (entry["version"], entry["items"][0]["done"]) == ("2.4", {"en": "Codes", "ur": "کوڈ"})
    assert entry["items"][0]["people"] == 13
    assert "topic_id" not in reply.text


def test_a_line_with_a_day_to_come_leaves_what_has_shipped_its_day_and_stops_no_other():
    send("POST", "/v1/releases/imports", body={"releases": [LINE]}, **OWNER)
    lines = [LINE | {"date": "2999-01-01", "changelog": "Codes come"}, LINE | {"version": "1.8"}]
    reply = send("POST", "/v1/releases/imports", body={"releases": lines}, **OWNER)

    assert [each["outcome"] for each in reply.json["results"]] == ["replaced", "added"]
    one = next(r for r in send("GET", "/v1/releases", **OWNER).json["items"] if r["version"] == "1.9")
    assert (one["state"], one["released_on"], one["notes"]) == ("shipped", LINE["date"], "Codes come")


def test_who_answered_once_is_heard_again_when_the_same_release_is_said_to_mend_it_again(told):
    feedback_id, topic = told
    still_broken = f"/v1/feedback/{feedback_id}/still-broken"
    assert send("POST", still_broken, body={}).json["reopened"]
    into = {"status": "in_release", "release_id": stored(topic).edits.release_id}
    assert send("POST", f"/v1/topics/{topic}/decisions", body=into, **OWNER).json["status"] == "shipped"
    regroup()

    assert send("POST", still_broken, body={}).json["reopened"]
    assert (stored(topic).row.status, stored(topic).row.still_broken) == ("regressed", 1)
