from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain import constraints, feedback, regrouping, topic_decisions, topics
from functions.domain.errors import ChangedMeanwhile, InvalidRequest, NotFound, PreconditionFailed
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from functions.storage.tables import StaleError
from schemas.topics import Decision, NewDecision
from tests import factories
from tests.factories import NOON, OWNER

pytestmark = pytest.mark.usefixtures("tables")
APP = "pk.khidmat.app"
MATTERS = {
    "code": [
        "OTP code does not arrive",
        "OTP nahi aa raha",
        "او ٹی پی نہیں آ رہا",
        "the OTP code never arrives on my phone",
        "otp code nahi aata",
    ],
    "slip": [
        "payment slip is not generated",
        "PSID payment slip is not made, the fee cannot be paid",
        "fee payment slip not generated again",
        "the payment slip id is not generated",
    ],
}


def take_in(texts, first=0, **changes):
    records = [
        factories.feedback(first + n, text=text, written_at=NOON + timedelta(days=n), **changes)
        for n, text in enumerate(texts)
    ]
    feedback.take_in(records, lambda _: factories.labels(), str)


def board():
    """As stored: what is shown of so few people holds no figures (test_disclosure)."""
    rows, _ = topic_store.ranked(APP, after=None, limit=100)
    return rows


@pytest.fixture
def grouped():
    for number, texts in enumerate(MATTERS.values()):
        take_in(texts, first=number * 100)
    regrouping.regroup(APP, NOON + timedelta(days=30))
    return board()


def decide(topic, status="accepted", reason=None, if_version=None):
    decision = NewDecision(status=status, reason=reason)
    return topic_decisions.decide(OWNER, topic.row.topic_id, decision, NOON, if_version)


def test_texts_become_topics_with_names_quotes_and_reasons_that_sum(grouped):
    assert grouped
    for topic in grouped:
        assert topic.row.name["en"]
        assert topic.row.name["ur"]
        assert topic.row.quotes
        assert sum(topic.row.parts.values()) == pytest.approx(topic.row.score, abs=0.2)


def test_ranks_count_from_one_in_order_of_the_score(grouped):
    assert [t.row.rank for t in grouped] == list(range(1, len(grouped) + 1))
    assert [t.row.score for t in grouped] == sorted((t.row.score for t in grouped), reverse=True)


def test_grouping_again_changes_nothing(grouped):
    regrouping.regroup(APP, NOON + timedelta(days=30))

    assert board() == grouped


def test_a_topic_keeps_its_id_and_its_decisions_when_texts_join_it(grouped):
    first = grouped[0]
    decide(first)
    take_in(["OTP code still does not arrive", "otp nahi mila"], first=900)
    take_in(["payment slip not generated, again"], first=950)
    regrouping.regroup(APP, NOON + timedelta(days=31))
    kept = topics.show(first.row.topic_id)

    assert kept.row.status == "accepted"
    assert [d.status for d in kept.decisions] == ["accepted"]


def test_praise_makes_no_topic():
    records = [factories.feedback(n, text=f"Very good app {n}") for n in range(6)]
    feedback.take_in(records, lambda _: factories.labels(type="praise", types=("praise",)), str)

    assert regrouping.regroup(APP, NOON) == 0


def test_an_app_without_feedback_has_no_topics():
    assert regrouping.regroup("nobody.knows.it", NOON) == 0


def test_trends_end_at_the_newest_text_and_never_after_now(grouped):
    assert {t.row.as_of for t in grouped} == {NOON + timedelta(days=4)}


def test_a_topics_texts_come_newest_first_page_by_page(grouped):
    topic = max(grouped, key=lambda t: t.row.texts)
    first, position = topics.quotes(topic, None, 2)
    rest, end = topics.quotes(topic, position, 100)
    times = [q.written_at for q in (*first, *rest)]

    assert len(times) == topic.row.texts
    assert times == sorted(times, reverse=True)
    assert end is None


def test_a_decision_is_kept_with_its_reason(grouped):
    decided = decide(grouped[0], "declined", "Asked for by law")

    assert decided.row.status == "declined"
    assert (decided.decisions[-1].by, decided.decisions[-1].reason) == (OWNER.subject, "Asked for by law")
    assert decided.row.version == grouped[0].row.version + 1


def test_a_decision_on_a_version_that_has_passed_is_refused(grouped):
    decide(grouped[0])

    with pytest.raises(PreconditionFailed):
        decide(grouped[0], if_version=grouped[0].row.version)


def test_of_two_decisions_at_once_the_second_is_told_the_state(grouped, monkeypatch):
    def stale(*_, **__):
        raise StaleError

    monkeypatch.setattr(topic_changes, "decide", stale)

    with pytest.raises(ChangedMeanwhile):
        decide(grouped[0])


def test_a_topic_nobody_knows_is_not_found():
    with pytest.raises(NotFound):
        topics.show("t-0000000000000000")


def vanish(monkeypatch):
    monkeypatch.setattr(regrouping.grouping, "group", lambda items: [])
    regrouping.regroup(APP, NOON + timedelta(days=30))


def test_a_topic_nobody_writes_about_goes_unless_it_was_decided_upon(grouped, monkeypatch):
    decide(grouped[0])
    vanish(monkeypatch)

    assert [t.row.topic_id for t in board()] == [grouped[0].row.topic_id]
    assert board()[0].row.status == "accepted"


