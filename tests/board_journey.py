"""What a product owner sends from the board's pages, and a citizen from theirs: each field with a canary."""

from __future__ import annotations

from datetime import UTC, datetime

from functions.storage import releases as release_store
from functions.storage import topics as topic_store
from tests.browser import seed
from tests.traffic import Traffic

TOPIC, EDITS = "/board/topics/{topic_id}", ("POST", "/board/topics/{topic_id}/edits")
LAST = "the last one"
STILL_BROKEN = "/feedback/{feedback_id}/still-broken"


def work_on_the_board(traffic: Traffic) -> None:
    _look_at_lists(traffic)
    _keep_a_view(traffic)
    first, second = (topic.row.topic_id for topic in topic_store.ranked(seed.APP, after=None, limit=2)[0])
    _edit(traffic, first)
    _decide(traffic, second)
    _merge(traffic, first, second)
    _release(traffic)
    _label(traffic, first)
    _answer(traffic, first)


def _version(topic_id: str) -> str:
    topic = topic_store.get(topic_id)
    assert topic
    return str(topic.row.version)


def _look_at_lists(traffic: Traffic) -> None:
    new = traffic.canaries
    for path, names in (
        (
            "/board",
            ("q", "area", "language", "version", "district", "weeks", "trend", "sort", "changed", "kept"),
        ),
        ("/board/topics.csv", ("app", "q", "type")),
        ("/board/roadmap", ("app", "changed")),
        ("/board/releases", ("app", "cursor")),
        ("/board/labels", ("language", "did")),
    ):
        traffic.send("product_owner", ("GET", path))
        for name in names:
            traffic.send("product_owner", ("GET", path), query={name: new.word(f"{name} of {path}")})
    traffic.send("nobody", ("GET", "/changelog"))
    traffic.send(
        "nobody", ("GET", "/changelog"), query={"cursor": new.word("cursor of the changelog's page")}
    )


def _keep_a_view(traffic: Traffic) -> None:
    new, route = traffic.canaries, ("POST", "/board/views")
    view = {"do": "keep", "name": new.word("name of a view"), "back": f"q={new.word('words of a view')}"}
    assert traffic.form(route, view).status == 303
    assert traffic.form(route, view | {"name": new.word("long name of a view") * 9}).status == 422
    assert traffic.form(route, view | {"do": new.word("what to do with a view")}).status == 400


def _edit(traffic: Traffic, topic_id: str) -> None:
    new, path = traffic.canaries, {"topic_id": topic_id}
    traffic.send("product_owner", ("GET", TOPIC), path=path, query={"q": new.word("words of a target")})
    names = {tongue: new.word(f"page's name in {tongue}") for tongue in ("en", "ur")}
    reason = {"reason": new.word("reason of a place on the page")}
    wrong = {
        field: new.word(f"{field} of an edit")
        for field in ("place", "points", "texts", "into", "decision", "back")
    }
    version = {"version": _version(topic_id)}
    for do, fields, status in (
        ("rename", {"en": names["en"], "ur": ""}, 422),
        ("rename", names, 303),
        # Taken back: what the topic was named before is to be found as it was.
        ("undo", {"decision": LAST}, 303),
        ("override", {**reason, "place": wrong["place"]}, 422),
        ("override", {**reason, "points": wrong["points"]}, 422),
        ("override", {**reason, "place": "1", "back": "board"}, 303),
        ("split", {**names, "texts": wrong["texts"]}, 422),
        ("merge", {"into": wrong["into"]}, 422),
        ("undo", {"decision": wrong["decision"]}, 422),
        ("undo", {"decision": "1", "back": wrong["back"]}, 400),
    ):
        last = {"decision": version["version"]} if fields.get("decision") == LAST else {}
        reply = traffic.form(EDITS, {"do": do, **version, **fields, **last}, path=path)
        assert reply.status == status, (do, fields, reply.status)
        version = {"version": _version(topic_id)}
    late = {
        "do": "rename",
        "version": "1",
        "en": new.word("late name in en"),
        "ur": new.word("late name in ur"),
    }
    assert traffic.form(EDITS, late, path=path).status == 409
    traffic.form(EDITS, late, path={"topic_id": new.word("path of an edit")})


def _decide(traffic: Traffic, topic_id: str) -> None:
    new, route, path = traffic.canaries, ("POST", f"{TOPIC}/decisions"), {"topic_id": topic_id}
    form = {
        "version": _version(topic_id),
        "status": "in_release",
        "reason": new.word("reason beside a release"),
        "release_id": new.word("release to go into"),
        "done_en": new.word("page's word on what was done in en"),
        "done_ur": new.word("page's word on what was done in ur"),
        "back": "",
    }
    assert traffic.form(route, form, path=path).status == 422
    assert traffic.form(route, form | {"back": new.word("way back of a decision")}, path=path).status == 400


