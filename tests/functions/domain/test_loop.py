"""From shipped to measured, told, still broken and back; and what the public reads of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from functions.domain import (
    changelog,
    dispatch,
    loop,
    preferences,
    releases,
    reopening,
    still_broken,
    telling,
    topic_decisions,
    topic_edits,
)
from functions.domain.errors import NotFound, NothingToldYet
from functions.storage import feedback as feedback_store
from functions.storage import messages, notices
from functions.storage import releases as release_store
from functions.storage import topics as topic_store
from schemas.releases import ChangedRelease, NewRelease, StillBroken
from schemas.topic_edits import Merge
from schemas.topics import NewDecision
from tests import factories
from tests.factories import CITIZEN, NOON, OTHER_CITIZEN, OWNER
from tests.outbox import PERSON, Told
from tests.topics import APP, CODE, SLIP, about, given_by, plainly_grouped, regroup, stored, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings")
SHIPPED = NOON + timedelta(days=60)
LATER = SHIPPED + timedelta(days=60)


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    found = []
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", found.append)
    return found


@pytest.fixture
def written():
    """What two people signed in here wrote, among others, before the release."""
    take_in(CODE * 3, days=1)
    own = [given_by("citizen-1", 1, CODE[0]), given_by("citizen-1", 2, CODE[3], NOON + timedelta(days=1))]
    other = given_by("citizen-2", 3, CODE[1], NOON + timedelta(days=2))
    return own, other


def shipped(word="otp", now=SHIPPED, version="2.4", **more):
    """The topic, out with its release; nobody is told yet."""
    regroup(now)
    topic = about(word)
    release = releases.create(OWNER, NewRelease(version=version), APP, now)
    new = NewDecision(status="in_release", release_id=release.release_id, **more)
    topic_decisions.decide(OWNER, topic.row.topic_id, new, now, None)
    releases.change(OWNER, release.release_id, ChangedRelease(state="shipped"), now, None)
    return topic.row.topic_id, release.release_id


def say(caller, feedback_id, now=LATER, **said):
    return still_broken.say(
        caller, feedback_id, StillBroken(**said), now, lambda _: factories.labels(), lambda text: text
    )


def told_of(person):
    return notices.of_recipient(person, before=None, limit=10)[0]


def waiting():
    return [
        messages.get(message)
        for shard in messages.SHARDS
        for message in messages.due_before(LATER + timedelta(days=9), shard)
    ]


# --- telling


def test_everybody_signed_in_who_wrote_about_it_is_told_once(written):
    topic_id, _ = shipped()
    for day in range(3):
        regroup(SHIPPED + timedelta(days=day))

    assert sorted(row.recipient for row in waiting()) == ["citizen-1", "citizen-2"]
    assert [len(told_of(person)) for person in ("citizen-1", "citizen-2")] == [1, 1]
    assert stored(topic_id).standing.told == 2


def test_the_notice_names_what_is_to_be_answered_the_matter_and_the_version(written):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    (notice,) = told_of("citizen-1")

    assert notice.reference == written[0][1]  # the newest of the person's own texts
    assert notice.event == telling.EVENT
    assert dict(notice.words)["version"] == "2.4"
    assert dict(notice.words)["topic_en"] == stored(topic_id).row.name["en"]


def test_runs_at_once_tell_nobody_twice(written, monkeypatch):
    topic_id, release_id = shipped()
    topic, release = stored(topic_id), release_store.get(release_id)
    ids = topic_store.members(topic)
    rows = feedback_store.known(ids)
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: telling.tell(topic, release, ids, rows, SHIPPED), range(4)))

    assert len(waiting()) == 2
    assert len(told_of("citizen-1")) == 1


def test_a_run_that_was_cut_short_goes_on_where_it_was(written, monkeypatch):
    shipped()
    add, tried = messages.add, []

    def failing(row):
        tried.append(row)
        if len(tried) == 2:
            raise RuntimeError("the process went")
        return add(row)

    monkeypatch.setattr(messages, "add", failing)
    with pytest.raises(RuntimeError):
        regroup(SHIPPED)
    regroup(SHIPPED + timedelta(hours=1))

    assert sorted(row.recipient for row in waiting()) == ["citizen-1", "citizen-2"]


def test_who_wrote_only_after_it_shipped_is_not_told_that_it_is_mended(written):
    shipped()
    given_by("citizen-3", 9, CODE[0], SHIPPED + timedelta(days=1))
    regroup(SHIPPED + timedelta(days=2))

    assert told_of("citizen-3") == []


def test_who_was_forgotten_is_not_told(written):
    shipped()
    feedback_store.forget_giver("citizen-1")
    regroup(SHIPPED)

    assert [row.recipient for row in waiting()] == ["citizen-2"]


def test_the_message_goes_by_the_persons_channel_in_their_language(written, monkeypatch):
    shipped()
    regroup(SHIPPED)
    monkeypatch.setattr(preferences, "addressee", lambda _: replace(PERSON, tongue="ur"))
    carrier = Told()
    for row in waiting():
        assert dispatch.deliver(row.message, carrier, SHIPPED) == "sent"
        assert dispatch.deliver(row.message, carrier, SHIPPED) is None

    assert {(letter.channel, letter.tongue) for letter in carrier.accepted} == {("sms", "ur")}
    assert all(dict(letter.words)["topic_ur"] for letter in carrier.accepted)


def test_after_another_release_people_are_told_again(written):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    say(CITIZEN, written[0][0])
    again = SHIPPED + timedelta(days=7)
    shipped(now=again, version="2.5")
    regroup(again + timedelta(days=1))

    assert len(told_of("citizen-2")) == 2
    assert (stored(topic_id).row.status, stored(topic_id).row.still_broken) == ("shipped", 0)


@pytest.mark.parametrize(
    "name", ["x" * 80, "a name of many words that goes on and on and does not come to its end"]
)
def test_a_long_name_is_cut_to_what_a_sentence_takes(name):
    assert len(telling.shortened(name, telling.LONGEST_NAME)) <= telling.LONGEST_NAME
    assert telling.shortened(name, telling.LONGEST_NAME).endswith("..")
    assert telling.shortened("short", 10) == "short"


# --- still broken


def test_one_answer_of_few_who_were_told_reopens_the_topic(written):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    noted = say(CITIZEN, written[0][0])

    assert noted.reopened
    assert stored(topic_id).row.status == "regressed"
    assert stored(topic_id).decisions[-1].by == "citizens"
    assert "2.4" in stored(topic_id).decisions[-1].reason


def test_a_person_counts_once_by_whichever_of_their_texts(written):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    for feedback_id in (written[0][0], written[0][1], written[0][0]):
        say(CITIZEN, feedback_id)
    say(OTHER_CITIZEN, written[1])

    assert stored(topic_id).row.still_broken == 2
    assert [d.status for d in stored(topic_id).decisions].count("regressed") == 1


def test_answers_at_once_are_all_counted_and_reopen_once(written, monkeypatch):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    with ThreadPoolExecutor(4) as several:
        done = list(
            several.map(
                lambda turn: say(*((CITIZEN, written[0][0]) if turn % 2 else (OTHER_CITIZEN, written[1]))),
                range(8),
            )
        )

    assert all(each.reopened for each in done)
    assert stored(topic_id).row.still_broken == 2
    assert [d.status for d in stored(topic_id).decisions].count("regressed") == 1


def test_what_is_said_is_kept_as_feedback_of_that_version_once(written):
    shipped()
    regroup(SHIPPED)
    for _ in range(2):
        say(CITIZEN, written[0][0], text="OTP still does not arrive")
    texts, _ = feedback_store.of_giver("citizen-1", after=None, limit=10)

    assert [(t.feedback.text, t.feedback.version) for t in texts][-1] == ("OTP still does not arrive", "2.4")
    assert len(texts) == 3


def test_only_the_writer_answers_for_a_text(written):
    shipped()
    regroup(SHIPPED)
    for caller, feedback_id in ((OTHER_CITIZEN, written[0][0]), (CITIZEN, "0" * 26)):
        with pytest.raises(NotFound):
            say(caller, feedback_id)


def test_before_anybody_was_told_there_is_nothing_to_answer(written):
    regroup(SHIPPED)

    with pytest.raises(NothingToldYet):
        say(CITIZEN, written[0][0])


def test_of_a_topic_merged_since_the_answer_counts_for_the_one_it_went_into(written):
    take_in(SLIP * 3, first=100)
    topic_id, release_id = shipped()
    regroup(SHIPPED)
    slip = about("slip").row.topic_id
    topic_decisions.decide(
        OWNER, slip, NewDecision(status="in_release", release_id=release_id), SHIPPED, None
    )
    topic_edits.merge(OWNER, slip, Merge(topic_ids=[topic_id]), SHIPPED, None)

    assert say(CITIZEN, written[0][0]).reopened
    assert stored(slip).row.status == "regressed"


def test_an_answer_to_what_is_open_again_changes_nothing(written):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    say(CITIZEN, written[0][0])
    topic_decisions.decide(OWNER, topic_id, NewDecision(status="accepted"), LATER, None)

    assert say(OTHER_CITIZEN, written[1]).reopened
    assert stored(topic_id).row.status == "accepted"


@pytest.mark.parametrize(
    ("answers", "told", "reopens"),
    [(0, 0, False), (1, 0, True), (1, 100, True), (1, 101, False), (2, 200, True)],
)
def test_of_very_many_told_one_in_a_hundred_reopens(answers, told, reopens):
    assert reopening.enough(answers, told) is reopens


def test_an_answer_that_a_crash_left_uncounted_for_reopens_at_night(written, monkeypatch):
    topic_id, _ = shipped()
    regroup(SHIPPED)
    monkeypatch.setattr(reopening, "decide_by_itself", lambda *_: False)
    assert not say(CITIZEN, written[0][0]).reopened
    monkeypatch.undo()
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", lambda _: None)
    regroup(SHIPPED + timedelta(days=1))

    assert stored(topic_id).row.status == "regressed"


# --- measuring

OTHERS = [f"the {thing} page is empty, the {thing} list does not load" for thing in ("map", "fee", "form")]


def traffic(code_before, code_after):
    """Four weeks on either side; others write all the time about what no release touches."""
    begin = SHIPPED - timedelta(days=28)
    for number, (start, code) in enumerate(
        ((begin, code_before), (SHIPPED + timedelta(hours=1), code_after))
    ):
        take_in(CODE * code, first=10_000 * number, days=28 / (4 * code or 1), start=start, version="")
        for thing, text in enumerate(OTHERS):
            first = 10_000 * number + 1_000 * (thing + 2)
            take_in([text] * 60, first=first, days=28 / 60, start=start, version="")


def judged(code_before, code_after):
    traffic(code_before, code_after)
    topic_id, _ = shipped(now=SHIPPED)
    regroup(SHIPPED + timedelta(days=29))
    return stored(topic_id)


def test_a_topic_that_falls_silent_after_its_release_is_measured_as_helped():
    topic = judged(20, 1)

    assert (topic.row.status, topic.row.verdict) == ("measured", "helped")
    assert topic.row.measured.high < 1
    assert topic.decisions[-1].by == "measurement"


def test_a_topic_that_is_written_about_as_before_shows_no_change():
    topic = judged(20, 20)

    assert (topic.row.status, topic.row.verdict) == ("measured", "no_change")


def test_a_topic_that_got_worse_is_open_again_by_itself():
    topic = judged(8, 40)

    assert (topic.row.status, topic.row.verdict) == ("regressed", "worse")


def test_of_a_release_just_out_it_is_too_early_to_say():
    traffic(20, 1)
    topic_id, _ = shipped(now=SHIPPED)
    regroup(SHIPPED + timedelta(days=2))

    assert (stored(topic_id).row.status, stored(topic_id).row.verdict) == ("shipped", "too_early")


def test_measuring_again_changes_nothing():
    before = judged(20, 1)
    regroup(SHIPPED + timedelta(days=29))

    assert stored(before) == before


def test_a_night_without_releases_looks_at_no_topic(written, monkeypatch):
    regroup(SHIPPED)
    monkeypatch.setattr(loop.topic_store, "get", None)
    loop.follow(APP, {}, {}, SHIPPED, SHIPPED)


# --- the public changelog


def test_the_public_reads_what_was_said_and_done_by_release_newest_first():
    done = {"en": "Codes now come by WhatsApp too", "ur": "کوڈ اب واٹس ایپ سے بھی آتے ہیں"}
    traffic(20, 1)
    topic_id, _ = shipped(now=SHIPPED, done=done)
    releases.create(
        OWNER, NewRelease(version="2.0", state="shipped", released_on=date(2026, 1, 1)), APP, SHIPPED
    )
    releases.create(OWNER, NewRelease(version="9.0"), APP, SHIPPED)
    regroup(SHIPPED + timedelta(days=29))
    entries, position = changelog.page(APP, None, 10)

    assert [entry.version for entry in entries] == ["2.4", "2.0"]  # what is to come is not told
    assert position is None
    (item,) = entries[0].items
    assert (item.said, item.done, item.verdict) == (stored(topic_id).row.name, done, "helped")
    assert item.people == stored(topic_id).row.people


def test_of_few_people_the_public_reads_no_figure(written):
    shipped()
    regroup(SHIPPED)
    topic = about("otp")
    few = topic.row.model_copy(update={"people": 9})
    topic_store.save_ranking(few, topic_store.members(topic))
    (item,) = changelog.page(APP, None, 10)[0][0].items

    assert (item.people, item.verdict) == (None, None)


def test_the_changelog_is_paged_over_what_is_planned_without_gap():
    for number in range(5):
        day = date(2026, 1, 1 + number)
        releases.create(
            OWNER, NewRelease(version=f"1.{number}", state="shipped", released_on=day), APP, SHIPPED
        )
        releases.create(OWNER, NewRelease(version=f"7.{number}"), APP, SHIPPED)
    first, position = changelog.page(APP, None, 2)
    rest, end = changelog.page(APP, position, 10)

    assert [entry.version for entry in (*first, *rest)] == ["1.4", "1.3", "1.2", "1.1", "1.0"]
    assert end is None


def test_the_public_reads_that_a_matter_is_open_again(written):
    shipped()
    regroup(SHIPPED)
    say(CITIZEN, written[0][0])
    (item,) = changelog.page(APP, None, 10)[0][0].items

    assert item.status == "regressed"
