"""The officers' pages, through the handler Lambda calls."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions import callers, desk_pages, instant
from functions.domain import complaints, steps, sweep
from functions.domain.access import CLEARANCE_WOMEN
from schemas.complaints import NewComplaint
from schemas.steps import Accept, Ask
from tests import keys, people, registered
from tests.factories import CITIZEN, DPO, OTHER_SDPO, SDPO, complaint_body
from tests.functions import browsing

NOW = datetime.now(UTC)
STEPS = "/desk/{}/steps"


@pytest.fixture(autouse=True)
def one_instant():
    """Minutes left are told: a run that began minutes ago must not count them."""
    with instant.told_by(lambda: NOW):
        yield


@pytest.fixture(autouse=True)
def officers(tables):
    for officer in (SDPO, DPO, OTHER_SDPO):
        people.enrol(officer)


def session(role):
    """The cookie of whoever has the role; the officers' rows stay as they were entered."""
    if role in ("sdpo", "dpo"):
        return {"role": None, "Cookie": f"{callers.COOKIE}={keys.token(f'{role}-1')}"}
    return {"role": role}


def get(url, *, role="sdpo", **more):
    return browsing.get(url, **session(role), **more)


def post(reference, action="accept", *, version=1, role="sdpo", part=False, **fields):
    form = {"action": action, "version": str(version)} | fields
    return browsing.post(STEPS.format(reference), form, **session(role), part=part)


def lodge(key="k", hours_ago=1.0, **changes):
    new = NewComplaint(**complaint_body(**changes))
    return complaints.lodge(CITIZEN, new, key, NOW - timedelta(hours=hours_ago)).reference


def present(reference):
    return complaints.show(CITIZEN, reference)


def listed(page):
    return re.findall(r"KH-\w{4}-\w{4}-\w", page.split('id="case"')[0])


