from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain import feedback, labels
from functions.domain.errors import ChangedMeanwhile, NotFound, PreconditionFailed
from functions.storage import danger as danger_store
from functions.storage import feedback as store
from functions.storage.tables import StaleError, StoreFailureError
from schemas.labels import NewLabels
from tests import factories
from tests.factories import NOON, OWNER

pytestmark = pytest.mark.usefixtures("tables")
APP = "pk.khidmat.app"
OTHER_OWNER = replace(OWNER, subject="owner-2")
NOBODY = "0" * 26


def taking(*records, margin=2.0, **changes):
    said = factories.labels(margin=margin, model="m-1", **changes)
    return [each.outcome for each in feedback.take_in(records, lambda _: said, str, NOON)]


def text(number=1, **changes):
    taking(factories.feedback(number), **changes)
    return factories.feedback(number).feedback_id


def stored(feedback_id):
    return store.known([feedback_id])[feedback_id]


def usability(**changes):
    return NewLabels(**{"type": "usability", "area": "sign_in"} | changes)


def correct(feedback_id, new=None, by=OWNER, version=None, at=NOON):
    return labels.correct(by, feedback_id, new or usability(), at, version)


def queued(language=None, limit=10):
    found, position = [], None
    while True:
        rows, position = labels.queue(APP, language, position, limit)
        found += [row.feedback.external_id for row in rows]
        if position is None:
            return found


# --- corrections


def test_a_correction_holds_and_the_models_answer_stays_beside_it():
    feedback_id = text()
    correct(feedback_id, usability(types=["bug"], severity=2, reason="It works, nobody finds it"))
    row = stored(feedback_id)
    correction = row.labelling.correction

    assert (row.labels.type, row.labels.types, row.labels.area) == (
        "usability",
        ("usability", "bug"),
        "sign_in",
    )
    assert (row.labels.severity, row.labels.confidence, row.labels.model) == (2, 1.0, "")
    assert (correction.by, correction.at, correction.reason) == ("owner-1", NOON, "It works, nobody finds it")
    assert (correction.said.type, correction.said.model, correction.said.severity) == ("bug", "m-1", 4)


def test_what_a_person_does_not_say_stays_as_the_model_has_it():
    feedback_id = text(severity=3, sentiment="neutral")
    correct(feedback_id)

    assert stored(feedback_id).labels.severity == 3
    assert stored(feedback_id).labels.sentiment == "neutral"


def test_the_same_word_again_changes_nothing_whoever_says_it():
    feedback_id = text()
    first = correct(feedback_id, version=0)
    again = correct(feedback_id, by=OTHER_OWNER, version=0, at=NOON + timedelta(hours=1))

    assert again == first == stored(feedback_id)
    assert again.labelling.version == 1


def test_a_second_word_replaces_the_first_and_keeps_what_the_model_said():
    feedback_id = text()
    correct(feedback_id)
    row = correct(feedback_id, usability(type="praise", area="none"), by=OTHER_OWNER)

    assert (row.labels.type, row.labelling.version) == ("praise", 2)
    assert row.labelling.correction.said.type == "bug"
    assert [entry["do"] for entry in row.labelling.log] == ["correct", "correct"]


def test_a_word_on_labels_that_were_changed_is_refused():
    feedback_id = text()
    correct(feedback_id)

    with pytest.raises(PreconditionFailed):
        correct(feedback_id, usability(type="praise"), version=0)


def test_of_two_people_at_once_one_is_told_that_the_other_was_faster(monkeypatch):
    feedback_id = text()
    relabel = store.relabel

    def second_at_once(after, before):
        monkeypatch.setattr(store, "relabel", relabel)
        correct(feedback_id, usability(type="praise"), by=OTHER_OWNER)
        relabel(after, before)

    monkeypatch.setattr(store, "relabel", second_at_once)
    with pytest.raises(ChangedMeanwhile):
        correct(feedback_id)
    assert stored(feedback_id).labels.type == "praise"