def test_a_topic_decided_upon_at_that_very_moment_stays_with_its_texts(grouped, monkeypatch):
    ids = topic_store.members(grouped[0])

    def decided_meanwhile(previous, groups):
        decide(grouped[0])
        return {}

    monkeypatch.setattr(constraints, "match", decided_meanwhile)
    vanish(monkeypatch)

    assert [t.row.topic_id for t in board()] == [grouped[0].row.topic_id]
    assert topic_store.members(board()[0]) == ids


def test_a_topic_that_goes_while_it_is_read_has_no_texts(grouped):
    topic_store.remove(grouped[0])

    assert topics.quotes(grouped[0], None, 10) == ([], None)


def test_a_decision_whose_reply_was_lost_is_no_conflict(grouped, monkeypatch):
    write = topic_changes.decide

    def tried_again(*given, **named):
        write(*given, **named)
        return write(*given, **named)

    monkeypatch.setattr(topic_changes, "decide", tried_again)
    decided = decide(grouped[0], "planned")

    assert decided.row.status == "planned"
    assert len(decided.decisions) == 1


def decide_often(topic, times):
    for number in range(times):
        decide(topic, "accepted", f"Reason {number}")
    return topic_store.get(topic.row.topic_id)


def test_of_many_decisions_the_item_holds_the_latest_and_none_is_lost(grouped):
    topic = decide_often(grouped[0], 130)

    assert len(topic.decisions) <= topic_store.DECISIONS_IN_ITEM
    assert topic.decisions[-1].reason == "Reason 129"
    assert [d.reason for d in topics.decisions(topic)] == [f"Reason {n}" for n in range(130)]


def test_a_stale_decision_moves_none_of_the_older_ones(grouped):
    full = decide_often(grouped[0], topic_store.DECISIONS_IN_ITEM)
    late = Decision(at=NOON, by="owner-2", status="shipped", reason="Too late")
    before = replace(full, row=full.row.model_copy(update={"version": full.row.version - 1}))
    with pytest.raises(StaleError):
        topic_changes.decide((topic_changes.Change(before, late),))

    assert topic_store.get(full.row.topic_id) == full
    with pytest.raises(topic_store.DoesNotExist):
        topic_store.older_decisions(replace(full, decision_parts=1))


def test_texts_go_on_where_they_were_when_the_last_one_shown_has_left_the_topic(grouped):
    topic = max(grouped, key=lambda t: t.row.texts)
    shown, position = topics.quotes(topic, None, 2)
    left = [i for i in topic_store.members(topic) if i != shown[-1].feedback_id]
    topic_store.save_ranking(topic.row, left)
    rest, _ = topics.quotes(topics.show(topic.row.topic_id), position, 100)

    assert [quote.feedback_id for quote in rest] == left[1:]


def test_what_is_not_a_topics_id_does_not_reach_the_store(monkeypatch):
    monkeypatch.setattr(topic_store, "get", None)

    for topic_id in ("", "t-", "t-0123456789ABCDEF", "t-0123456789abcdef\n", "t-x#members#0000"):
        with pytest.raises(NotFound):
            topics.show(topic_id)


def test_a_ranking_from_an_older_reading_does_not_replace_a_newer_one(grouped, monkeypatch):
    group, overtaken = regrouping.grouping.group, []

    def slowly(items):
        if not overtaken:
            overtaken.append(True)
            take_in(["OTP code does not arrive today"], first=900)
            regrouping.regroup(APP, NOON + timedelta(days=30))
        return group(items)

    monkeypatch.setattr(regrouping.grouping, "group", slowly)
    regrouping.regroup(APP, NOON + timedelta(days=30))

    assert sum(t.row.texts for t in board()) == sum(t.row.texts for t in grouped) + 1


def test_an_app_that_cannot_be_ranked_keeps_no_other_from_it(grouped):
    take_in(MATTERS["slip"], first=1, app="a.first.by.name")
    regrouping.regroup("a.first.by.name", NOON + timedelta(days=30))
    broken = topics.ranked("a.first.by.name", None, 1)[0][0].row.topic_id
    topic_store.TopicItem(broken).update([topic_store.TopicItem.shown.set("{")])
    take_in(["OTP code does not arrive today"], first=900)
    with pytest.raises(regrouping.AppsNotRegroupedError, match="1"):
        regrouping.regroup_all(NOON + timedelta(days=30))

    assert sum(t.row.texts for t in board()) == sum(t.row.texts for t in grouped) + 1


def test_a_regrouping_leaves_decisions_made_meanwhile_alone(grouped):
    decide(grouped[0])
    topic_store.save_ranking(grouped[0].row, topic_store.members(grouped[0]))

    assert topics.show(grouped[0].row.topic_id).row.status == "accepted"


def test_members_beyond_one_item_are_kept_in_order(grouped, monkeypatch):
    monkeypatch.setattr(topic_store, "MEMBERS_A_PART", 2)
    before = topic_store.members(grouped[0])
    topic_store.save_ranking(grouped[0].row, before)
    topic = topic_store.get(grouped[0].row.topic_id)

    assert topic.member_parts > 1
    assert topic_store.members(topic) == before


def test_the_forces_own_app_stands_first_among_the_apps():
    take_in(["one"], first=1, app="a.first.by.name")
    take_in(["two"], first=2)

    assert [row.app for row in topics.apps(APP)] == [APP, "a.first.by.name"]


def test_every_app_is_regrouped_by_night(grouped):
    take_in(["one"], first=1, app="a.first.by.name")

    assert regrouping.regroup_all(NOON + timedelta(days=30)) == {"a.first.by.name": 0, APP: len(grouped)}


def test_an_app_without_feedback_cannot_be_asked_for():
    with pytest.raises(InvalidRequest):
        topics.ask_to_regroup("nobody.knows.it")
