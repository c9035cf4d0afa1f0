"""The pages of the intake, through the handler Lambda calls."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions import callers, danger_pages
from functions.danger_view import waited
from functions.domain import danger
from functions.domain.access import Caller, Role
from functions.storage import cases
from functions.storage import danger as store
from functions.storage import feedback as feedback_store
from tests import factories, keys, people
from tests.functions import browsing
from tests.http import send

CENTRAL = Caller("central-1", Role.CENTRAL_OFFICE, "pb")
COLLEAGUE = Caller("central-2", Role.CENTRAL_OFFICE, "pb")
HELP = "He is at my door with a knife"


@pytest.fixture(autouse=True)
def officers(tables):
    for officer in (CENTRAL, COLLEAGUE):
        people.enrol(officer)


def session(who):
    return {"role": None, "Cookie": f"{callers.COOKIE}={keys.token(who)}"} if who else {"role": None}


def get(url, who="central-1", **more):
    return browsing.get(url, **session(who), **more)


def post(url, who="central-1", fields=None, **more):
    return browsing.post(url, fields or {}, **session(who), **more)


def call(number=1, minutes=3, state="open", **changes):
    """A text that somebody may be at risk in, raised so many minutes ago."""
    now = datetime.now(UTC)
    sent = factories.feedback(number, text=HELP, written_at=now - timedelta(minutes=minutes), **changes)
    labels = factories.labels(danger=True, type="other", types=("other",))
    feedback_store.put_many([feedback_store.Labelled(sent, labels, sent.content_digest)])
    raised = now - timedelta(minutes=minutes)
    row = store.DangerRow(sent.feedback_id, sent.app, sent.content_digest, state, raised)
    store.put(row, None)
    return sent.feedback_id


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def taken(feedback_id):
    return danger.acknowledge(CENTRAL, feedback_id, datetime.now(UTC), None)


# --- the list


def test_the_longest_waiting_stands_first_with_its_time_and_the_late_one_is_flagged():
    late, fresh = call(1, minutes=65), call(2, minutes=3)
    reply = get("/danger")
    text = words_of(reply.text)

    assert reply.text.index(f"call-{late}") < reply.text.index(f"call-{fresh}")
    assert "2 waiting 1 overdue" in text
    assert "Waiting for 1 h 05 min" in text
    assert "Waiting for 3 min" in text
    assert text.count("OVERDUE") == 1
    assert HELP in text
    assert re.search(r'title="since .\d{4}-\d\d-\d\d \d\d:\d\d PKT', reply.text)


def test_an_empty_list_says_that_nobody_is_waiting_in_both_languages():
    assert "Nobody is waiting" in words_of(get("/danger").text)
    assert "کوئی منتظر نہیں" in get("/danger?lang=ur").text
    assert "Nothing was taken up yet" in get("/danger?state=acknowledged").text
    assert "No old text was found" in get("/danger?state=past").text


def test_the_list_refreshes_itself_and_answers_that_with_its_part_alone():
    call()
    page, part = get("/danger").text, get("/danger?state=open", part=True).text

    assert 'hx-get="/danger?state=open" hx-trigger="every 15s"' in page
    assert "<html" not in part
    assert 'data-waiting="1"' in part
    assert "<textarea" not in part
    assert 'type="text"' not in part


def test_pages_follow_on_and_a_later_page_keeps_still(monkeypatch):
    monkeypatch.setattr(danger_pages, "CALLS_A_PAGE", 2)
    known = [call(number, minutes=30 - number) for number in range(3)]
    first = get("/danger").text
    following = html.unescape(re.search(r'href="([^"]+)">Next texts', first).group(1))
    rest = get(following).text

    assert "2+ waiting" in words_of(first)
    assert re.findall(r'id="call-(\w+)"', first) + re.findall(r'id="call-(\w+)"', rest) == known
    assert "hx-trigger" not in rest
    assert get(following.replace("state=open", "state=past")).status == 400


def test_a_text_that_is_gone_is_still_listed():
    feedback_store.FeedbackItem(call()).delete()

    assert "The text is not stored any more." in get("/danger").text


# --- one call


def test_taking_it_up_leads_to_the_call_and_stops_the_waiting():
    feedback_id = call()
    reply = post(f"/danger/{feedback_id}/acknowledge")
    after = get(reply.headers["location"]).text

    assert (reply.status, reply.headers["location"]) == (303, f"/danger/{feedback_id}?done=acknowledge")
    assert store.get(feedback_id).acknowledged_by == "central-1"
    assert "It is yours now." in after
    assert "with you" in after
    assert "Nobody is waiting" in get("/danger").text


def test_who_was_slower_is_told_who_has_it():
    feedback_id = call()
    taken(feedback_id)
    for part in (False, True):
        reply = post(f"/danger/{feedback_id}/acknowledge", "central-2", part=part)
        assert reply.status == 409
        assert "A colleague took it up before you: \u2066central-1\u2069" in html.unescape(reply.text)


def test_in_place_the_answer_is_the_call_alone_and_is_said_aloud():
    reply = post(f"/danger/{call()}/acknowledge", part=True)

    assert reply.status == 200
    assert "<html" not in reply.text
    assert '<div id="said" hx-swap-oob="innerHTML">It is yours now.' in reply.text


def test_whom_to_reach_is_shown_to_who_asks_alone_and_on_record_first(monkeypatch):
    monkeypatch.setattr(danger.feedback_store, "giver_of", lambda _: "p-somebody")
    monkeypatch.setattr(
        danger.preferences, "addressee", lambda _: type("To", (), {"addresses": {"sms": "+923000000001"}})()
    )
    feedback_id = call()
    before = get(f"/danger/{feedback_id}").text
    asked = post(f"/danger/{feedback_id}/giver").text
    after = get(f"/danger/{feedback_id}").text

    assert 'href="tel:+923000000001"' in asked
    assert "p-somebody" in asked
    assert "That you asked is on record." in asked
    assert not [page for page in (before, after) if "p-somebody" in page or "923000000001" in page]
    assert [entry.action for entry in store.get(feedback_id).history] == ["reach"]


def test_of_a_review_nobody_knows_the_writer_and_its_public_place_is_named():
    reply = post(f"/danger/{call()}/giver").text

    assert "Nobody knows who wrote this" in reply
    assert "https://play.google.com/store/apps/details?id=pk.khidmat.app" in reply


def test_what_came_of_it_is_said_after_it_was_taken_up():
    feedback_id = call()
    early = post(f"/danger/{feedback_id}/outcome", fields={"version": "1", "outcome": "helped"})
    version = str(taken(feedback_id).row.version)
    done = post(f"/danger/{feedback_id}/outcome", fields={"version": version, "outcome": "helped"})
    after = get(done.headers["location"]).text

    assert early.status == 409
    assert "Take it up first" in early.text
    assert done.status == 303
    assert "Noted: the person was helped." in after
    assert "the person was helped" in words_of(get("/danger?state=acknowledged").text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose what came of it."),
        ({"outcome": "case"}, "Give the number of a case that you may read"),
        ({"outcome": "case", "reference": "KH-1"}, "Give the number of a case that you may read"),
        ({"outcome": "helped", "reference": "KH-2345-6789-A"}, "Give the number of a case that you may read"),
    ],
)
def test_a_wrong_outcome_is_explained_beside_its_field_and_kept(fields, said):
    feedback_id = call()
    version = str(taken(feedback_id).row.version)
    reply = post(f"/danger/{feedback_id}/outcome", fields={"version": version, **fields})

    assert reply.status == 422
    assert said in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert f'value="{fields.get("reference", "")}"' in reply.text
    assert store.get(feedback_id).outcome is None


def test_a_stale_outcome_is_not_written_over_a_colleagues():
    feedback_id = call()
    version = taken(feedback_id).row.version
    danger.settle(COLLEAGUE, feedback_id, "helped", None, datetime.now(UTC), None)
    fields = {"version": str(version), "outcome": "not_reached"}
    reply = post(f"/danger/{feedback_id}/outcome", fields=fields)

    assert reply.status == 409
    assert "something was noted here meanwhile" in reply.text
    assert '<option value="not_reached" selected>' in reply.text
    assert store.get(feedback_id).outcome == "helped"


# --- lodging


def lodging(feedback_id, **changes):
    page = get(f"/danger/{feedback_id}/complaint").text
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    given = {"category": "illegal_detention", "where": "ps-lhr-mozang", "place": "", "narrative": HELP}
    return {"key": key, **given, **changes}


def test_the_form_brings_the_text_along_and_offers_only_what_needs_no_name():
    page = get(f"/danger/{call()}/complaint").text

    assert f">{HELP}</textarea>" in page
    assert 'value="illegal_detention"' in page
    assert 'value="fir_not_registered"' not in page
    assert 'value="ds-lahore"' in page
    assert 'value="ps-lhr-mozang"' in page


def test_a_complaint_is_lodged_noted_as_the_outcome_and_its_code_shown_once():
    feedback_id = call()
    taken(feedback_id)
    form = lodging(feedback_id)
    reply = post(f"/danger/{feedback_id}/complaint", fields=form)
    row = store.get(feedback_id)
    code = re.search(r"<b><bdi dir=\"ltr\">([A-Z0-9-]{24})</bdi></b>", reply.text).group(1)

    assert reply.status == 200
    assert (row.outcome, cases.get(row.reference).category) == ("case", "illegal_detention")
    assert code not in get(f"/danger/{feedback_id}").text
    # Sent twice it is lodged once.
    again = post(f"/danger/{feedback_id}/complaint", fields=form)
    assert code in again.text
    assert store.get(feedback_id).reference == row.reference


def test_the_same_form_with_other_words_is_not_taken_for_a_repeat():
    feedback_id = call()
    taken(feedback_id)
    form = lodging(feedback_id)
    post(f"/danger/{feedback_id}/complaint", fields=form)
    reply = post(f"/danger/{feedback_id}/complaint", fields=form | {"narrative": "Something else happened"})

    assert reply.status == 409
    assert "Something else happened" in reply.text


def test_nothing_is_lodged_for_a_call_that_nobody_took_up():
    feedback_id = call()
    reply = post(f"/danger/{feedback_id}/complaint", fields=lodging(feedback_id))

    assert reply.status == 409
    assert store.get(feedback_id).outcome is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "fir_not_registered"}, "category"),
        ({"where": ""}, "where"),
        ({"where": "ps-nowhere"}, "where"),
        ({"narrative": " "}, "narrative"),
    ],
)
def test_a_form_that_cannot_be_lodged_names_the_field(changes, field):
    feedback_id = call()
    taken(feedback_id)
    reply = post(f"/danger/{feedback_id}/complaint", fields=lodging(feedback_id, **changes))

    assert reply.status == 422
    assert f'id="{field}-fault"' in reply.text
    assert store.get(feedback_id).outcome is None


def test_a_district_will_do_where_the_station_is_not_known():
    feedback_id = call()
    taken(feedback_id)
    reply = post(f"/danger/{feedback_id}/complaint", fields=lodging(feedback_id, where="ds-kasur"))

    assert reply.status == 200
    assert cases.get(store.get(feedback_id).reference).district == "ds-kasur"


def test_a_restricted_case_is_lodged_though_its_officer_may_not_read_it():
    feedback_id = call()
    taken(feedback_id)
    fields = lodging(feedback_id, category="violence_against_women")
    reply = post(f"/danger/{feedback_id}/complaint", fields=fields)

    assert reply.status == 200
    assert "The case is lodged, but could not be noted here" in reply.text
    assert store.get(feedback_id).outcome is None


# --- who, and how


@pytest.mark.parametrize("part", ["", "/complaint"])
def test_others_are_refused_and_told_whose_page_it_is(part):
    path = f"/danger/{call()}{part}"

    for role in ("product_owner", "auditor", "administrator"):
        reply = browsing.get(path, role=role)
        assert reply.status == 403
        assert HELP not in reply.text
    assert browsing.get(path, role=None).headers["location"].startswith("/sign-in?")


@pytest.mark.parametrize("step", ["acknowledge", "giver", "outcome", "complaint"])
def test_a_form_made_elsewhere_does_nothing(step):
    feedback_id = call()

    assert post(f"/danger/{feedback_id}/{step}", csrf="").status == 403
    assert post(f"/danger/{feedback_id}/{step}", origin="https://elsewhere.example").status == 403
    assert (store.get(feedback_id).version, store.get(feedback_id).state) == (1, "open")


def test_what_was_never_a_call_is_not_there():
    for path in ("/danger/" + "0" * 26, "/danger/nothing", f"/danger/{'0' * 26}/complaint"):
        assert get(path).status == 404
    assert post(f"/danger/{'0' * 26}/acknowledge").status == 404


def test_the_menu_shows_it_to_the_intake_alone():
    assert 'href="/danger"' in get("/").text
    assert 'href="/danger"' not in browsing.get("/").text


@pytest.mark.parametrize(
    ("span", "key", "shown"),
    [
        (timedelta(seconds=-5), "waited_minutes", (0, 0, 0)),
        (timedelta(seconds=59), "waited_minutes", (0, 0, 0)),
        (timedelta(minutes=59, seconds=59), "waited_minutes", (0, 0, 59)),
        (timedelta(minutes=60), "waited_hours", (0, 1, 0)),
        (timedelta(hours=47, minutes=59), "waited_hours", (0, 47, 59)),
        (timedelta(hours=49), "waited_days", (2, 1, 0)),
    ],
)
def test_a_span_is_said_as_finely_as_it_matters(span, key, shown):
    found = waited(span)

    assert (found.key, (found.days, found.hours, found.minutes)) == (key, shown)


def test_a_call_given_in_the_app_names_no_citizen_until_asked(monkeypatch):
    from functions.domain import champion

    said = factories.labels(danger=True, type="other", types=("other",))
    monkeypatch.setattr(champion, "label", lambda record: said)
    feedback_id = send("POST", "/v1/feedback", body={"text": HELP}).json["feedback_id"]

    assert "citizen-1" not in get("/danger").text + get(f"/danger/{feedback_id}").text
    assert "citizen-1" in post(f"/danger/{feedback_id}/giver").text


def test_a_row_of_long_ago_says_how_soon_it_was_taken_up():
    feedback_id = call(minutes=5_000)
    row = store.get(feedback_id)
    at = row.raised_at + timedelta(minutes=9)
    store.put(replace(row, state="acknowledged", acknowledged_at=at, acknowledged_by="central-1"), row)

    assert "Taken up after 9 min" in words_of(get("/danger?state=acknowledged").text)
