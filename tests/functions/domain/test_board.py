"""The board of an app: written by night, true by day, listed by any part."""

from datetime import timedelta

import pytest

from functions.domain import board, board_lists, topic_decisions, topic_edits, topics
from functions.domain.board_lists import Wanted
from functions.storage import board as store
from functions.storage import topics as topic_store
from functions.storage.tables import StaleError
from schemas.topic_edits import Merge, Names, Split
from schemas.topics import NewDecision
from tests.browser import seed
from tests.factories import NOON, OWNER
from tests.topics import APP, CODE, NIGHT, SLIP, about, regroup, stored, take_in, texts_of

pytestmark = pytest.mark.usefixtures("tables", "settings")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(topics, "ask_to_regroup", lambda _: None)


@pytest.fixture
def grouped():
    take_in(CODE * 3, version="2.10", district="ds-lahore")
    take_in(CODE * 2, first=50, version="2.9", district="ds-kasur")
    take_in(SLIP * 4, first=100, days=0.1, version="2.9")
    regroup()
    return about("otp"), about("slip")


def reads(monkeypatch):
    """Names of what is read of the store from now on."""
    seen = []
    for name in ("content", "head"):
        call = getattr(store, name)
        monkeypatch.setattr(store, name, lambda *a, n=name, c=call: (seen.append(n), c(*a))[1])
    for name in ("many", "ranked"):
        call = getattr(topic_store, name)
        monkeypatch.setattr(
            topic_store, name, lambda *a, n=name, c=call, **k: (seen.append(n), c(*a, **k))[1]
        )
    return seen


def decide(topic, status="accepted", **more):
    topic_decisions.decide(
        OWNER, topic.row.topic_id, NewDecision(status=status, **more), NIGHT + timedelta(hours=1), None
    )


def entry_of(topic):
    return board.of_app(APP).entry(topic.row.topic_id)


def ids(found):
    return [each.topic_id for each in found.entries]


def listed(wanted=None, after=None, limit=10):
    return board_lists.listed(board.of_app(APP), wanted or Wanted(), after, limit)


def test_a_night_writes_what_lists_need_and_each_person_is_counted_once(grouped):
    found = board.of_app(APP)
    code = entry_of(grouped[0])

    assert [each.rank for each in found.entries] == [1, 2]
    assert (code.people, code.status, code.facts.districts) == (20, "new", ("ds-lahore",))
    assert sum(code.facts.weeks) == 20
    assert [(each.version, each.people) for each in code.facts.versions] == [("2.10", 12), ("2.9", None)]
    assert found.people == 32


def test_a_board_that_was_read_once_is_not_read_again_until_a_night_writes_another(grouped, monkeypatch):
    board.of_app(APP)
    seen = reads(monkeypatch)
    board.of_app(APP)
    assert seen == ["head"]

    take_in(SLIP, first=300)
    regroup(NIGHT + timedelta(days=1))
    seen.clear()
    board.of_app(APP)
    assert seen == ["head", "content"]


def test_a_night_that_finds_nothing_new_writes_no_parts(grouped, monkeypatch):
    former = store.head(APP).generation
    monkeypatch.setattr(store.BoardPart, "save", lambda *_: pytest.fail("written"))
    regroup(NIGHT + timedelta(days=1))

    assert store.head(APP).generation == former


def test_what_is_decided_by_day_is_seen_at_once_and_by_one_batch(grouped, monkeypatch):
    decide(grouped[1], reason="Next")
    board.of_app(APP)
    seen = reads(monkeypatch)

    assert entry_of(grouped[1]).status == "accepted"
    assert seen == ["head", "many"]
    assert sum(entry_of(grouped[1]).facts.weeks) == 12


def test_the_night_settles_what_was_decided_before_it_and_nothing_that_comes_meanwhile(grouped):
    decide(grouped[1])
    regroup(NIGHT + timedelta(hours=1, seconds=30))
    assert store.head(APP).changed_ids == (grouped[1].row.topic_id,)
    regroup(NIGHT + timedelta(hours=2))

    assert store.head(APP).changed_ids == ()
    assert entry_of(grouped[1]).status == "accepted"


def test_a_topic_that_was_merged_leaves_at_once_and_one_split_out_comes(grouped):
    code, slip = grouped
    at = NIGHT + timedelta(hours=1)
    chosen = sorted(texts_of(code))[:2]
    _, new = topic_edits.split(
        OWNER, code.row.topic_id, Split(feedback_ids=chosen, name=Names(en="Late", ur="دیر")), at, None
    )
    topic_edits.merge(OWNER, code.row.topic_id, Merge(topic_ids=[slip.row.topic_id]), at, None)

    assert set(ids(listed())) == {code.row.topic_id, new.row.topic_id}
    assert entry_of(new).people is None


def test_not_a_topic_is_on_no_list(grouped):
    decide(grouped[0], "not_a_topic")
    assert ids(listed()) == [grouped[1].row.topic_id]


def test_before_the_first_night_topics_are_read_themselves():
    topic_store.save_ranking(seed.row(1, seed.TOPICS[0]), [])
    (only,) = board.of_app(seed.APP).entries

    assert (only.people, only.facts.newest[:10], only.facts.versions[0].version) == (
        1204,
        "2026-03-01",
        "3.5.0",
    )


