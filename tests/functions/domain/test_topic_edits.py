"""What product owners make of topics by hand, and that it holds over nights."""

from datetime import timedelta

import pytest

from functions.domain import topic_decisions, topic_edits, topic_undo, topics
from functions.domain.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TopicMerged,
    UndoNotPossible,
)
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from functions.storage.tables import StaleError
from schemas.topic_edits import Merge, Names, NewOverride, Rename, Split, Undo
from schemas.topics import NewDecision
from tests.factories import NOON, OWNER
from tests.topics import (
    APP,
    CODE,
    NIGHT,
    SLIP,
    about,
    board,
    plainly_grouped,
    regroup,
    stored,
    take_in,
    texts_of,
)

pytestmark = pytest.mark.usefixtures("tables", "settings")
NAME = Names(en="Codes come late", ur="کوڈ دیر سے آتے ہیں")


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Apps whose regrouping was asked for."""
    found = []
    monkeypatch.setattr("functions.storage.queues.ask_to_regroup", found.append)
    monkeypatch.setattr("functions.domain.topics.ask_to_regroup", found.append)
    return found


@pytest.fixture
def grouped():
    code, slip = take_in(CODE * 2), take_in(SLIP * 2, first=100)
    regroup()
    return code, slip


def merge(into, *others, if_version=None):
    wanted = Merge(topic_ids=[other.row.topic_id for other in others])
    return topic_edits.merge(OWNER, into.row.topic_id, wanted, NOON, if_version)


def split(topic, ids, if_version=None):
    wanted = Split(feedback_ids=list(ids), name=NAME)
    return topic_edits.split(OWNER, topic.row.topic_id, wanted, NOON, if_version)


def undo(topic, number=None, if_version=None):
    present = stored(topic)
    last = number or topic_decisions.last_to_undo(present).number
    return topic_undo.undo(OWNER, present.row.topic_id, Undo(decision=last), NOON, if_version)


def override(topic, **wanted):
    return topic_edits.override(
        OWNER, topic.row.topic_id, NewOverride(reason="Asked for by the minister", **wanted), NOON, None
    )


def decide(topic, status, **more):
    return topic_decisions.decide(OWNER, topic.row.topic_id, NewDecision(status=status, **more), NOON, None)


# --- merging


def test_a_merged_topic_leaves_the_board_and_its_id_leads_to_the_other(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)

    assert [t.row.topic_id for t in board()] == [code.row.topic_id]
    assert topics.show(slip.row.topic_id).row.topic_id == code.row.topic_id
    assert texts_of(code) == {*grouped[0], *grouped[1]}


def test_every_night_folds_the_texts_of_a_merged_topic_into_its_target(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)
    new = take_in(["payment slip not generated, third time"], first=900)
    for day in range(3):
        regroup(NIGHT + timedelta(days=day))

        assert [t.row.topic_id for t in board()] == [code.row.topic_id]
        assert texts_of(code) == {*grouped[0], *grouped[1], *new}


def test_the_larger_may_be_merged_into_the_smaller(grouped):
    code, slip = about("otp"), about("slip")
    merge(slip, code)
    for _ in range(2):
        regroup()

    assert [t.row.topic_id for t in board()] == [slip.row.topic_id]
    assert board()[0].row.name == slip.row.name


def test_a_merge_sent_twice_is_one_decision(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)
    merge(code, slip)

    assert [d.action for d in stored(code).decisions] == ["merge"]
    assert [d.action for d in stored(slip).decisions] == ["merged"]


def test_a_merge_asks_for_a_regrouping(grouped, asked):
    merge(about("otp"), about("slip"))

    assert asked == [APP]


def test_upon_a_merged_topic_nothing_is_decided(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)

    with pytest.raises(TopicMerged) as refused:
        decide(slip, "accepted")
    assert refused.value.words == {"into": code.row.topic_id}


def test_a_topic_is_not_merged_into_itself_nor_with_one_unknown_or_merged_elsewhere(grouped):
    take_in(["the map is empty", "map shows empty page", "map empty again"], first=500)
    regroup()
    code, slip = about("otp"), about("slip")
    third = next(t for t in board() if t.row.topic_id not in (code.row.topic_id, slip.row.topic_id))
    merge(code, slip)
    for wanted in (third.row.topic_id, "t-00000000000000ff", slip.row.topic_id):
        with pytest.raises(InvalidRequest):
            topic_edits.merge(OWNER, third.row.topic_id, Merge(topic_ids=[wanted]), NOON, None)


def test_undoing_a_merge_gives_each_its_own_texts_back_for_good(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)
    regroup()
    undo(code)

    assert texts_of(slip) == set(grouped[1])
    regroup()
    assert {t.row.topic_id for t in board()} == {code.row.topic_id, slip.row.topic_id}
    assert (texts_of(code), texts_of(slip)) == (set(grouped[0]), set(grouped[1]))


def test_a_merged_topic_can_be_taken_out_from_its_own_side(grouped):
    code, slip = about("otp"), about("slip")
    merge(code, slip)
    undo(slip)

    assert stored(slip).edits.merged_into == ""
    assert texts_of(code) == set(grouped[0])
    assert [d.action for d in stored(code).decisions] == ["merge", "unmerge"]


def test_a_merge_on_a_version_that_has_passed_is_refused_whole(grouped):
    code, slip = about("otp"), about("slip")
    decide(code, "accepted")
    with pytest.raises(PreconditionFailed):
        merge(code, slip, if_version=code.row.version)

    assert stored(slip).edits.merged_into == ""


def test_of_a_merge_that_somebody_overtook_nothing_is_done(grouped, monkeypatch):
    code, slip = about("otp"), about("slip")
    write = topic_changes.decide

    def overtaken(changes, also=()):
        monkeypatch.setattr(topic_changes, "decide", write)
        decide(slip, "accepted")
        return write(changes, also)

    monkeypatch.setattr(topic_changes, "decide", overtaken)
    with pytest.raises(ChangedMeanwhile):
        merge(code, slip)

    assert stored(code).decisions == ()
    assert stored(slip).edits.merged_into == ""


# --- splitting

LATE = ["the OTP code comes late at night", "OTP code late, after an hour", "code comes late every day"]


@pytest.fixture
def mixed():
    ids = take_in([*CODE, *CODE]), take_in(LATE, first=50)
    regroup()
    return ids


def test_texts_split_out_are_a_topic_of_their_own_under_the_name_given(mixed):
    topic = about("otp")
    old, new = split(topic, mixed[1][:2])

    assert (new.row.name, new.row.status, new.row.split_from) == (
        NAME.model_dump(),
        "new",
        topic.row.topic_id,
    )
    assert texts_of(new) == set(mixed[1][:2])
    assert texts_of(old).isdisjoint(mixed[1][:2])


def test_texts_split_out_stay_out_and_texts_like_them_follow(mixed):
    topic = about("otp")
    _, new = split(topic, mixed[1][:2])
    later = take_in(["OTP code late again, comes after hours"], first=700)
    more = take_in(["OTP does not arrive"], first=701)
    for day in range(3):
        regroup(NIGHT + timedelta(days=day))

        assert texts_of(new) >= {*mixed[1][:2], *later}
        assert texts_of(topic) >= set(more)
        assert texts_of(topic).isdisjoint(texts_of(new))
        assert topics.show(new.row.topic_id).row.name == NAME.model_dump()


def test_a_split_sent_twice_makes_one_topic(mixed):
    topic = about("otp")
    first = split(topic, mixed[1][:2])
    again = split(topic, reversed(mixed[1][:2]), if_version=topic.row.version)

    assert first == again
    assert [d.action for d in stored(topic).decisions] == ["split"]


def test_a_split_that_is_undone_leads_back_and_may_be_made_again(mixed):
    topic = about("otp")
    whole = texts_of(topic)
    _, new = split(topic, mixed[1][:2])
    undo(topic)

    assert texts_of(topic) == whole
    assert topics.show(new.row.topic_id).row.topic_id == topic.row.topic_id
    regroup()
    assert texts_of(topic) == whole
    _, again = split(topic, mixed[1][:2])
    assert again.row.topic_id == new.row.topic_id
    regroup()
    assert set(mixed[1][:2]) <= texts_of(new)


def test_a_split_can_be_undone_from_the_new_topic(mixed):
    topic = about("otp")
    whole = texts_of(topic)
    _, new = split(topic, mixed[1][:2])
    undo(new)

    assert texts_of(topic) == whole
    assert stored(new).edits.merged_into == topic.row.topic_id


def test_only_texts_of_the_topic_are_split_out_and_never_all(mixed):
    topic = about("otp")
    for ids in (["0" * 26], texts_of(topic)):
        with pytest.raises(InvalidRequest):
            split(topic, ids)


# --- names


def test_a_name_given_by_an_owner_stays_over_nights(grouped):
    topic = about("slip")
    wanted = Rename(**NAME.model_dump(), reason="Clearer")
    topic_edits.rename(OWNER, topic.row.topic_id, wanted, NOON, None)
    take_in(["the slip is not generated, fee unpaid"], first=800)
    regroup()

    assert topics.show(topic.row.topic_id).row.name == NAME.model_dump()
    assert topic_edits.rename(OWNER, topic.row.topic_id, wanted, NOON, None).row.version == 2


def test_a_renaming_undone_brings_the_found_name_back(grouped):
    topic = about("slip")
    topic_edits.rename(OWNER, topic.row.topic_id, Rename(**NAME.model_dump()), NOON, None)
    undo(topic)

    assert topics.show(topic.row.topic_id).row.name == topic.row.name
    assert not topics.show(topic.row.topic_id).row.renamed


# --- no topics


def test_what_is_no_topic_is_hidden_and_hides_like_texts(grouped):
    topic = about("slip")
    decide(topic, "not_a_topic")
    new = take_in(["payment slip is not generated now"], first=800)
    for day in range(2):
        regroup(NIGHT + timedelta(days=day))

        assert topic.row.topic_id not in {t.row.topic_id for t in board()}
        assert texts_of(topic) == {*grouped[1], *new}
    assert [t.row.topic_id for t in topics.hidden(APP, None, 10)[0]] == [topic.row.topic_id]


def test_what_was_said_to_be_no_topic_comes_back_when_undone(grouped):
    topic = about("slip")
    decide(topic, "not_a_topic")
    regroup()
    undo(topic)
    regroup()

    shown = about("slip")
    assert (shown.row.topic_id, shown.row.status) == (topic.row.topic_id, "new")


# --- overrides


def test_a_place_is_kept_and_told_as_a_part_that_sums(grouped):
    last = board()[-1]
    override(last, place=1)
    for _ in range(2):
        regroup()

        first = board()[0]
        assert first.row.topic_id == last.row.topic_id
        assert sum(first.row.parts.values()) == pytest.approx(first.row.score, abs=0.01)
        assert first.row.parts["override"] > 0
        assert [t.row.rank for t in board()] == [1, 2]


def test_points_move_a_topic_and_can_be_taken_away(grouped):
    order = [t.row.topic_id for t in board()]
    override(board()[0], points=-60)
    regroup()
    assert [t.row.topic_id for t in board()] == order[::-1]

    topic_edits.remove_override(OWNER, order[0], NOON, None)
    regroup()
    assert [t.row.topic_id for t in board()] == order
    assert "override" not in board()[0].row.parts


def test_an_override_is_a_label_until_it_is_undone(grouped):
    topic = board()[0]
    override(topic, place=2)
    override(topic, place=2)
    (label,) = topic_edits.override_labels(APP)

    assert (label.place, label.rank, label.reason) == (2, 1, "Asked for by the minister")
    assert sum(label.parts.values()) == pytest.approx(label.score, abs=0.05)
    undo(topic)
    assert not list(topic_edits.override_labels(APP))


def test_what_an_override_was_made_upon_is_not_shown(grouped):
    shown = override(board()[0], place=2)

    assert "label" not in shown.decisions[-1].model_dump_json()


def test_an_override_that_is_not_there_is_removed_without_a_decision(grouped):
    topic = board()[0]

    assert topic_edits.remove_override(OWNER, topic.row.topic_id, NOON, None).row.version == topic.row.version


# --- undoing


def test_decisions_are_undone_one_after_the_other_and_nothing_twice(grouped):
    topic = about("otp")
    decide(topic, "accepted")
    decide(topic, "planned")
    undo(topic)
    assert stored(topic).row.status == "accepted"
    undo(topic, number=3)  # the same one again
    assert stored(topic).row.status == "accepted"
    undo(topic)
    assert stored(topic).row.status == "new"

    assert [d.action for d in stored(topic).decisions] == ["decide", "decide", "undo", "undo"]
    assert topic_decisions.last_to_undo(stored(topic)) is None


def test_only_the_last_decision_can_be_undone(grouped):
    topic = about("otp")
    decide(topic, "accepted")
    decide(topic, "planned")

    with pytest.raises(UndoNotPossible) as refused:
        undo(topic, number=2)
    assert refused.value.words == {"last": "3"}


def test_a_topic_nobody_knows_cannot_be_edited():
    with pytest.raises(NotFound):
        topic_edits.rename(OWNER, "t-0000000000000000", Rename(**NAME.model_dump()), NOON, None)


# --- races with the night


def test_a_topic_edited_while_it_is_ranked_keeps_its_edit(grouped, monkeypatch):
    code, slip = about("otp"), about("slip")
    take_in(["payment slip not generated, once more"], first=900)
    save, merged = topic_store.save_ranking, []

    def meanwhile(row, ids, **more):
        if not merged:
            merged.append(merge(code, slip))
        return save(row, ids, **more)

    monkeypatch.setattr(topic_store, "save_ranking", meanwhile)
    regroup()

    assert stored(slip).edits.merged_into == code.row.topic_id
    assert [t.row.topic_id for t in board()] == [code.row.topic_id]
    regroup()
    assert texts_of(code) >= set(grouped[1])


def test_an_edit_whose_reply_was_lost_is_no_conflict(grouped, monkeypatch):
    write = topic_changes.decide

    def tried_again(*given):
        write(*given)
        raise StaleError

    monkeypatch.setattr(topic_changes, "decide", tried_again)
    code, slip = about("otp"), about("slip")
    merge(code, slip)

    assert stored(slip).edits.merged_into == code.row.topic_id


def test_a_night_that_finds_nothing_new_writes_no_topic(grouped, monkeypatch):
    merge(about("otp"), about("slip"))
    regroup()
    monkeypatch.setattr(topic_store, "save_ranking", None)

    assert regroup() == 1