def words_of(page):
    """The whole page's text without its tags, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- supervision


def test_supervision_counts_and_lists_by_time_left():
    late, fresh = lodge("a", hours_ago=14.2), lodge("b", hours_ago=7.4)
    sweep.flag_overdue(NOW)
    page = get("/supervision").text
    text = words_of(page)

    assert listed(page) == [late, late, fresh, fresh]
    assert "Overdue 1 Due in 4 h 1 Waiting for citizen 0 Open in all 2" in text
    assert "−6 h 1" in text
    assert "0 h 3" in text
    assert "Civil Lines Sub-division now with Lahore District lodged escalated 3 of 5" in text
    assert "FIR not registered" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("show=overdue", ["late"]),
        ("show=soon", ["soon"]),
        ("show=waiting", []),
        ("class=B&state=lodged", ["late", "soon", "fresh"]),
        ("class=A", []),
        ("office=sd-lhr-civil-lines&district=ds-lahore", ["late", "soon", "fresh"]),
        ("office=sd-lhr-model-town", []),
        ("state=accepted", []),
    ],
)
def test_each_count_and_filter_shows_its_own_cases(query, expected):
    made = {name: lodge(name, hours_ago=hours) for name, hours in (("late", 9), ("soon", 6), ("fresh", 1))}
    page = get(f"/desk?{query}").text

    assert list(dict.fromkeys(listed(page))) == [made[name] for name in expected]
    assert ("No open complaint matches these choices." in page) == (not expected)


def test_waiting_are_those_in_which_every_clock_was_met():
    reference = lodge("a", hours_ago=20)
    for number, action in enumerate(("accept", "contact", "report"), start=1):
        text = "The gate was opened again."
        more = {"contact": {"outcome": "reached"}, "report": {"finding": "substantiated", "text": text}}
        # The sweep had not come by: being late is put on record with the step that follows.
        reply = post(reference, action, version=number, **more.get(action, {}))
        assert reply.status == 303, reply.text
    lodge("b")

    assert listed(get("/supervision?show=waiting").text) == [reference] * 2


def test_pages_follow_on_without_repeat(monkeypatch):
    monkeypatch.setattr(desk_pages, "ROWS_A_PAGE", 2)
    known = [lodge(f"k-{number}", hours_ago=7 - number) for number in range(3)]
    page = get("/supervision?class=B").text
    following = re.search(r'href="([^"]+)">Next complaints', page)
    rest = get(html.unescape(following.group(1))).text

    assert list(dict.fromkeys(listed(page) + listed(rest))) == known
    assert 'href="/supervision?class=B">Back to the first' in rest


def test_where_nothing_lies_open_the_list_says_what_will_stand_there():
    assert "No complaint lies open here" in get("/supervision").text
    assert "یہاں کوئی شکایت کھلی نہیں" in get("/desk?lang=ur").text


def test_promises_are_drawn_by_office_and_by_class_and_lead_to_the_cases():
    empty = get("/supervision/promises").text
    reported = NOW - timedelta(minutes=1)
    registered.enter(
        registered.row(
            lodged_at=NOW, state="closed", closed_by="citizen", reported_at=reported, closed_at=reported,
            final_report_due=NOW,
        ),
        registered.row(2, lodged_at=NOW, complaint_class="A"),
    )  # fmt: skip
    by_class = get("/supervision/promises?by=class").text

    assert "No complaint was lodged in this time" in empty
    assert 'href="/supervision?office=sd-lhr-civil-lines"' in get("/supervision/promises").text
    assert 'href="/supervision?class=B"' in by_class
    assert "100 % kept; with certainty between 21 and 100 %" in by_class
    assert "none due yet" in by_class


@pytest.mark.parametrize("url", ["/supervision", "/desk", "/supervision/promises"])
def test_other_roles_are_told_for_whom_the_page_is(url):
    reply = get(url, role="product_owner")
    assert reply.status == 403
    assert "This page is for officers who answer complaints" in reply.text


def test_an_address_that_was_changed_leads_back_to_the_desk():
    reply = get("/desk?state=nonsense")
    assert reply.status == 400
    assert 'href="/desk">Open the desk' in reply.text


def test_the_navigation_holds_what_the_reader_may_open():
    officer, owner = get("/", role="sdpo").text, get("/", role="product_owner").text
    links = ("/board", "/supervision", "/desk")
    assert [f'href="{link}">' in officer.split("</nav>")[0] for link in links] == [False, True, True]
    assert [f'href="{link}">' in owner.split("</nav>")[0] for link in links] == [True, False, False]


# --- a case beside the list


def test_a_case_opens_beside_its_list_with_its_words_clocks_history_and_steps():
    reference, other = lodge("a", hours_ago=2), lodge("b")
    page = get(f"/desk/{reference}?class=B").text

    assert listed(page)[::2] == [reference, other] or set(listed(page)) == {reference, other}
    assert "refused to write my report of a stolen bicycle" in page
    assert "+923000000000" in page
    assert set(re.findall(r'data-key="(\w)"', page)) == {"a", "m", "t", "g"}
    assert f'action="/desk/{reference}/steps?class=B"' in page
    assert page.count('aria-current="true"') == 1


def test_the_open_page_gets_the_case_alone_and_its_line_anew():
    reference = lodge()
    part = get(f"/desk/{reference}", part=True).text

    assert "<html" not in part
    assert f'<template data-row="row-{reference}">' in part
    assert "stolen bicycle" in part


def test_a_case_of_another_office_is_not_there():
    reference = lodge(station="ps-lhr-model-town")
    reply = get(f"/desk/{reference}")

    assert reply.status == 404
    assert "There is no such case in your area." in reply.text
    assert post(reference).status == 404
    assert get("/desk/nonsense").status == 400


def test_a_clock_that_stands_is_said_to():
    reference = lodge(hours_ago=2)
    for step in (Accept(action="accept"), Ask(action="ask", text="Which gate?")):
        steps.take(SDPO, reference, step, NOW - timedelta(hours=1), None)
    page = get(f"/desk/{reference}").text

    assert "stands since" in page
    assert "with 2 d 22 h left" in page or "with 2 d 23 h left" in page
    assert "Go on without the answer" in page


# --- steps


def test_a_step_is_taken_and_said_with_the_state_it_led_to():
    reference = lodge()
    reply = post(reference)
    assert (reply.status, reply.headers["location"]) == (303, f"/desk/{reference}?changed=2#case")

    page = get(f"/desk/{reference}?changed=2").text
    assert "Done: accepted. The case is now: accepted." in page
    assert "Done: accepted." not in get(f"/desk/{reference}").text


def test_with_script_the_case_changes_in_place_and_is_said_aloud():
    reference = lodge()
    reply = post(reference, part=True)

    assert reply.status == 200
    assert (
        '<div id="said" hx-swap-oob="innerHTML">Done: accepted. The case is now: accepted.</div>'
        in reply.text
    )


@pytest.mark.parametrize(
    ("action", "fields", "said", "field"),
    [
        ("transfer", {"office": "sd-lhr-city", "text": " "}, "Why is missing; give it", "text"),
        (
            "transfer",
            {"office": "sd-lhr-civil-lines", "text": "Why"},
            "Office has the case already",
            "office",
        ),
        ("mark", {}, "Office is missing; give it", "office"),
        ("merge", {"into": "KH-2345-6789-A"}, "is no case of yours", "into"),
    ],
)
def test_what_is_wrong_in_a_step_is_said_beside_its_field(action, fields, said, field):
    reference = lodge()
    reply = post(reference, action, **fields)

    assert reply.status == 422
    assert said in words_of(reply.text)
    assert f'aria-describedby="{action}-{field}-fault"' in reply.text
    assert present(reference).state == "lodged"


def test_a_step_nobody_knows_is_refused_in_words():
    reply = post(lodge(), "explode")
    assert reply.status == 422
    assert "Not done. Please correct what is marked below." in reply.text


def test_what_somebody_else_did_meanwhile_is_shown_and_nothing_typed_is_lost():
    reference = lodge()
    steps.take(DPO, reference, Accept(action="accept"), NOW, None)
    reply = post(reference, "transfer", office="sd-lhr-city", text="It happened in the city.")
    late = post(reference, "accept", part=True)

    assert reply.status == late.status == 409
    assert "somebody else worked on this case meanwhile. It is now: accepted" in reply.text
    assert reply.text.count("It happened in the city.") >= 1
    assert present(reference).office == "sd-lhr-civil-lines"


def test_a_third_question_to_the_citizen_is_refused_with_the_reason():
    reference = lodge(hours_ago=2)
    version = 1
    for action in ("accept", "ask", "resume", "ask", "resume"):
        assert post(reference, action, version=version, text="Which gate?" * (action == "ask")).status == 303
        version += 1
    reply = post(reference, "ask", version=version, text="And which street?")

    assert reply.status == 409
    assert "And which street?" in reply.text


def test_a_step_that_is_never_an_officer_s_is_refused():
    assert post(lodge(), "withdraw").status == 403


def test_a_case_handed_to_another_area_leaves_the_desk():
    first, second = lodge("a"), lodge("b")
    moved = post(first, "transfer", office="sd-lhr-city", text="It happened in the city.")
    part = post(second, "transfer", office="sd-lhr-city", text="It happened in the city.", part=True)

    assert (moved.status, moved.headers["location"]) == (303, "/desk?passed_to=sd-lhr-city")
    assert part.headers["hx-redirect"] == "/desk?passed_to=sd-lhr-city"
    assert "outside your area" in get("/desk?passed_to=sd-lhr-city").text


def test_a_form_from_elsewhere_takes_no_step():
    reference = lodge()
    form = {"action": "accept", "version": "1"}
    assert browsing.post(STEPS.format(reference), form, **session("sdpo"), csrf="").status == 403
    assert present(reference).version == 1


# --- restricted cases


@pytest.fixture
def restricted():
    people.enrol(replace(SDPO, clearances=frozenset({CLEARANCE_WOMEN})))
    return lodge(category=CLEARANCE_WOMEN, narrative="She was threatened on the way home.")


def test_a_restricted_case_is_opened_for_a_purpose_that_goes_on_record(restricted):
    asked = get(f"/desk/{restricted}?class=A")
    page = get(f"/desk/{restricted}?class=A&purpose=handling")
    entry = present(restricted).history[-1]

    assert asked.status == 403
    assert "Say for what you open it." in asked.text
    assert '<input type="hidden" name="class" value="A">' in asked.text
    assert "She was threatened" not in asked.text
    assert "She was threatened" in page.text
    assert (entry.action, dict(entry.facts)) == ("read", {"purpose": "handling"})
    assert "Violence" not in page.text.split('id="case"')[0]


def test_steps_on_a_restricted_case_carry_the_purpose_on(restricted):
    assert post(restricted).status == 403
    reply = post(restricted, purpose="handling")

    assert reply.headers["location"] == f"/desk/{restricted}?purpose=handling&changed=2#case"
    assert "Done: accepted." in get(reply.headers["location"]).text
    assert "Say for what you open it." in get(f"/desk/{restricted}", part=True).text


def test_without_clearance_a_restricted_case_is_not_there():
    reference = lodge(category=CLEARANCE_WOMEN)
    assert get(f"/desk/{reference}?purpose=handling", role="sdpo").status == 404
    assert "KH-" not in get("/desk").text


def test_a_case_names_what_is_like_it_and_what_it_carries_on(monkeypatch):
    parent, child, alike = lodge("parent"), lodge("child"), lodge("alike")
    post(child, "merge", into=parent)
    monkeypatch.setattr(desk_pages.similar, "like", lambda *_: [(registered.row(1, reference=alike), 0.9)])
    shown = get(f"/desk/{parent}").text

    assert f'href="/desk/{child}"' in shown
    assert f'href="/desk/{alike}"' in shown
    assert "Complaints it carries on" in shown