def test_a_generation_that_is_being_replaced_is_read_from_the_topics(grouped):
    board._kept.clear()
    store.BoardPart(store._part_key(APP, store.head(APP).generation, 0)).delete()

    assert len(board.of_app(APP).entries) == 2


def test_a_long_board_takes_several_parts(grouped, monkeypatch):
    monkeypatch.setattr(store, "PART_BYTES", 100)
    take_in(SLIP, first=300)
    regroup(NIGHT + timedelta(days=1))

    assert store.head(APP).parts > 1
    assert len(board.of_app(APP).entries) == 2


def test_only_so_many_boards_are_kept_in_memory(grouped, monkeypatch):
    monkeypatch.setattr(board, "BOARDS_KEPT", 1)
    board._kept["another.app"] = ("x", board.Board("another.app"))
    board._kept.pop(APP, None)
    board.of_app(APP)

    assert list(board._kept) == [APP]


# --- lists


def few(number, people=7, **more):
    return seed.row(number, seed.TOPICS[0]).model_copy(update={"people": people, **more})


@pytest.fixture
def ten():
    for number, given in enumerate(seed.TOPICS, start=1):
        topic_store.save_ranking(seed.row(number, given), [])


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), range(1, 11)),
        (Wanted(type="question"), [9]),
        (Wanted(words="CODE"), [1]),
        (Wanted(words="تصدیقی کوڈ"), [1]),
        (Wanted(words="code nobody"), []),
        (Wanted(language="mixed"), [4]),
        (Wanted(version="3.2.0"), [6]),
        (Wanted(trend="fading"), [10]),
        (Wanted(status="accepted"), []),
        (Wanted(area="payments"), [3]),
        (Wanted(district="ds-lahore"), []),
        (Wanted(weeks=1), range(1, 11)),
        (Wanted(sort="severity"), [4, 1, 3, 2, 10, 8, 6, 5, 7, 9]),
        (Wanted(sort="reach"), [7, 9, 2, 6, 1, 5, 3, 4, 8, 10]),
        (Wanted(sort="effort"), range(1, 11)),
        (Wanted(sort="people"), range(1, 11)),
        (Wanted(sort="score"), range(1, 11)),
    ],
)
def test_lists_hold_what_was_asked_for_in_its_order(ten, wanted, numbers):
    assert ids(listed(wanted, limit=20)) == [seed.topic_id(number) for number in numbers]


def test_pages_follow_on_without_gap_or_repeat_in_any_order(ten):
    for sort in board_lists.SORTS:
        seen, after = [], None
        while True:
            page = listed(Wanted(sort=sort), after, 3)
            seen += ids(page)
            after = page.position
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 10, sort


def test_of_few_people_nothing_is_told_by_an_order_or_a_choice(ten):
    topic_store.save_ranking(few(11, severity=5.0, languages=("mixed",), versions=("9",)), [])
    last = seed.topic_id(11)

    assert ids(listed(Wanted(sort="severity"), limit=20))[-1] == last
    assert last not in ids(listed(Wanted(language="mixed")))
    assert "9" not in board_lists.versions(board.of_app(APP))


def test_versions_are_offered_highest_first(grouped):
    assert board_lists.versions(board.of_app(APP)) == ("2.10", "2.9")
    assert board_lists.districts(board.of_app(APP)) == ("ds-lahore",)


def test_what_nobody_wrote_about_of_late_is_left_out_of_a_short_period(grouped):
    assert ids(listed(Wanted(weeks=1))) == [grouped[0].row.topic_id]


def test_topics_that_may_be_the_same_share_words_or_are_searched_for(ten):
    found = board.of_app(APP)
    first = found.entry(seed.topic_id(8))

    assert board_lists.akin(found, first, "", 3)[0].topic_id in {
        seed.topic_id(2),
        seed.topic_id(1),
        seed.topic_id(10),
    }
    assert [each.topic_id for each in board_lists.akin(found, first, "photo", 3)] == [seed.topic_id(4)]


def test_a_road_map_is_the_board_by_status(grouped):
    decide(grouped[0])
    by_status = board_lists.by_status(board.of_app(APP))

    assert [len(by_status[name]) for name in ("new", "accepted")] == [1, 1]
    assert stored(grouped[0]).row.status == "accepted"
    assert NOON < NIGHT


def test_a_slower_run_that_finds_the_former_board_does_not_point_at_parts_that_are_gone(grouped):
    former = store.head(APP)
    whole = store.content(APP, former)
    store.publish(APP, whole + b" ", former, frozenset())

    with pytest.raises(StaleError):
        store.publish(APP, whole, former, frozenset())
    assert store.content(APP, store.head(APP)) == whole + b" "


def test_a_board_that_another_run_wrote_meanwhile_is_written_again(grouped, monkeypatch):
    heads = [store.Head(generation="gone")]
    read = store.head
    monkeypatch.setattr(store, "head", lambda app: heads.pop() if heads else read(app))
    regroup()

    assert not heads
    assert store.content(APP, store.head(APP)) is not None
    assert [e.topic_id for e in board.of_app(APP).entries] == [
        topic.row.topic_id for topic in topic_store.ranked(APP, after=None, limit=10)[0]
    ]
