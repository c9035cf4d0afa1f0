from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain import accounts, register, search
from functions.domain.errors import InvalidRequest
from functions.storage import people
from functions.storage.keyring import keyring
from schemas.search import SearchQuery
from tests.bench.meter import metered
from tests.factories import CENTRAL_OFFICE, DPO, NOON, OTHER_SDPO, RPO, SDPO, case
from tests.registered import enter, lodged, row

MONTH = timedelta(days=28)
WOMEN = "violence_against_women"
CLEARED = replace(SDPO, clearances=frozenset({WOMEN}))


def asked(**given):
    return SearchQuery.model_validate({name.removesuffix("_"): value for name, value in given.items()})


def found(caller=SDPO, **given):
    return [
        r.reference[10:12] for r in search.search(caller, asked(**given), None, NOON + timedelta(days=2)).rows
    ]


def paged(caller, limit, between=lambda: None, **given):
    """Every row's number page by page; `between` happens after each page."""
    position, numbers = None, []
    while True:
        page = search.search(caller, asked(limit=limit, **given), position, NOON + timedelta(days=2))
        numbers += [r.reference[10:12] for r in page.rows]
        position = page.position
        if position is None:
            return numbers
        between()


pytestmark = pytest.mark.usefixtures("tables")


def test_all_words_must_be_there_in_whatever_script():
    enter(row(1, "motorcycle stolen at Mozang"), row(2, "مزنگ میں سائیکل چوری"), row(3, "mobile stolen"))

    assert found(q="چوری") == ["03", "02", "01"]
    assert found(q="mozang chori") == ["02", "01"]
    assert found(q="Mozang stolen motorsaikal") == ["01"]
    assert found(q="Gulberg") == []


def test_words_that_name_nothing_are_no_question():
    with pytest.raises(InvalidRequest) as refused:
        found(q="the and of")

    assert [fault.fault for fault in refused.value.faults] == ["no_words"]


def test_filters_narrow_what_is_found():
    enter(
        row(1, state="closed"),
        row(2, complaint_class="A"),
        row(3, office="sd-lhr-model-town"),
        row(4, office="ds-lahore"),
    )

    assert found(DPO, state="closed") == ["01"]
    assert found(DPO, class_="A") == ["02"]
    assert found(DPO, office="sd-lhr-model-town") == ["03"]
    assert found(DPO, office="ds-lahore") == ["04", "03", "02", "01"]
    assert found(DPO, office="ds-kasur") == []
    with pytest.raises(InvalidRequest):
        found(DPO, office="nowhere")


def test_only_the_callers_jurisdiction_is_looked_at():
    enter(row(1), row(2, office="sd-lhr-model-town"), row(3, district="ds-kasur", office="ds-kasur"))

    assert found(SDPO) == ["01"]
    assert found(OTHER_SDPO) == ["02"]
    assert found(RPO) == ["02", "01"]
    assert found(CENTRAL_OFFICE) == ["03", "02", "01"]


def test_whoever_is_complained_of_never_finds_it_by_any_way(tables):
    enter(row(1, "bribe at Mozang", accused=(SDPO.subject,)), phone="index")
    enter(row(2, "bribe at Mozang", about_offices=(SDPO.office,)))
    case_of = lodged(tables, case(accused=(SDPO.subject,)))["reference"]["S"]

    assert found(SDPO) == found(SDPO, q="bribe") == found(SDPO, reference=case_of) == []
    assert found(DPO, q="bribe") == ["02", "01"]
    assert found(DPO, reference=case_of) == ["89"]


def test_restricted_cases_are_listed_with_clearance_alone():
    enter(row(1, category=WOMEN))

    assert (found(SDPO), found(CLEARED)) == ([], ["01"])


def test_a_telephone_finds_its_cases_whatever_their_month():
    long_ago = NOON - 20 * MONTH
    enter(row(1), row(2, lodged_at=long_ago), phone=keyring().index("phone", "+923000000000"))

    assert found(phone="0300 0000000") == ["01", "02"]
    assert found(phone="0300-0000000", from_="2026-03", to="2026-03") == ["01"]
    assert found(phone="0300 0000001") == []
    assert paged(SDPO, 1, phone="0300 0000000") == ["01", "02"]


