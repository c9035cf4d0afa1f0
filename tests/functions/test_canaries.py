"""People's data in every field of every route, looked for wherever something is kept, logged or answered."""

from __future__ import annotations

import base64
import logging

import pytest
from pydantic import TypeAdapter

from app import openapi
from functions import feedback, incoming
from functions.domain import complaints, privacy
from functions.domain import evidence as evidence_rules
from functions.storage import sealing
from schemas.feedback import Feedback
from tests import canaries, journeys, traffic, watching

ROUTES = openapi.ROUTES
# Where a field is kept as it is, and why that is right. Everything else is a leak.
KEPT_AS_IT_IS = {
    ("officer's subject", "officers.subject"): "the issuer's name for an officer: what the row is found by",
    ("officer's subject", "officers.holder"): "whose a service number is",
    (
        "officer's subject",
        "bucket ledger object",
    ): "whose row was changed, by the issuer's name for the officer",
    ("service number", "officers.service_number"): "stands on the uniform, for citizens to give",
    ("service number", "officers.subject"): "what the row of a service number is found by",
    ("service number", "officers.history"): "who made whom what, on record",
    ("service number", "bucket ledger object"): "who made whom what, in the ledger",
    (
        "imported external_id",
        "feedback.external_id",
    ): "the source's own id of a text: a repeat is known by it",
    **{
        (f"holiday's {field}", f"holidays.{attribute}"): "a public holiday, for everybody to read"
        for field, attribute in (
            ("id", "holiday"),
            ("name", "name_en"),
            ("name", "history"),
            ("name in Urdu", "name_ur"),
            ("name in Urdu", "history"),
        )
    },
    ("holiday's reason", "holidays.reason"): "why it was amended, written by an administrator for the record",
    ("holiday's reason", "holidays.history"): "the same, on record",
    ("reason", "topics.decisions"): "why staff decided upon a topic, written for their colleagues",
    ("reason on the page", "topics.decisions"): "the same, from the page",
    ("reason of a correction", "feedback.correction"): "why staff corrected a label, for their colleagues",
    **{
        (
            "reason of a report",
            where,
        ): "what speaks against a model, written by who measured it: figures, no text of anybody's"
        for where in ("models.said", "bucket models object")
    },
    **{
        (f"reason {of}", "topics.decisions"): "why staff edited a topic, written for their colleagues"
        for of in ("of a name", "of a place", "of a split", "of a merge", "of an undoing", "to ship")
    },
    **{
        (f"{name} in {tongue}", f"topics.{where}"): "what staff call a matter, for the public to read"
        for name, where in (
            ("topic's name", "edits"),
            ("topic's name", "decisions"),
            ("name split out", "edits"),
            ("name split out", "shown"),
            ("what was done", "edits"),
        )
        for tongue in ("en", "ur")
    },
    **{
        (name, f"releases.{attribute}"): "a release, for the public to read"
        for name, attribute in (
            ("release's version", "release_name"),
            ("release's notes", "notes"),
            ("version of a changelog", "release_name"),
            ("a change", "notes"),
        )
    },
    **{
        ("release's version", f"topics.{where}"): "the release that a topic is in"
        for where in ("edits", "decisions")
    },
    **dict.fromkeys(
        (
            ("page's name in en", "topics.decisions"),
            ("page's name in ur", "topics.decisions"),
            ("reason of a place on the page", "topics.decisions"),
            ("reason of a place on the page", "topics.edits"),
            ("version on the page", "releases.release_name"),
            ("changed notes", "releases.notes"),
        ),
        "what staff call a matter or a release, or say of it, from the page",
    ),
    **{
        (
            f"{what} of a view",
            "topics.views",
        ): "a reader's own list, under a name of their own: no text of anybody"
        for what in ("name", "words")
    },
}
SAID_OF_A_TOPIC = (
    *(
        f"reason of {of}"
        for of in ("a merge", "a name", "a place", "a place on the page", "a split", "an undoing")
    ),
    *("reason", "reason on the page", "reason to ship", "release's version", "version of a changelog"),
    *(
        f"{name} in {tongue}"
        for name in ("topic's name", "name split out", "what was done")
        for tongue in ("en", "ur")
    ),
)
"""What stands on a topic's page, whoever sent a form of it."""
# What a page that is refused may show besides what its own request held.
SHOWN_BACK = {
    **{
        (name, f"POST /board/topics/{{topic_id}}/{form}"): "the topic, beside the form that was wrong"
        for form in ("edits", "decisions")
        for name in SAID_OF_A_TOPIC
    },
    **{
        (f"{what} of a view", f"POST /board/{form}"): "one's own views, above the list"
        for form in ("views", "merges")
        for what in ("name", "words")
    },
    **{
        (name, f"POST /board/releases{one}"): "releases, beside the form that was wrong"
        for one in ("", "/{release_id}")
        for name in ("release's version", "version of a changelog", "version on the page")
    },
    ("topic's name in en", "POST /feedback/{feedback_id}/still-broken"): "what its writer was told is mended",
    **{
        ("reason of a report", f"POST /board/models/{step}"): "what speaks against a model, beside the form"
        for step in ("{model}/promote", "rollback")
    },
    **{
        (name, "POST /desk/{reference}/steps"): "the case, beside the step that its officer got wrong"
        for name in (
            "complaint for the pages card",
            "complaint for the pages narrative",
            "complaint for the pages place",
            "day it happened",
            "name for the pages",
            "phone for the pages",
            "note on the page",
            "question on the page",
        )
    },
}
# What others may be told, by whom it is read.
TOLD = {
    **{
        (said, reader): "topics are read with what staff decided and named"
        for reader in ("auditor", "product_owner")
        for said in (
            "reason of a name",
            "reason of a place",
            "reason of a split",
            "reason of a merge",
            "reason of an undoing",
            "reason to ship",
            "reason of a place on the page",
            "release's version",
            "version of a changelog",
            "version on the page",
            *(
                f"{name} in {tongue}"
                for name in ("topic's name", "page's name", "name split out", "what was done")
                for tongue in ("en", "ur")
            ),
        )
    },
    ("name of a view", "product_owner"): "one's own views, and nobody else's",
    ("words of a view", "product_owner"): "one's own views, and nobody else's",
    ("reason", "auditor"): "decisions upon topics are read with the topics",
    ("reason on the page", "auditor"): "decisions upon topics are read with the topics",
    ("reason", "product_owner"): "decisions upon topics are read with the topics",
    ("reason on the page", "product_owner"): "decisions upon topics are read with the topics",
    ("officer's subject", "administrator"): "administrators keep the officers' rows",
    ("service number", "administrator"): "administrators keep the officers' rows",
}


