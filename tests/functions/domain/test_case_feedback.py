"""What is said in cases, as the stream brings it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feedback_ml.text import mask_personal
from functions import events
from functions.domain import case_feedback, complaints, feedback, steps
from functions.domain.history import with_entry
from functions.storage import cases
from functions.storage import feedback as store
from functions.storage.sealing import UnsealedError
from schemas.complaints import NewComplaint
from schemas.steps import Accept, Begin, Confirm, Contact, Dispute, Report
from schemas.topics import NewFeedback
from tests import factories
from tests.factories import CITIZEN, NOON, SDPO, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
NOW = NOON.replace(month=8, day=3)
"""A Monday on which the policy with matters of the app is in force."""
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr(events.instant, "now", lambda: NOW)


def image(tables, reference):
    key = {"reference": {"S": reference}}
    return tables.get_item(TableName="khidmat-test-cases", Key=key, ConsistentRead=True)["Item"]


def follow(old, new):
    change = events._change(old, new)
    return case_feedback.follow(change.entries, new, lambda _: factories.labels(), mask_personal, NOW)


def kept():
    return [row.feedback for row in store.of_app("pk.khidmat.app")]


def lodged(**changes):
    return complaints.lodge(CITIZEN, NewComplaint(**complaint_body(**changes)), "key-1", NOW).reference


def reported(reference):
    for n, step in enumerate(
        (
            Accept(action="accept"),
            Contact(action="contact", outcome="reached"),
            Begin(action="begin"),
            Report(action="report", finding="substantiated", text="It was found and given back."),
        )
    ):
        steps.take(SDPO, reference, step, NOW + (n + 1) * HOUR, None)
    return reference


def confirmed(tables, *, rating=5, text="Quick. Officer Mr Zqname called me, 0300 1234567", **changes):
    """(image before, image after) of a citizen's confirmation."""
    reference = reported(lodged(**changes))
    before = image(tables, reference)
    steps.take(CITIZEN, reference, Confirm(action="confirm", rating=rating, text=text), NOW + 9 * HOUR, None)
    return before, image(tables, reference)


def test_a_rating_on_confirming_becomes_feedback_that_names_no_case_and_nobody(tables):
    before, after = confirmed(tables)

    assert follow(before, after) == 1
    (record,) = kept()
    assert (record.source, record.rating, record.district) == ("case_rating", 5, "ds-lahore")
    assert record.written_at == NOW + 9 * HOUR
    assert record.text.startswith("Quick.")
    said = record.model_dump_json()
    assert not any(word in said for word in (after["reference"]["S"], "1234567", "Zqname", "citizen-1"))


def test_a_poor_rating_that_became_an_appeal_is_a_rating_all_the_same(tables):
    assert follow(*confirmed(tables, rating=1, text=None)) == 1
    assert [(record.rating, record.text) for record in kept()] == [(1, "")]


def test_records_that_come_twice_or_without_what_came_before_are_one_text(tables):
    before, after = confirmed(tables)
    assert [follow(before, after), follow(before, after), follow({}, after)] == [1, 0, 0]
    assert follow(before, before) == 0
    assert len(kept()) == 1


def test_confirming_without_a_rating_says_nothing_of_the_service(tables):
    assert follow(*confirmed(tables, rating=None)) == 0
    assert kept() == []


def test_other_steps_are_no_feedback(tables):
    reference = reported(lodged())
    before = image(tables, reference)
    steps.take(CITIZEN, reference, Dispute(action="dispute", text="Not true at all"), NOW + 9 * HOUR, None)

    assert follow({}, before) == follow(before, image(tables, reference)) == 0


def test_nothing_of_a_restricted_case_is_ever_feedback(tables):
    case = factories.case(category="violence_against_women", office="sd-lhr-civil-lines")
    rated = with_entry(
        case, at=NOW, actor="citizen-1", role="citizen", action="confirm", facts=(("rating", "5"),)
    )
    cases.create(rated, complaints.indexed(rated))

    assert follow({}, image(tables, case.reference)) == 0
    assert kept() == []


def test_of_a_complaint_about_somebody_only_the_stars_are_kept(tables):
    before, after = confirmed(tables, text="Constable Zqname is a thief")
    about = after | {"about": {"S": "ps-lhr-mozang"}}

    assert follow(before, about) == 1
    assert [(record.rating, record.text) for record in kept()] == [(5, "")]


def test_a_complaint_about_the_app_is_feedback_too(tables):
    reference = lodged(
        category="app_or_site", narrative="The app hangs. Call 0300 1234567, card 00000-1234567-1"
    )

    assert follow({}, image(tables, reference)) == 1
    (record,) = kept()
    assert (record.source, record.rating, record.district) == ("complaint", None, "ds-lahore")
    assert record.text == "The app hangs. Call [phone], card [cnic]"
    assert reference not in record.model_dump_json()


@pytest.mark.parametrize("about", [{"about": {"S": "ps-lhr-mozang"}}, {"accused": {"S": "officer-9"}}])
def test_a_complaint_about_the_app_and_about_somebody_is_none(tables, about):
    reference = lodged(category="app_or_site")

    assert follow({}, image(tables, reference) | about) == 0
    assert kept() == []


def test_no_other_complaint_is_feedback(tables):
    assert follow({}, image(tables, lodged())) == 0
    assert kept() == []


def test_one_person_is_one_person_in_the_app_and_in_a_case(tables):
    follow(*confirmed(tables))
    feedback.give(
        CITIZEN,
        NewFeedback(text="Slow"),
        "pk.khidmat.app",
        "k",
        NOW,
        lambda _: factories.labels(),
        mask_personal,
    )

    assert len({record.person for record in kept()}) == 1


def test_a_rating_goes_with_whoever_gave_it_when_they_are_forgotten(tables):
    follow(*confirmed(tables))
    rows, _ = store.of_giver("citizen-1", after=None, limit=10)
    assert len(rows) == 1

    assert store.forget_giver("citizen-1") == 1
    assert [record.person for record in kept()] == [""]


def test_what_nobody_can_open_any_more_is_a_rating_alone(tables, monkeypatch):
    before, after = confirmed(tables)

    def sealed(*_):
        raise UnsealedError

    monkeypatch.setattr(case_feedback, "key_of", sealed)
    assert follow(before, after) == 1
    assert [(record.rating, record.text) for record in kept()] == [(5, "")]


def test_a_complaint_that_nobody_can_open_any_more_is_none(tables):
    reference = lodged(category="app_or_site")
    erased = {k: v for k, v in image(tables, reference).items() if k != "key"}

    assert follow({}, erased) == 0


def test_the_consumer_of_the_stream_follows_them_after_everybody_was_told(tables):
    before, after = confirmed(tables)
    events._follow(before, after)

    assert [record.source for record in kept()] == ["case_rating"]
    assert replace(factories.case()).reference not in str(kept())