def test_a_correction_whose_answer_was_lost_is_ours(monkeypatch):
    feedback_id = text()
    relabel = store.relabel

    def losing(after, before):
        relabel(after, before)
        raise StaleError

    monkeypatch.setattr(store, "relabel", losing)

    assert correct(feedback_id).labels.type == "usability"


@pytest.mark.parametrize("name", [NOBODY, "nonsense", "A" * 26])
def test_a_text_nobody_knows_is_not_found(name):
    with pytest.raises(NotFound):
        correct(name)


def test_undoing_brings_the_models_word_back():
    feedback_id = text(margin=0.1)
    before = stored(feedback_id)
    correct(feedback_id)
    row = labels.undo(OWNER, feedback_id, NOON, 1)

    assert row.labels == before.labels == stored(feedback_id).labels
    assert row.labelling.correction is None
    assert queued() == ["review-1"]


def test_undoing_nothing_changes_nothing():
    feedback_id = text()

    assert labels.undo(OWNER, feedback_id, NOON, None) == stored(feedback_id)


def test_corrections_are_found_without_a_scan_oldest_first():
    for number in (1, 2, 3):
        correct(text(number), at=NOON + timedelta(minutes=10 - number))
    text(4)
    first, position = labels.corrected(APP, None, 2)
    rest, end = labels.corrected(APP, position, 2)

    assert [row.feedback.external_id for row in first + rest] == ["review-3", "review-2", "review-1"]
    assert end is None
    labels.undo(OWNER, first[0].feedback.feedback_id, NOON, None)
    assert len(labels.corrected(APP, None, 5)[0]) == 2


# --- and the same text coming in again


def later(days=1, **changes):
    return factories.feedback(1, revised_at=NOON + timedelta(days=days), **changes)


def test_the_same_import_again_leaves_a_correction_alone():
    feedback_id = text()
    correct(feedback_id)

    assert taking(factories.feedback(1)) == ["unchanged"]
    assert stored(feedback_id).labels.type == "usability"


def test_another_rating_or_version_of_the_same_text_keeps_the_persons_word():
    feedback_id = text()
    correct(feedback_id)
    assert taking(later(rating=4, version="2.2"), type="praise", types=("praise",)) == ["replaced"]
    row = stored(feedback_id)

    assert (row.labels.type, row.feedback.rating) == ("usability", 4)
    assert row.labelling.correction.said.type == "praise"
    assert row.labelling.version == 2
    assert len(labels.corrected(APP, None, 5)[0]) == 1


def test_of_another_text_a_persons_word_says_nothing():
    feedback_id = text()
    correct(feedback_id)
    taking(later(text="Now it hangs"), type="performance", types=("performance",))
    row = stored(feedback_id)

    assert (row.labels.type, row.labelling.correction) == ("performance", None)
    assert labels.corrected(APP, None, 5) == ([], None)
    assert row.labelling.log[0]["do"] == "correct"


def test_a_correction_made_while_a_revision_comes_in_is_kept(monkeypatch):
    feedback_id = text()
    revise = store.revise

    def correcting_first(row, before):
        monkeypatch.setattr(store, "revise", revise)
        correct(feedback_id)
        revise(row, before)

    monkeypatch.setattr(store, "revise", correcting_first)
    taking(later(rating=2), type="praise", types=("praise",))
    row = stored(feedback_id)

    assert (row.labels.type, row.feedback.rating) == ("usability", 2)
    assert row.labelling.correction.said.type == "praise"
    assert len(row.revisions) == 1


def test_a_revision_that_another_run_of_the_import_was_first_with_is_done(monkeypatch):
    feedback_id = text()
    revise = store.revise

    def twice(row, before):
        revise(row, before)
        revise(row, before)

    monkeypatch.setattr(store, "revise", twice)
    taking(later(rating=2))

    assert len(stored(feedback_id).revisions) == 1


def test_a_text_that_is_changed_again_and_again_is_answered_as_busy(monkeypatch):
    text()

    def never(*_):
        raise StaleError

    monkeypatch.setattr(store, "revise", never)
    with pytest.raises(StoreFailureError):
        taking(later(rating=2))


# --- the queue of what a person is asked about


