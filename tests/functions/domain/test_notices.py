"""Who is told of which step, and what an officer may know of."""

from dataclasses import replace

import pytest

from functions.domain import notices, telling
from functions.domain.access import Caller, Role
from functions.domain.notices import TOLD_CITIZEN, TOLD_OFFICE, Change, event_of, told
from functions.messages import catalogue
from functions.storage import cases as case_store
from schemas.cases import CLOCKS, Entry
from tests.factories import CENTRAL_OFFICE, NOON, SDPO, case
from tests.news import change_of

CIVIL_LINES, LAHORE = "sd-lhr-civil-lines", "ds-lahore"
REFERENCE = "KH-2345-6789-A"


def entry(action, role="sdpo", sequence=2, **facts):
    return Entry(sequence, NOON, "somebody", role, action, facts=tuple(facts.items()))


def told_of(action, role="sdpo", *, of=None, **facts):
    change = change_of(of or case(), [entry(action, role, **facts)])
    return {(each.recipient, each.event) for each in told(change, change.entries[0])}


@pytest.fixture(autouse=True)
def merged(monkeypatch):
    """Cases merged into the one that is told of."""
    found = {}
    monkeypatch.setattr(case_store, "children_of", lambda _: list(found))
    monkeypatch.setattr(
        case_store, "many", lambda asked: {each: found[each] for each in asked if found[each] is not None}
    )
    return found


def test_every_step_that_is_told_has_its_sentence():
    citizens, to_offices = catalogue()["notices"], catalogue()["office_notices"]
    details = {"contact": ("reached",), "flag_overdue": CLOCKS, "remind": CLOCKS}
    for actions, sentences in ((TOLD_CITIZEN, citizens), (TOLD_OFFICE, to_offices)):
        events = {
            event_of(entry(action, **({notices.DETAIL[action]: detail} if detail else {})))
            for action in actions
            for detail in details.get(action, ("",))
        }
        assert events <= sentences.keys()
        # Of histories written before; and of releases and texts in danger, which are nobody's case.
        beside = {"contact.not_reached", telling.EVENT, "danger.raised", "danger.overdue"}
        assert sentences.keys() - events <= beside


@pytest.mark.parametrize(
    ("action", "role", "facts", "expected"),
    [
        ("accept", "sdpo", {}, {("citizen-1", "accept")}),
        ("contact", "sdpo", {"outcome": "reached"}, {("citizen-1", "contact.reached")}),
        ("attempt", "sdpo", {"outcome": "not_reached"}, {("citizen-1", "attempt")}),
        ("begin", "sdpo", {}, set()),
        ("call_back", "sdpo", {"outcome": "settled"}, set()),
        ("confirm", "citizen", {"rating": "5"}, {("office:sd-lhr-civil-lines", "confirm")}),
        ("object", "sdpo", {"outcome": "not_settled"}, {("office:sd-lhr-civil-lines", "object")}),
        ("inform", "citizen", {}, {("office:sd-lhr-civil-lines", "inform")}),
        ("remind", "clock", {"clock": "appeal"}, {("office:sd-lhr-civil-lines", "remind.appeal")}),
        ("forecast", "clock", {"probability": "0.8"}, {("office:sd-lhr-civil-lines", "forecast")}),
        ("attempts_needed", "clock", {"needed": "2"}, {("office:sd-lhr-civil-lines", "attempts_needed")}),
        ("evidence", "citizen", {}, set()),
        (
            "flag_overdue",
            "clock",
            {"clock": "final_report"},
            {
                ("citizen-1", "flag_overdue.final_report"),
                ("office:sd-lhr-civil-lines", "flag_overdue.final_report"),
            },
        ),
    ],
)
def test_a_step_is_told_to_whom_it_concerns(action, role, facts, expected):
    assert told_of(action, role, **facts) == expected


@pytest.mark.parametrize("action", ["mark", "transfer", "appeal", "escalate"])
def test_a_step_that_names_an_office_is_told_there(action):
    assert told_of(action, office=LAHORE) == {("citizen-1", action), ("office:ds-lahore", action)}
    assert ("office:sd-lhr-civil-lines", action) in told_of(action)


def test_a_comment_is_told_to_the_other_side_alone():
    assert told_of("comment", "citizen") == {("office:sd-lhr-civil-lines", "comment")}
    assert told_of("comment", "sdpo") == {("citizen-1", "comment")}


@pytest.mark.parametrize("about", [CIVIL_LINES, LAHORE])
def test_an_office_that_the_case_is_about_or_below_it_is_never_told(about):
    assert told_of("withdraw", "citizen", of=case(about_offices=(about,))) == set()


def test_an_office_that_is_not_known_is_not_told():
    assert told_of("escalate", office="nowhere") == {("citizen-1", "escalate")}


def test_owners_of_merged_cases_follow_by_their_own_reference_each_once(merged):
    merged["KH-A"] = case(reference="KH-A", owner="citizen-2")
    merged["KH-B"] = case(reference="KH-B", owner="citizen-2")
    merged["KH-C"] = case(reference="KH-C", owner="citizen-1")
    merged["KH-D"] = case(reference="KH-D", owner="citizen-3", category="violence_against_women")
    change = change_of(case(), [entry("report"), entry("ask")])
    followers = [
        (each.recipient, each.reference, each.is_restricted)
        for one in change.entries
        for each in told(change, one)
    ]

    assert followers == [
        ("citizen-1", REFERENCE, False),
        ("citizen-2", "KH-A", False),
        ("citizen-3", "KH-D", True),
        ("citizen-1", REFERENCE, False),
    ]


def test_a_case_that_is_gone_has_nobody_to_tell(merged):
    merged["KH-A"] = None

    assert told_of("report") == {("citizen-1", "report")}
    assert told_of("report", of=case(owner="")) == set()


# --- what an office reads of it


@pytest.fixture
def listed(tables):
    def noticed(reader, **changes):
        change = change_of(case(**changes), [entry("withdraw", "citizen")])
        notices.record_change(change)
        return [row.event for row in notices.of_office(reader, None, 10)[0]]

    return noticed


def test_an_officer_reads_the_notices_of_the_own_office(listed):
    assert listed(SDPO) == ["withdraw"]
    assert notices.of_office(CENTRAL_OFFICE, None, 10) == ([], None)
    assert notices.of_office(Caller("auditor-1", Role.AUDITOR), None, 10) == ([], None)


def test_a_restricted_case_is_told_to_those_who_are_cleared(listed):
    cleared = replace(SDPO, clearances=frozenset({"violence_against_women"}))

    assert listed(SDPO, category="violence_against_women") == []
    assert listed(cleared, category="violence_against_women") == ["withdraw"]


def test_an_accused_officer_reads_nothing_of_it_wherever_they_serve_by_now(listed):
    assert listed(SDPO, accused=("sdpo-1",)) == []
    assert listed(replace(SDPO, subject="sdpo-7"), accused=("sdpo-1",)) == ["withdraw"]


def test_a_notice_that_does_not_say_who_must_not_read_it_is_read_by_nobody(tables):
    notices.record_change(Change(REFERENCE, "", [entry("withdraw", "citizen")], office=CIVIL_LINES))

    assert notices.of_office(SDPO, None, 10)[0] == []
