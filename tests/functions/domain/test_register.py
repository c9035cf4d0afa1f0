from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.domain import register, words
from functions.domain.access import Permission, allow
from functions.storage import people, sealing
from functions.storage import register as store
from functions.storage.case_items import read_image
from functions.storage.keyring import keyring
from schemas.cases import Case, Progress
from tests import canaries
from tests.bench.meter import metered
from tests.factories import CITIZEN, NOON, SDPO, case
from tests.registered import changed, lodged, stored

AREA = "ds-lahore#2026-03"
PHONE = "+923000000000"


def rows():
    return list(store.in_area(AREA))


def only():
    (row,) = rows()
    return row


def by_phone():
    return [row.reference for row in store.of_phone(keyring().index("phone", PHONE))]


def finds(row, text):
    return words.marks(words.words_of(text), "2026-03") <= words.unpacked(row.words)


@pytest.fixture
def new(tables):
    """A complaint just lodged, by its image."""
    return lodged(
        tables, case(place="Anarkali bazaar", accused=("officer-1",), about_offices=("ps-lhr-mozang",))
    )


def test_a_complaint_gets_its_row_with_words_and_telephone(new):
    register.follow({}, new)
    row = only()

    assert (row.reference, row.state, row.office, row.version) == ("KH-2345-6789-A", "lodged", SDPO.office, 1)
    assert (row.accused, row.about_offices) == (("officer-1",), ("ps-lhr-mozang",))
    assert finds(row, "stolen bicycle انارکلی بازار")
    assert not finds(row, "motorcycle")
    assert by_phone() == ["KH-2345-6789-A"]


def test_nothing_in_the_register_can_be_read(new, tables):
    register.follow({}, new)
    said = {"narrative": "bicycle", "name": "Sample Person", "phone": "0300 0000000", "place": "Anarkali"}
    places = [(where, text) for where, text in canaries.kept() if where.startswith("register.")]

    assert canaries.found(said, places) == set() != set(places)


def test_marks_cannot_be_tried_without_the_ring(new, monkeypatch):
    register.follow({}, new)
    ring = replace(keyring(), root=bytes(32))
    monkeypatch.setattr(words, "keyring", lambda: ring)

    assert not finds(only(), "bicycle")


def test_a_change_moves_the_row_on_and_opens_nothing(new, tables, monkeypatch):
    register.follow({}, new)
    monkeypatch.setattr(register, "key_of", None)
    register.follow(*changed(tables, "KH-2345-6789-A", state="accepted", first_contacted_at=NOON))
    row = only()

    assert (row.state, row.first_contacted_at, row.version) == ("accepted", NOON, 2)
    assert finds(row, "bicycle")
    assert by_phone() == ["KH-2345-6789-A"]


def test_what_changes_nothing_of_the_row_writes_nothing(new, tables, monkeypatch):
    register.follow({}, new)
    monkeypatch.setattr(store, "advance", None)
    register.follow(*changed(tables, "KH-2345-6789-A", archived_parts=1))

    assert only().version == 1


def test_records_that_come_twice_or_out_of_order_change_nothing(new, tables):
    first = changed(tables, "KH-2345-6789-A", state="accepted")
    second = changed(tables, "KH-2345-6789-A", state="in_progress")
    register.follow(*second)
    assert only().words == b""
    for record in (first, ({}, new), second, ({}, new), first):
        register.follow(*record)
    row = only()

    assert (row.state, row.version) == ("in_progress", 3)
    assert finds(row, "bicycle")
    assert by_phone() == ["KH-2345-6789-A"]