_seen: list[watching.Seen] = []


@pytest.fixture
def seen(tables, monkeypatch, capfd):
    """Everything sent once: whole, spoilt and while the house breaks down; then read by others and consumed."""
    if _seen:
        return _seen[0]
    with watching.Listening(monkeypatch) as listening:
        made = watching.Seen(journeys.everything())
        watching.consume(made, monkeypatch)
        made.kept = list(canaries.kept())
        watching.ask_as_others(made)
        watching.spoil(made)
        watching.break_down(made, monkeypatch)
        made.kept += canaries.kept()
    output = capfd.readouterr()
    made.logged += [("our log", listening.ours.getvalue()), ("the root's log", listening.root.getvalue())]
    made.logged += [("standard output", output.out), ("standard error", output.err)]
    watching.sort_refusals(made)
    _seen.append(made)
    return made


# --- what was sent


def test_every_route_was_sent(seen):
    missing = {(route.method, route.path) for route in ROUTES} - seen.traffic.routes

    assert not missing, f"send in tests/journeys.py: {sorted(missing)}"


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.takes is not None], ids=lambda route: f"{route.method} {route.path}"
)
def test_every_field_of_a_body_was_sent(seen, route):
    schema = TypeAdapter(route.takes).json_schema()
    members = [schema, *schema.get("$defs", {}).values()] if "oneOf" in schema else [schema]
    fields = {name for member in members for name in member.get("properties", {})}
    parts = {"kind", "number", "country"}  # of a document, inside its own field
    missing = fields - parts - seen.traffic.bodies[route.method, route.path]

    assert not missing, f"send in tests/journeys.py with a canary: {sorted(missing)}"


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.query is not None], ids=lambda route: f"{route.method} {route.path}"
)
def test_every_field_of_a_query_was_sent(seen, route):
    sent = set().union(
        *(seen.traffic.queries.get((r.method, r.path), ()) for r in ROUTES if r.query is route.query)
    )

    assert {field.alias or name for name, field in route.query.model_fields.items()} <= sent


def test_every_field_of_an_imported_record_was_sent(seen):
    sent = " ".join(seen.traffic.canaries.sent)
    free = {name for name in Feedback.model_fields if f"imported {name}" in sent}

    assert free >= {"text", "title", "version", "locale", "device", "screen", "person", "rating"}


# --- and where it is found


def test_nothing_of_anybody_is_kept_in_the_open(seen):
    assert seen.found(seen.kept, KEPT_AS_IT_IS) == []


def test_what_is_listed_as_kept_is_kept(seen):
    """A reason for what no longer happens would hide the next leak in that place."""
    assert set(KEPT_AS_IT_IS) <= set(seen.found(seen.kept))


def test_no_log_line_holds_anything_of_anybody(seen):
    assert seen.logged[0][1].count("\n") > 500, "nothing was logged"
    assert seen.found(seen.logged) == []


def test_no_refusal_says_what_was_sent(seen):
    """A problem never does, not even to whoever sent it: it may end in somebody's log."""
    assert seen.found(seen.refused) == []


