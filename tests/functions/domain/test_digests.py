"""The weekly letter: once a week to each, what changed since the last, and nothing of few people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions import digest_letter, scheduled, sending
from functions.domain import alerts, digests, dispatch
from functions.domain.dispatch import Letter
from functions.storage import messages, models, queues
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from functions.storage.tables import StoreFailureError
from schemas.models import Drift, Shifted
from schemas.topics import Decision
from tests import factories
from tests.http import Context
from tests.outbox import Told
from tests.topics import APP, about, plainly_grouped, regroup, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings")
MONDAY = datetime(2026, 5, 18, 3, tzinfo=UTC)
"""08:00 in Pakistan."""
WEEK = timedelta(days=7)
START = MONDAY - timedelta(days=40)


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture(autouse=True)
def listed(monkeypatch):
    monkeypatch.setenv("KHIDMAT_DIGEST_TO", "en:owner@example.org,ur:other@example.org")


@pytest.fixture
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(queues, "ask_to_send_message", found.append)
    return found


@pytest.fixture
def board():
    """Twelve people on the code, three on the slip."""
    take_in(["otp does not come"] * 12, start=START)
    take_in(["no slip"] * 3, first=50, start=START)
    regroup(MONDAY)


def write(now=MONDAY):
    return digests.write(now, own_app=APP, base_url="https://khidmat.example")


def letter_of(asked, at=-2, tongue="en"):
    row = messages.get(asked[at])
    return Letter(
        "email", "owner@example.org", tongue, row.event, row.reference,
        to_office=False, key=row.message, at=row.at, words=row.words,
    )  # fmt: skip


def text_of(asked, at=-2, tongue="en"):
    return digest_letter.written(letter_of(asked, at, tongue))[1]


def changed(word, **changes):
    """The stored topic with these changed, as a night or a decision would."""
    topic = about(word)
    decisions = changes.pop("decisions", ())
    topic_store.save_ranking(topic.row.model_copy(update=changes), topic_store.members(topic))
    if decisions:
        item = topic_store.TopicItem.get(topic.row.topic_id)
        item.update(
            [
                topic_store.TopicItem.decisions.set(topic_store.decisions_text(decisions)),
                topic_store.TopicItem.status.set(decisions[-1].status),
            ]
        )


# --- once a week


def test_everybody_on_the_list_is_written_to_once_a_week_however_often_it_runs(board, asked):
    assert write() == digests.Written(2, 2)
    assert write(MONDAY + timedelta(days=6)) == digests.Written(2, 0)
    assert write(MONDAY + WEEK) == digests.Written(2, 2)
    assert len(set(asked)) == 4


def test_a_week_begins_on_monday_in_pakistan_and_its_year_is_its_own():
    assert digests.week_of(datetime(2026, 5, 17, 18, 59, tzinfo=UTC)) == "2026-W20"
    assert digests.week_of(datetime(2026, 5, 17, 19, 0, tzinfo=UTC)) == "2026-W21"
    assert digests.week_of(datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"


def test_a_run_that_was_cut_short_is_finished_by_the_next_without_a_second_letter(board, asked, monkeypatch):
    add = messages.add
    kept = []

    def dies_on_the_second(row):
        if kept:
            raise StoreFailureError
        kept.append(row.message)
        return add(row)

    monkeypatch.setattr(messages, "add", dies_on_the_second)
    with pytest.raises(StoreFailureError):
        write()
    monkeypatch.setattr(messages, "add", add)
    assert write() == digests.Written(2, 1)
    assert kept[0] not in asked


def test_two_runs_at_once_write_one_letter_each(board, asked, monkeypatch):
    get = messages.get
    monkeypatch.setattr(messages, "get", lambda key: None)
    first, second = write(), write()
    monkeypatch.setattr(messages, "get", get)
    assert (first.written, second.written) == (2, 0)


def test_a_queue_that_is_down_leaves_the_letters_to_the_schedule(board, monkeypatch, caplog):
    def down(message):
        raise StoreFailureError

    monkeypatch.setattr(queues, "ask_to_send_message", down)
    assert write().written == 2
    assert "wait for the schedule" in caplog.text
    shards = [messages.due_before(MONDAY + timedelta(minutes=2), shard) for shard in messages.SHARDS]
    assert len([message for found in shards for message in found]) == 2


def test_with_nobody_on_the_list_nothing_is_read_or_written(asked, monkeypatch):
    monkeypatch.delenv("KHIDMAT_DIGEST_TO")
    monkeypatch.setattr(digests, "compose", None)
    assert write() == digests.Written(0, 0)


def test_the_schedule_writes_it(board, asked):
    from tests.functions.test_scheduled import tick

    assert scheduled.send_digest(tick(MONDAY), Context()) == {"recipients": 2, "written": 2}


# --- on its way


def test_it_goes_by_email_in_the_readers_language(board, asked):
    write()
    carrier = Told()
    assert [dispatch.deliver(message, carrier, MONDAY) for message in asked] == ["sent", "sent"]
    assert [(each.channel, each.address, each.tongue) for each in carrier.accepted] == [
        ("email", "owner@example.org", "en"),
        ("email", "other@example.org", "ur"),
    ]


def test_one_that_is_refused_is_tried_again(board, asked):
    write()
    carrier = Told(answers=["refused"])
    assert dispatch.deliver(asked[0], carrier, MONDAY) == "waiting"
    assert dispatch.deliver(asked[0], carrier, MONDAY + timedelta(minutes=2)) == "sent"


def test_who_has_left_the_list_since_is_not_written_to(board, asked, monkeypatch):
    write()
    monkeypatch.setenv("KHIDMAT_DIGEST_TO", "")
    assert dispatch.deliver(asked[0], Told(), MONDAY) == "lapsed"


# --- what it says


def test_a_first_letter_tells_places_and_a_second_how_they_changed(board, asked):
    write()
    assert "1. One-time code does not arrive (12 people" in text_of(asked)
    assert "as last week" not in text_of(asked)
    write(MONDAY + WEEK)
    assert "as last week" in text_of(asked)


def test_topics_that_rose_or_fell_are_said_to_have(board, asked):
    write()
    first, second = about("code").row, about("slip").row
    changed("code", rank=second.rank)
    changed("slip", rank=first.rank)
    write(MONDAY + WEEK)
    told = text_of(asked)
    assert "up 1" in told
    assert "down 1" in told


def test_a_topic_that_was_not_there_a_week_ago_is_said_to_be_new_to_the_list(board, asked):
    write()
    take_in(["map is blank"] * 3, first=90, start=START)
    regroup(MONDAY + WEEK)
    write(MONDAY + WEEK)
    assert "not on last week's list" in text_of(asked)


def test_a_letter_that_was_left_out_is_bridged_for_four_weeks(board, asked):
    write()
    write(MONDAY + 4 * WEEK)
    assert "as last week" in text_of(asked)
    write(MONDAY + 9 * WEEK)
    assert "as last week" not in text_of(asked)


def test_figures_of_few_people_are_withheld(board, asked):
    changed("slip", trend="escalating", verdict="worse")
    write()
    _subject, text, html = digest_letter.written(letter_of(asked))
    (line,) = [each for each in text.splitlines() if "Payment slip" in each]
    assert line.strip() == "2. Payment slip is not made (fewer than 10 people)"
    assert "3 people" not in html


def test_what_moves_and_what_was_done_this_week_have_lists_of_their_own(board, asked):
    decision = Decision(at=MONDAY - timedelta(days=2), by="release", status="shipped", action="ship")
    changed("code", trend="escalating", decisions=(decision,))
    write()
    text = text_of(asked)
    moving, done = text.index("New, escalating or back"), text.index("Shipped and measured this week")
    assert "escalating" in text[moving:done].split("\n", 1)[1]
    assert "shipped" in text[done:].split("\n", 1)[1]


def test_what_was_done_before_this_week_is_not_told_again(board, asked):
    decision = Decision(at=MONDAY - timedelta(days=8), by="release", status="shipped", action="ship")
    changed("code", decisions=(decision,))
    write()
    text = text_of(asked)
    assert "None this week." in text[text.index("Shipped and measured") :]


def call_for_help(number):
    text = factories.feedback(number, text="He has a knife", written_at=MONDAY)
    alerts.raise_alert(Labelled(text, factories.labels(danger=True), "digest"), MONDAY)


@pytest.mark.parametrize(("calls", "said"), [(1, "! Calls for help wait"), (11, "! 11 calls for help wait")])
def test_calls_for_help_come_first_and_are_counted_only_when_many(asked, calls, said):
    for number in range(calls):
        call_for_help(number)
    asked.clear()
    write()
    assert text_of(asked).splitlines()[1].startswith(said)


def test_without_feedback_the_letter_says_so(asked):
    write()
    assert "No feedback has been grouped yet." in text_of(asked)
    assert "calls" not in text_of(asked)


def test_drift_and_texts_to_label_are_told(board, asked, monkeypatch):
    shift = Shifted(psi=0.3, js=0.1, before={}, after={})
    models.save_drift(
        Drift(
            app=APP, as_of=MONDAY, texts_before=500, texts_after=90, measured=True, missed_before=0.0,
            missed_after=0.1, types=shift, languages=shift, alarms=("missed_words", "types"),
        )
    )  # fmt: skip
    monkeypatch.setattr(digests.labels, "waiting", lambda app: digests_waiting(412, is_more=False))
    write()
    assert "412 texts wait for a label." in text_of(asked)
    assert "words it never saw, other kinds of text" in text_of(asked)
    monkeypatch.setattr(digests.labels, "waiting", lambda app: digests_waiting(400, is_more=True))
    write(MONDAY + WEEK)
    assert "400 texts and more wait" in text_of(asked)


def digests_waiting(count, *, is_more):
    from functions.storage.label_queue import Waiting

    return Waiting(count, is_more)


def test_the_urdu_letter_is_urdu_from_right_to_left(board, asked):
    write()
    subject, text, html = digest_letter.written(letter_of(asked, -1, "ur"))
    assert "ون ٹائم کوڈ نہیں آتا" in text
    assert '<html lang="ur" dir="rtl">' in html
    assert "2026-W21" in subject


def test_a_name_is_text_and_never_markup(board, asked):
    changed("code", name={"en": "<b>Bold</b>", "ur": "<b>"})
    write()
    html = digest_letter.written(letter_of(asked))[2]
    assert "&lt;b&gt;Bold" in html
    assert "<b>Bold" not in html


def test_an_email_carries_both_parts(board, asked, monkeypatch):
    sent = []
    monkeypatch.setattr(sending.mail, "send", lambda *said: sent.append(said))
    monkeypatch.setenv("KHIDMAT_EMAIL_SENDER", "notices@khidmat.example")
    write()
    assert sending.Providers().send(letter_of(asked)) == "sent"
    ((sender, address, subject, text, html),) = sent
    assert (sender, address) == ("notices@khidmat.example", "owner@example.org")
    assert subject == "Khidmat: the week's feedback, 2026-W21"
    assert "https://khidmat.example/board" in text
    assert "https://khidmat.example/board" in html


def test_in_a_local_run_it_lies_in_the_folder_once(board, asked, tmp_path):
    write()
    folder = sending.Folder(tmp_path)
    letter = replace(letter_of(asked), channel="email")
    assert [folder.send(letter), folder.send(letter)] == ["sent", "sent"]
    (file,) = tmp_path.glob("*.json")
    assert "<html" in file.read_text(encoding="utf-8")