def test_a_consumer_that_broke_off_in_between_finishes_the_second_time(new, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(store, "note_phone", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            register.follow({}, new)
    register.follow({}, new)

    assert by_phone() == ["KH-2345-6789-A"]


def test_erasure_takes_words_and_telephone_and_leaves_the_figures(new, tables):
    register.follow({}, new)
    erased = changed(tables, "KH-2345-6789-A", state="closed", erased_at=NOON, sealed=(), case_key=b"")
    for _ in range(2):
        register.follow(*erased)
    (item,) = stored(tables)

    assert only().state == "closed"
    assert by_phone() == []
    assert not {"words", "phone"} & set(item)


def test_what_was_erased_does_not_come_back_with_an_old_record(new, tables):
    register.follow({}, new)
    register.follow(*changed(tables, "KH-2345-6789-A", state="closed", erased_at=NOON, sealed=()))
    register.follow({}, new)

    assert only().words == b""
    assert by_phone() == []


def test_an_erasure_that_comes_first_holds(new, tables):
    register.follow(*changed(tables, "KH-2345-6789-A", state="closed", erased_at=NOON, sealed=()))
    register.follow({}, new)

    assert (only().words, by_phone()) == (b"", [])


@pytest.mark.parametrize("change", [{"category": "violence_against_women"}])
def test_a_restricted_case_has_a_row_without_words_and_none_by_telephone(tables, change):
    made = case(**change)
    register.follow({}, lodged(tables, made))

    assert (only().words, by_phone()) == (b"", [])
    assert register.access_row(only()).restricted
    assert register.words_in(made) == ()


def test_what_cannot_be_opened_keeps_no_case_waiting(tables, monkeypatch):
    monkeypatch.setattr(register, "key_of", lambda _: (_ for _ in ()).throw(sealing.UnsealedError))
    register.follow({}, lodged(tables, case()))

    assert only().words == b""


def test_of_a_person_who_was_erased_meanwhile_no_words_are_kept(new, monkeypatch):
    monkeypatch.setattr(people, "get", lambda *_, **__: None)
    register.follow({}, new)

    assert (only().words, by_phone()) == (b"", [])


def test_a_case_that_goes_to_another_district_takes_its_row_along(new, tables):
    register.follow({}, new)
    moved = changed(tables, "KH-2345-6789-A", district="ds-kasur", office="ds-kasur", state="transferred")
    for record in (moved, moved, ({}, new)):
        register.follow(*record)
    (row,) = store.in_area("ds-kasur#2026-03")

    assert rows() == list(store.whole_area(AREA)) == []
    assert (row.office, row.version) == ("ds-kasur", 2)
    assert finds(row, "bicycle")
    assert by_phone() == ["KH-2345-6789-A"]
    back = changed(tables, "KH-2345-6789-A", district="ds-lahore", office="ds-lahore")
    register.follow(*back)
    assert only().district == "ds-lahore"
    assert finds(only(), "bicycle")


def test_a_row_that_is_not_there_yet_is_made_by_its_move(new, tables):
    register.follow(*changed(tables, "KH-2345-6789-A", district="ds-kasur"))

    assert [row.version for row in store.in_area("ds-kasur#2026-03")] == [2]


def test_a_month_begins_at_midnight_in_karachi(tables):
    before = datetime(2026, 3, 31, 18, 59, 59, tzinfo=UTC)
    for number, at in enumerate((before, before + timedelta(seconds=1)), start=1):
        register.follow({}, lodged(tables, case(reference=f"KH-2345-678{number}-A", lodged_at=at)))

    assert [row.reference for row in store.in_area("ds-lahore#2026-03")] == ["KH-2345-6781-A"]
    assert [row.reference for row in store.in_area("ds-lahore#2026-04")] == ["KH-2345-6782-A"]


def public():
    return [(row.reference, row.state) for row in store.public_in("2026-03")]


def test_a_matter_about_a_place_stands_in_the_months_public_list_as_well(tables):
    register.follow({}, lodged(tables, case(category="traffic_signal_fault", complaint_class="S")))
    assert public() == [("KH-2345-6789-A", "lodged")]
    register.follow(*changed(tables, "KH-2345-6789-A", state="accepted"))

    assert public() == [("KH-2345-6789-A", "accepted")]
    assert all(row.words == b"" for row in store.public_in("2026-03"))
    assert list(store.public_in("2026-03", before="2026-03-01")) == []


@pytest.mark.parametrize(
    "changes",
    [{}, {"category": "traffic_signal_fault", "accused": ("officer-1",)}],
    ids=["personal", "accused"],
)
def test_no_other_matter_is_public(tables, changes):
    register.follow({}, lodged(tables, case(**changes)))

    assert public() == []


def test_a_row_says_of_a_case_all_that_figures_and_lists_need():
    made = case(
        state="appealed",
        appeal_due=NOON + timedelta(days=9),
        appeal_answered_at=None,
        reported_at=NOON + timedelta(days=1),
        first_contacted_at=NOON,
        flagged=(("first_contact", NOON),),
        progress=Progress(level=3, reopened=1, appeals=1, rating=2, closed_by="citizen"),
    )
    row = register.row_of(made)

    assert (row.level, row.reopened, row.appeals, row.rating, row.closed_by) == (3, 1, 1, 2, "citizen")
    assert (row.flagged, row.runs_out) == (("first_contact",), NOON + timedelta(days=9))
    assert store.read_row(row.lodged_key, store._text(row), b"", 1) == row


def test_a_row_names_no_owner_so_that_no_citizen_is_shown_it():
    row = register.access_row(register.row_of(case()))

    assert not allow(CITIZEN, Permission.COMPLAINT_READ, row)
    assert allow(SDPO, Permission.COMPLAINT_READ, row)


def test_a_row_is_small(new, tables):
    text = " ".join(f"wort{chr(97 + n % 26)}{chr(98 + n // 26)}d" for n in range(200))
    register.follow({}, lodged(tables, case(reference="KH-2345-6780-A", narrative=text)))
    row = next(r for r in rows() if r.reference == "KH-2345-6780-A")

    assert len(row.words) <= words.MOST_WORDS * words.MARK_BYTES
    assert len(store._text(row)) + len(row.words) + len(AREA) + len(row.lodged_key) + 60 < 1024


def test_a_change_costs_one_write_and_what_changes_nothing_none(new, tables):
    costs = []
    for record in (
        ({}, new),
        changed(tables, "KH-2345-6789-A", state="accepted"),
        changed(tables, "KH-2345-6789-A", archived_parts=1),
    ):
        with metered() as meter:
            register.follow(*record)
        costs.append(dict(meter.trips))

    # Lodged: the owner's key, the row and the telephone's.
    assert costs == [{"GetItem": 1, "PutItem": 2}, {"UpdateItem": 1}, {}]


def test_the_case_is_read_from_its_image_as_it_is_stored(new):
    assert isinstance(read_image(new), Case)