def test_a_card_finds_the_cases_of_whoever_holds_it(tables):
    holder = accounts.new_person("cnic:0000000000001", "+923000000001", NOON)
    people.register(holder, keyring().index("phone", "+923000000001"), most_holders=5)
    for number in (1, 2):
        lodged(tables, case(reference=f"KH-2345-670{number}-A", owner=holder.person))
    lodged(tables, case(reference="KH-2345-6703-A", owner=holder.person, category=WOMEN))
    lodged(tables, case(reference="KH-2345-6704-A", owner=holder.person, state="closed", erased_at=NOON))
    lodged(tables, case(reference="KH-2345-6705-A"))

    assert found(CLEARED, cnic="00000-0000000-1") == ["02", "01"]
    assert paged(SDPO, 1, cnic="0000000000001") == ["02", "01"]
    assert found(cnic="00000-0000000-2") == []


def test_a_card_with_many_cases_is_followed_to_its_end(tables, monkeypatch):
    monkeypatch.setattr(search, "OWNED", 1)
    test_a_card_finds_the_cases_of_whoever_holds_it(tables)


def test_a_reference_finds_its_case(tables):
    lodged(tables, case())

    assert found(reference="KH-2345-6789-A") == ["89"]
    assert found(reference="KH-2345-6789-A", state="closed") == []
    assert found(reference="KH-2345-6780-A") == []


def test_the_last_three_months_are_looked_at_where_nothing_is_said():
    enter(*(row(n, lodged_at=NOON - n * MONTH) for n in range(5)))

    assert found() == ["00", "01", "02"]
    assert found(from_="2025-10", to="2026-01") == ["02", "03", "04"]
    assert found(to="2026-01") == ["02", "03", "04"]
    assert found(from_="2026-03") == ["00"]


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [("2026-03", "2026-02", "months_turned_round"), ("2025-02", "2026-02", "too_many_months")],
)
def test_what_is_no_span_is_refused(first, last, fault):
    with pytest.raises(InvalidRequest) as refused:
        found(from_=first, to=last)

    assert [each.fault for each in refused.value.faults] == [fault]


def test_twelve_months_are_a_span():
    assert len(search.span("2025-03", "2026-02")) == 12
    assert search.earlier("2026-01", 1) == "2025-12"
    assert search.first_after("2026-01").isoformat() == "2026-02-01T00:00:00+05:00"


def test_pages_follow_on_across_months_and_districts_while_rows_are_added():
    enter(*(row(n, lodged_at=NOON - n * timedelta(days=8)) for n in range(8)))
    enter(row(50, district="ds-kasur", office="ds-kasur", lodged_at=NOON - timedelta(days=10)))
    added = iter(range(60, 99))

    def lodge():
        number = next(added)
        enter(row(number, lodged_at=NOON + timedelta(minutes=number)))

    assert paged(CENTRAL_OFFICE, 2, lodge) == ["00", "01", "50", "02", "03", "04", "05", "06", "07"]


def test_a_full_page_with_nothing_behind_it_is_the_last():
    enter(row(1), row(2))

    assert search.search(SDPO, asked(limit=2), None, NOON).position is None
    assert search.search(SDPO, asked(limit=1), None, NOON).position is not None


def test_a_page_ends_when_enough_was_looked_at_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 2)
    enter(*(row(n, "bribe" if n == 0 else "theft", lodged_at=NOON + timedelta(minutes=n)) for n in range(5)))
    first = search.search(SDPO, asked(q="bribe"), None, NOON)

    assert (first.rows, first.looked_at, first.position is None) == ((), 2, False)
    assert paged(SDPO, 25, q="bribe") == ["00"]


def test_what_a_search_costs_follows_its_months_and_not_what_is_stored():
    enter(*(row(n % 99, lodged_at=NOON - n * timedelta(days=3)) for n in range(60)))
    costs = []
    for given in ({}, {"from_": "2026-03"}, {"from_": "2025-04", "to": "2026-03"}):
        with metered() as meter:
            found(SDPO, q="nothing alike", **given)
        costs.append(dict(meter.trips))

    assert costs == [{"Query": 3}, {"Query": 1}, {"Query": 12}]


def test_a_page_reads_no_month_behind_it():
    enter(row(1), row(2))
    position = register.row_of(case()).lodged_key
    with metered() as meter:
        list(search.in_months(("ds-lahore",), ("2026-04", "2026-03"), position))

    assert meter.trips["Query"] == 1


def test_nobody_without_an_office_looks_anywhere():
    enter(row(1))

    assert found(replace(SDPO, office=None)) == []