def test_a_page_that_is_refused_shows_its_reader_what_they_sent_and_nothing_else(seen):
    assert [hit for hit in seen.shown_back if hit not in SHOWN_BACK] == []


def test_nobody_else_is_told(seen):
    assert seen.found(seen.others, TOLD) == []


def test_no_error_reaches_the_runtime_with_anybodys_words(seen):
    assert {where.partition(" of ")[0] for where, _ in seen.thrown} == {"answer", "error"}
    assert seen.found(seen.thrown) == []


def test_so_many_canaries_flew(seen):
    places = len(seen.kept) + len(seen.others) + len(seen.refused) + len(seen.thrown)
    print(f"{len(seen.traffic.canaries.sent)} canaries, {len(seen.traffic.answers)} answers, {places} places")

    assert len(seen.traffic.canaries.sent) > 140


# --- and that it would be found: the product made to tell in one place each


@pytest.fixture
def sent(tables, monkeypatch):
    """A traffic at its beginning, and what finds its canaries in what is kept."""
    return traffic.begun()


def kept_of(begun):
    return {name for name, _ in canaries.found(begun.canaries.sent, canaries.kept())}


def test_a_name_in_a_log_call_is_found(sent, monkeypatch):
    right = complaints.lodge

    def telling(caller, new, *rest):
        logging.getLogger("khidmat").info(f"lodged by {new.complainant_name}")  # noqa: G004 - that is the leak
        return right(caller, new, *rest)

    monkeypatch.setattr(complaints, "lodge", telling)
    with watching.Listening(monkeypatch) as listening:
        journeys.sign_in(sent)
        journeys.complain(sent)

    found = canaries.found(sent.canaries.sent, [("our log", listening.ours.getvalue())])
    assert {name for name, _ in found} == {"name", "other name"}


def test_a_field_that_is_not_sealed_is_found(sent, monkeypatch):
    def open_to_all(public_key, reference, fields):
        key = sealing.new_key()
        bare = tuple((name, text.encode()) for name, text in fields.items() if text)
        return sealing.seal_to(public_key, key, privacy.TABLE, reference, "key"), bare

    monkeypatch.setattr(complaints, "sealed_for", open_to_all)
    journeys.sign_in(sent)
    with pytest.raises(AssertionError):  # what is not sealed does not open either
        journeys.complain(sent)

    assert {"complaint narrative", "complaint place", "name", "phone"} <= kept_of(sent)


def test_a_comment_in_the_open_is_found_in_the_history_and_in_base64(sent, monkeypatch):
    monkeypatch.setattr(
        privacy.CaseKey, "sealed_text", lambda _, __, text: base64.b64encode(text.encode()).decode()
    )
    journeys.sign_in(sent)
    with pytest.raises(AssertionError):
        journeys.complain(sent)

    assert "comment of citizen" in kept_of(sent)


def test_the_name_of_a_file_beside_it_is_found(sent, monkeypatch):
    right = evidence_rules._notes
    monkeypatch.setattr(evidence_rules, "_notes", lambda key, e, new: right(key, e, new) | {"said": new.name})
    journeys.sign_in(sent)
    journeys.complain(sent)

    assert "name of a file left behind" in kept_of(sent)


def test_a_message_that_is_not_sealed_is_found_in_the_queue(sent, monkeypatch):
    monkeypatch.setattr(sealing, "wrap", lambda _, said, *__: said)
    card = {"kind": "cnic", "number": sent.canaries.card("card")}
    body = {"document": card, "phone": sent.canaries.phone("phone")}
    assert sent.send("nobody", ("POST", "/v1/accounts/challenges"), body).status == 202

    assert ("phone", "queue khidmat-test-codes") in canaries.found(sent.canaries.sent, canaries.kept())


def test_feedback_that_is_not_masked_is_found(sent, monkeypatch):
    monkeypatch.setattr(feedback, "mask_personal", lambda text: text)
    journeys.sign_in(sent)
    journeys.give_feedback(sent)

    assert {
        "feedback text: phone",
        "imported title: card",
        "revised text: name",
        "imported screen",
    } <= kept_of(sent)


def test_a_refusal_that_quotes_is_found(sent, monkeypatch):
    right = incoming.faults_of
    monkeypatch.setattr(
        incoming,
        "faults_of",
        lambda error, *rest, **more: [
            incoming.FieldFault(f"{each.pointer} {error.errors()[0]['input']}", each.fault, each.words)
            for each in right(error, *rest, **more)
        ],
    )
    journeys.sign_in(sent)
    sent.send("citizen", ("GET", "/v1/complaints"), query={"limit": sent.canaries.word("limit")})

    answers = [(" ".join(each.route), each.text) for each in sent.answers]
    assert ("limit", "GET /v1/complaints") in canaries.found(sent.canaries.sent, answers)