def test_the_most_uncertain_is_asked_about_first_over_all_languages():
    for number, (margin, language) in enumerate([(0.4, "en"), (0.05, "ur"), (0.2, "ur-Latn"), (0.1, "en")]):
        text(number, margin=margin, language=language)
    text(9, margin=3.0)

    assert queued() == ["review-1", "review-3", "review-2", "review-0"]
    assert queued(limit=1) == queued(limit=3) == queued()
    assert queued("en") == ["review-3", "review-0"]
    assert labels.waiting(APP).count == 4


def test_whoever_abstained_is_asked_about_whatever_the_lead():
    text(1, margin=1.7, abstained=True)

    assert queued() == ["review-1"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "", "rating": 1}, {}),
        ({"text": " \n"}, {}),
        ({}, {"danger": True}),
        ({}, {"margin": None}),
        ({}, {"margin": 0.5}),
    ],
    ids=["empty", "blank", "somebody in danger", "no margin", "sure enough"],
)
def test_what_teaches_nothing_is_not_asked_about(sent, said):
    taking(factories.feedback(1, **sent), **{"margin": 0.1} | said)

    assert queued() == []


def test_a_text_that_was_labelled_is_asked_about_no_more():
    feedback_id = text(margin=0.1)
    correct(feedback_id)

    assert queued() == []
    assert labels.waiting(APP).count == 0


def test_a_text_passed_by_goes_to_the_end_and_then_away():
    first, _ = text(1, margin=0.1), text(2, margin=0.4)
    skipped = labels.skip(OWNER, first, NOON, 0)
    assert queued() == ["review-2", "review-1"]
    labels.skip(OWNER, first, NOON, skipped.labelling.version)

    assert queued() == ["review-2"]
    assert labels.skip(OWNER, first, NOON, None).labelling.skipped == 2


def test_passing_by_twice_by_one_click_is_refused():
    first = text(1, margin=0.1)
    labels.skip(OWNER, first, NOON, 0)

    with pytest.raises(PreconditionFailed):
        labels.skip(OWNER, first, NOON, 0)


def test_what_was_passed_by_stays_away_when_its_rating_changes():
    first = text(1, margin=0.1)
    for _ in range(2):
        labels.skip(OWNER, first, NOON, None)
    taking(later(rating=5), margin=0.1)

    assert queued() == []


def test_the_count_for_a_menu_ends_somewhere(monkeypatch):
    from functions.storage import label_queue

    monkeypatch.setattr(label_queue, "COUNTED", 2)
    for number in range(3):
        text(number, margin=0.1)

    assert labels.waiting(APP) == label_queue.Waiting(2, is_more=True)


# --- and somebody in danger


def test_whoever_marks_a_text_as_danger_calls_the_officers():
    feedback_id = text()
    correct(feedback_id, usability(danger=True))

    assert danger_store.get(feedback_id).state == "open"
    assert stored(feedback_id).labels.danger


def test_a_text_that_an_officer_cleared_comes_back_and_is_asked_about():
    feedback_id = text(danger=True)
    labels.clear_of_danger(OWNER, feedback_id, NOON)
    row = labels.clear_of_danger(OWNER, feedback_id, NOON)

    assert not row.labels.danger
    assert row.labelling.version == 1
    assert queued() == ["review-1"]
    taking(later(rating=3), danger=True)
    assert not stored(feedback_id).labels.danger
    taking(later(days=2, text="He is here with a knife"), danger=True)
    assert stored(feedback_id).labels.danger


def test_clearing_goes_on_after_somebody_elses_change(monkeypatch):
    feedback_id = text(danger=True)
    relabel = store.relabel

    def correcting_first(after, before):
        monkeypatch.setattr(store, "relabel", relabel)
        correct(feedback_id)
        relabel(after, before)

    monkeypatch.setattr(store, "relabel", correcting_first)
    row = labels.clear_of_danger(OWNER, feedback_id, NOON)

    assert (row.labels.type, row.labels.danger) == ("usability", False)
    assert queued() == []


def test_a_text_that_has_gone_is_cleared_of_nothing():
    assert labels.clear_of_danger(OWNER, NOBODY, NOON) is None
