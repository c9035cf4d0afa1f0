from dataclasses import replace

import pytest

from functions.domain.history import with_entry
from functions.storage import cases
from functions.storage.cases import Indexed
from functions.storage.tables import StaleError
from tests.factories import NOON, case

pytestmark = pytest.mark.usefixtures("tables")
NOWHERE = Indexed(None, None)


def told(made, times=1, text="ہ" * 1_900):
    for _ in range(times):
        made = with_entry(made, at=NOON, actor="citizen-1", role="citizen", action="comment", text=text)
    return made


def stored(**changes):
    made = told(case(**changes), text="")
    return cases.create(made, NOWHERE)[0]


def changed(made, **changes):
    return replace(made, version=made.version + 1, **changes)


def test_a_case_is_read_as_it_was_written():
    made = stored(
        first_contacted_at=NOON,
        reported_at=NOON,
        closed_at=NOON,
        flagged=(("first_contact", NOON),),
        about_offices=("ps-lhr-mozang", "ps-lhr-civil-lines"),
        accused=("officer-1",),
        place="Mozang Chungi",
    )

    assert cases.get(made.reference) == made


def test_a_reference_nobody_has_is_none():
    assert cases.get("KH-2222-2222-2") is None


def test_a_new_case_never_replaces_one_that_is_there():
    made = stored()

    assert cases.create(replace(made, category="slackness"), NOWHERE) == (made, False)
    assert cases.get(made.reference) == made


def test_a_change_on_an_old_version_is_stale_and_changes_nothing():
    made = stored()
    cases.save(changed(made, state="accepted"), NOWHERE)

    with pytest.raises(StaleError):
        cases.save(changed(made, state="withdrawn"), NOWHERE)
    assert cases.get(made.reference).state == "accepted"


def test_the_same_change_made_twice_by_two_is_won_by_one():
    made = stored()
    same = changed(told(made))
    cases.save(same, NOWHERE)

    with pytest.raises(StaleError):
        cases.save(same, NOWHERE)


def test_a_change_that_moves_history_is_stale_as_any_other_and_leaves_no_part():
    made = stored()
    cases.save(changed(made), NOWHERE)

    with pytest.raises(StaleError):
        cases.save(changed(told(made, 12)), NOWHERE)
    assert cases.get(made.reference).archived_parts == 0


def test_moved_history_is_found_again_in_order():
    made = stored()
    long = cases.save(changed(told(made, 12)), NOWHERE)
    entries = (*cases.older_history(long), *long.history)

    assert (long.archived_parts, len(long.history)) == (1, cases.ENTRIES_KEPT)
    assert [entry.sequence for entry in entries] == list(range(1, 14))


def test_a_case_leaves_an_index_when_its_key_is_gone():
    made = told(case(), text="")
    made, _ = cases.create(made, Indexed(NOON, NOON))
    shard = cases._shard(made.reference)
    later = NOON.replace(hour=8)
    before = list(cases.due_before(later, shard)), cases.overdue_in("ds-lahore", after=None, limit=5)[0]
    cases.save(changed(made), NOWHERE)
    after = list(cases.due_before(later, shard)), cases.overdue_in("ds-lahore", after=None, limit=5)[0]

    assert (len(before[0]), len(before[1])) == (1, 1)
    assert after == ([], [])


def test_references_spread_over_all_shards():
    from functions.domain.references import reference_for

    assert {cases._shard(reference_for(str(n))) for n in range(500)} == set(cases.SHARDS)
