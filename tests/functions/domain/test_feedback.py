from datetime import timedelta

import pytest
from botocore.client import BaseClient

from functions.domain import feedback
from functions.domain.errors import IdempotencyKeyReused
from functions.storage import feedback as store
from schemas.topics import NewFeedback
from tests import factories
from tests.factories import CITIZEN, NOON, OTHER_CITIZEN

pytestmark = pytest.mark.usefixtures("tables")


def labelled(_):
    return factories.labels()


def masked(text):
    return text.replace("0300 1112222", "[phone]")


def take(*records):
    return [outcome.outcome for outcome in feedback.take_in(records, labelled, masked)]


def give(text="Too slow", key="key-1", caller=CITIZEN):
    return feedback.give(caller, NewFeedback(text=text), "pk.khidmat.app", key, NOON, labelled, masked)


def kept():
    return list(store.of_app("pk.khidmat.app"))


def test_a_new_record_is_added_and_the_same_again_is_unchanged():
    assert take(factories.feedback(1), factories.feedback(2)) == ["added", "added"]
    assert take(factories.feedback(1), factories.feedback(2)) == ["unchanged", "unchanged"]
    assert len(kept()) == 2


def test_a_record_twice_in_one_batch_is_one():
    assert take(factories.feedback(1), factories.feedback(1)) == ["added", "unchanged"]


def test_a_revised_text_replaces_itself_and_keeps_what_it_said():
    later = NOON + timedelta(days=40)
    take(factories.feedback(1, text="Broken"))

    assert take(factories.feedback(1, text="Works now", rating=5, revised_at=later)) == ["replaced"]
    (row,) = kept()
    assert row.feedback.text == "Works now"
    assert [revision["text"] for revision in row.revisions] == ["Broken"]


def test_an_older_month_read_again_does_not_bring_the_old_text_back():
    take(factories.feedback(1, text="Works now", revised_at=NOON + timedelta(days=40)))

    assert take(factories.feedback(1, text="Broken")) == ["unchanged"]
    assert kept()[0].feedback.text == "Works now"


def test_a_revision_inside_one_batch_keeps_both():
    outcomes = take(
        factories.feedback(1, text="Broken"),
        factories.feedback(1, text="Works now", revised_at=NOON + timedelta(days=1)),
    )

    assert outcomes == ["added", "replaced"]
    assert kept()[0].revisions[0]["text"] == "Broken"


def test_people_are_masked_before_anything_is_stored_and_labelled():
    seen = []

    def watching(record):
        seen.append(record.text)
        return factories.labels()

    feedback.take_in([factories.feedback(1, text="Call me at 0300 1112222")], watching, masked)

    assert seen == ["Call me at [phone]"]
    assert kept()[0].feedback.text == "Call me at [phone]"


def test_texts_of_many_months_and_apps_are_all_found_again():
    take(*(factories.feedback(n, written_at=NOON + timedelta(days=31 * n)) for n in range(14)))
    take(factories.feedback(99, app="org.example.video"))

    assert len(kept()) == 14
    assert [app for app, _ in store.apps()] == ["org.example.video", "pk.khidmat.app"]


def test_an_app_nobody_wrote_about_has_no_texts():
    assert list(store.of_app("nobody.knows.it")) == []


def test_a_batch_larger_than_the_store_takes_at_once_goes_in_whole():
    assert take(*(factories.feedback(n) for n in range(130))) == ["added"] * 130
    assert len(kept()) == 130


def test_feedback_from_inside_the_app_is_kept_once_under_its_key():
    first, again = give(), give()

    assert again.feedback.feedback_id == first.feedback.feedback_id
    assert len(kept()) == 1


def test_another_text_under_the_same_key_is_refused():
    give()

    with pytest.raises(IdempotencyKeyReused):
        give("Something else")


def test_the_same_person_is_known_again_and_never_named():
    people = [
        give(key="a").feedback.person,
        give(key="b").feedback.person,
        give(key="c", caller=OTHER_CITIZEN).feedback.person,
    ]

    assert people[0] == people[1] != people[2]
    assert "citizen-1" not in people


def test_a_number_is_masked_wherever_it_was_written():
    said = dict.fromkeys(("text", "title", "version", "device", "screen"), "0300 1112222")
    take(factories.feedback(1, **said))

    assert {getattr(kept()[0].feedback, name) for name in said} == {"[phone]"}


def test_a_person_named_by_a_source_is_kept_as_a_digest():
    own = "0123456789abcdef" * 2
    take(factories.feedback(1, person="35202-1234567-1"), factories.feedback(2, person=own))
    people = {row.feedback.external_id: row.feedback.person for row in kept()}

    assert "35202" not in people["review-1"]
    assert len(people["review-1"]) == 26
    assert people["review-2"] == own


@pytest.fixture
def calls(monkeypatch):
    made, call = [], BaseClient._make_api_call

    def recorded(client, operation, given):
        made.append((operation, given))
        return call(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return made


def test_the_apps_own_item_is_written_once_a_month_not_with_every_comment(calls):
    for number in range(5):
        give(key=f"key-{number}")

    assert [operation for operation, _ in calls].count("UpdateItem") == 1


def test_what_a_process_remembers_as_registered_is_bounded(monkeypatch):
    monkeypatch.setattr(store, "REGISTERED_KEPT", 3)
    take(*(factories.feedback(n, app=f"app-{n}") for n in range(9)))

    assert len(store._registered) <= 3
    assert len(store.apps()) == 9


def test_what_was_just_acknowledged_is_known(calls):
    store.known(["0" * 26])
    ((_, given),) = calls

    assert [asked["ConsistentRead"] for asked in given["RequestItems"].values()] == [True]