def _merge(traffic: Traffic, first: str, second: str) -> None:
    new, route = traffic.canaries, ("POST", "/board/merges")
    back = {"back": f"q={new.word('words of a list')}"}
    ticked = {"topic": f"{first}:{_version(first)},{second}:{_version(second)}"}
    assert traffic.form(route, {**back, "topic": new.word("topics to merge")}).status == 422
    assert traffic.form(route, {**back, "topic": f"{first}:1,{second}:1"}).status == 409
    assert traffic.form(route, {**back, **ticked}).status == 303
    undo = {"do": "undo", "version": _version(first), "decision": _version(first)}
    assert traffic.form(EDITS, undo, path={"topic_id": first}).status == 303


def _release(traffic: Traffic) -> None:
    new, pages = traffic.canaries, "/board/releases"
    form = {
        "version": new.word("version on the page"),
        "released_on": "2026-03-01",
        "notes": new.word("notes on the page"),
    }
    assert traffic.form(("POST", pages), form).status == 303
    assert traffic.form(("POST", pages), form | {"released_on": new.word("day on the page")}).status == 422
    path = {"release_id": release_store.id_of(seed.APP, form["version"])}
    change = {"do": "save", "row_version": "1", "notes": new.word("changed notes"), "sure": ""}
    one = ("POST", f"{pages}/{{release_id}}")
    wrong = {"released_on": new.word("changed day")}
    assert traffic.form(one, change | wrong, path=path).status == 422
    assert traffic.form(one, change | {"released_on": ""}, path=path).status == 303
    assert traffic.form(one, change, path=path).status == 409
    assert traffic.form(one, change | {"do": "ship"}, path=path).status == 422
    assert traffic.form(one, change | {"sure": new.word("how sure one is")}, path=path).status == 400
    traffic.form(one, change, path={"release_id": new.word("path of a release")})
    traffic.send("product_owner", ("GET", one[1]), path=path)
    traffic.send("product_owner", ("GET", one[1]), path=path, query={"done": new.word("done of a release")})


def _label(traffic: Traffic, topic_id: str) -> None:
    new, route = traffic.canaries, ("POST", "/board/labels/{feedback_id}")
    texts = traffic.send(
        "product_owner", ("GET", "/v1/topics/{topic_id}/feedback"), path={"topic_id": topic_id}
    )
    path = {"feedback_id": texts.json["items"][0]["feedback_id"]}
    form = {
        "do": "label",
        "version": "0",
        "type": "bug",
        "area": "app",
        "language": new.word("language of a label"),
    }
    for wrong in ("type", "area"):
        assert traffic.form(route, form | {wrong: new.word(f"{wrong} of a label")}, path=path).status == 422
    assert traffic.form(route, form | {"version": "77"}, path=path).status == 409
    assert traffic.form(route, form | {"do": new.word("what to do with a label")}, path=path).status == 400
    traffic.form(route, form, path={"feedback_id": new.word("path of a label")})


def _answer(traffic: Traffic, topic_id: str) -> None:
    """Of a text whose writer was told, and of none."""
    new, told = traffic.canaries, _told_text(traffic, topic_id)
    for query in (None, {"noted": "true"}, {"noted": new.word("whether it was noted")}):
        traffic.send("citizen", ("GET", STILL_BROKEN), path={"feedback_id": told}, query=query)
    text = {"text": new.in_feedback("still broken on the page")}
    assert traffic.form(("POST", STILL_BROKEN), text, by="citizen", path={"feedback_id": told}).status == 303
    spoilt = {"text": f"{new.word('spoilt answer')}\x07"}
    assert (
        traffic.form(("POST", STILL_BROKEN), spoilt, by="citizen", path={"feedback_id": told}).status == 422
    )
    nowhere = {"feedback_id": new.word("path of an answer")}
    traffic.form(("POST", STILL_BROKEN), text, by="citizen", path=nowhere)


def _told_text(traffic: Traffic, topic_id: str) -> str:
    """A text of the citizen's, of which a release was told."""
    new, give = traffic.canaries, ("POST", "/v1/feedback")
    key = {"Idempotency-Key": new.word("key of a text to be told of")}
    text = {"text": new.in_feedback("text to be told of")}
    given = str(traffic.send("citizen", give, text, headers=key).json["feedback_id"])
    release_id = release_store.id_of(seed.APP, "2.4")
    release_store.note_told([given], release_store.Told(topic_id, release_id, "2.4", datetime.now(UTC)))
    return given
