import base64
from dataclasses import replace

import pytest

from functions.domain.history import with_entry
from functions.storage import cases
from functions.storage.case_items import RETAINED, Indexed, _retained_shard, read_image
from functions.storage.tables import StaleError
from schemas.cases import Progress
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


def test_an_open_case_is_in_its_districts_partition_until_it_ends():
    made = told(case(), text="")
    made, _ = cases.create(made, Indexed(sweep_due=NOON, next_due=NOON))
    later = NOON.replace(hour=8)
    (row,) = cases.open_in("ds-lahore")

    assert list(cases.due_before(later, "ds-lahore")) == [row.reference]
    assert (row.office, row.next_due, row.is_flagged) == (made.office, NOON, False)
    cases.save(replace(changed(made), state="withdrawn"), NOWHERE)
    assert list(cases.open_in("ds-lahore")) == []


def test_an_open_case_nothing_is_due_in_stays_in_its_partition_behind_every_instant():
    cases.create(told(case(), text=""), Indexed())

    assert list(cases.due_before(NOON.replace(year=9000), "ds-lahore")) == []
    assert [row.next_due for row in cases.open_in("ds-lahore")] == [None]


def test_a_case_is_read_from_an_image_of_the_stream_as_from_the_table(tables):
    made = replace(
        told(case(), text=""),
        station="ps-lhr-mozang",
        appeal_due=NOON,
        progress=Progress(
            points=(("final_report", 2),), level=3, paused_at=NOON, rating=1, closed_by="citizen"
        ),
    )
    stored, _ = cases.create(made, Indexed())
    key = {"reference": {"S": made.reference}}
    image = tables.get_item(TableName="khidmat-test-cases", Key=key)["Item"]

    assert read_image(image) == cases.get(made.reference) == stored


def test_an_image_is_read_as_an_event_carries_it_with_bytes_as_base64(tables):
    stored, _ = cases.create(told(case(), text=""), Indexed())
    key = {"reference": {"S": stored.reference}}
    image = tables.get_item(TableName="khidmat-test-cases", Key=key)["Item"]
    carried = {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value
        for name, value in image.items()
    }

    assert any("B" in value for value in image.values())
    assert read_image(carried) == stored


def test_many_cases_are_read_at_once_and_unknown_ones_are_left_out():
    made, _ = cases.create(told(case(), text=""), Indexed())

    assert list(cases.many([made.reference, "KH-2222-2222-2"])) == [made.reference]
    assert cases.many([]) == {}


def test_the_cases_merged_into_one_are_found_by_it():
    child = replace(told(case(), text=""), state="merged", merged_into="KH-2222-2222-2")
    cases.create(child, Indexed())

    assert cases.children_of("KH-2222-2222-2") == [child.reference]


def test_retained_cases_spread_over_all_their_partitions():
    from functions.domain.references import reference_for

    found = {_retained_shard(reference_for(str(n))) for n in range(500)}
    assert found == set(RETAINED)
