import csv
import io
from collections import Counter
from itertools import product
from random import Random

import pytest

from functions.domain import open_data
from functions.domain.errors import NotFound
from functions.domain.figures import Figures
from functions.storage import register as store
from tests.bench.meter import metered
from tests.factories import NOON
from tests.registered import enter, row

CLASSES = ("A", "B", "C")
APRIL = NOON.replace(month=4)
COUNTED = ("received", "closed_in_time", "closed", "reopened", "appealed", "overdue")


def many(count, **changes):
    return [row(n, **changes) for n in range(count)]


def made(received, **counts):
    of = Figures(received=received, hours=[2.0] * received)
    for name, n in counts.items():
        setattr(of, name, n)
    return of


def told(split, column="received"):
    lines = open_data.lines("2026-03", {"ds-lahore": split}, CLASSES)
    at = open_data.COLUMNS.index(column)
    return {line[2]: line[at] for line in lines}


def test_a_district_without_small_counts_is_told_by_class():
    assert told({"A": made(5), "B": made(12)}) == {"A": 5, "B": 12, "C": 0, "all": 17}


def test_one_small_count_anywhere_withholds_every_class_of_the_district():
    split = {"A": made(8, appealed=2), "B": made(12)}

    assert told(split) == {"A": "", "B": "", "C": "", "all": 20}
    assert told(split, "appealed") == {"A": "", "B": "", "C": "", "all": ""}


def test_a_small_total_is_withheld_as_well():
    assert told({"A": made(1), "B": made(2)})["all"] == ""


def test_another_district_is_not_touched_by_it():
    lines = open_data.lines("2026-03", {"ds-kasur": {"A": made(3)}, "ds-lahore": {"A": made(9)}}, CLASSES)

    assert [line[3] for line in lines if line[1] == "ds-lahore"] == [9, 0, 0, 9]


def closed(count, by_citizen):
    of = made(count, closed=count, closed_in_time=count)
    of.closed_by = Counter(citizen=by_citizen, window=count - by_citizen)
    return of


@pytest.mark.parametrize(
    ("count", "by_citizen", "share"),
    [(10, 5, 0.5), (10, 0, 0.0), (10, 10, 1.0), (10, 3, ""), (10, 8, ""), (0, 0, "")],
)
def test_a_share_is_told_where_it_and_its_rest_are_of_many(count, by_citizen, share):
    assert told({"A": closed(count, by_citizen)}, "confirmed_share")["all"] == share


def test_a_median_of_few_is_not_told():
    of = made(20)
    of.hours = [1.0, 2.0]

    assert told({"A": of}, "median_hours")["all"] == ""
    assert told({"A": made(20)}, "median_hours")["all"] == 2.0
    assert told({}, "median_hours")["all"] == ""


def consistent(line_of, counts):
    """Whether counts by class (a column's) could lie behind the column of a district as it was told."""
    sums_up = line_of["all"] == "" or sum(counts) == line_of["all"]
    small_total = line_of["all"] != "" or 1 <= sum(counts) <= 4
    return (
        sums_up
        and small_total
        and all(line_of[name] in ("", n) for name, n in zip(CLASSES, counts, strict=True))
    )


def given_away(splits):
    """(Column, class) of each small count that is the only one possible behind what is told of its district."""
    for split in splits:
        columns = {name: told(split, name) for name in COUNTED}
        possible = _possible(columns)
        for column, line_of in columns.items():
            for at, name in enumerate(CLASSES):
                if line_of[name] == "" and open_data.is_small(open_data.counts(split[name])[column]):
                    values = {table[column][at] for table in possible}
                    if len(values) == 1:
                        yield column, name


@pytest.fixture
def splits():
    random = Random(7)
    return [{name: _some(random) for name in CLASSES} for _ in range(40)]


def test_no_withheld_count_can_be_worked_out_from_the_others(splits):
    """Tries every table of small numbers that could lie behind the file, as whoever wants to know would."""
    assert list(given_away(splits)) == []


def test_where_small_counts_alone_were_withheld_they_could(splits, monkeypatch):
    right = open_data.lines

    def naive(month, by_district, classes):
        lines = right(month, by_district, classes)
        (split,) = by_district.values()
        for line in lines[:-1]:
            line[3:] = open_data._cells(split[line[2]], is_told=True)
        return lines

    monkeypatch.setattr(open_data, "lines", naive)

    assert len(list(given_away(splits))) > 10


def _some(random):
    received = random.choice((0, 1, 3, 5, 6, 7))
    closed_ = random.randint(0, received)
    of = made(received, closed=closed_, closed_in_time=random.randint(0, closed_))
    of.appealed = random.randint(0, received)
    return of


def _possible(columns):
    """Tables by column: what is closed was received, what is closed in time was closed, what is appealed received."""
    fits = {
        name: [counts for counts in product(range(8), repeat=3) if consistent(columns[name], counts)]
        for name in ("received", "closed", "closed_in_time", "appealed")
    }
    found = []
    for received in fits["received"]:
        closed_ = [c for c in fits["closed"] if _within(c, received)]
        appealed = [c for c in fits["appealed"] if _within(c, received)]
        for each in closed_[:: max(1, len(closed_) // 12)]:
            timely = [c for c in fits["closed_in_time"] if _within(c, each)]
            base = {"received": received, "closed": each, "reopened": (0,) * 3, "overdue": (0,) * 3}
            found += [
                base | {"closed_in_time": t, "appealed": a}
                for t in timely[:: max(1, len(timely) // 6)]
                for a in appealed[:: max(1, len(appealed) // 6)]
            ]
    return found


def _within(part, whole):
    return all(p <= w for p, w in zip(part, whole, strict=True))


# --- publishing


def read(month="2026-03"):
    _, text = open_data.read(month)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("tables")
class TestPublishing:
    @pytest.fixture(autouse=True)
    def _few_months(self, monkeypatch):
        monkeypatch.setattr(open_data, "MONTHS_BACK", 2)

    def test_a_month_that_is_over_gets_its_file(self):
        enter(*many(6), *(row(n + 50, district="ds-kasur", complaint_class="A") for n in range(2)))
        done = open_data.publish(APRIL)
        rows = read()
        lahore = [r for r in rows if r["district"] == "ds-lahore"]
        kasur = [r for r in rows if r["district"] == "ds-kasur"]

        assert (done.months, done.finished) == (("2026-03",), True)
        assert {(r["class"], r["received"]) for r in lahore if r["class"] == "B"} == {("B", "6")}
        assert {r["received"] for r in kasur} == {""}
        assert [*rows[0]] == [*open_data.COLUMNS]
        assert len({(r["district"], r["class"]) for r in rows}) == len(rows)

    def test_a_file_holds_no_reference_and_no_matter(self):
        enter(*many(6, category="violence_against_women", complaint_class="A"))
        open_data.publish(APRIL)
        _, text = open_data.read(None)

        assert "KH-" not in text
        assert "women" not in text
        assert "2026-03,ds-lahore,A,6," in text

    def test_a_month_has_one_edition(self):
        enter(*many(6))
        open_data.publish(APRIL)
        enter(row(9))

        assert open_data.publish(APRIL).months == ()
        assert store.put_file("2026-03", b"") is False
        assert [r["received"] for r in read() if (r["district"], r["class"]) == ("ds-lahore", "all")] == ["6"]

    def test_a_month_that_is_not_over_or_had_no_complaint_has_none(self):
        enter(*many(6))

        assert open_data.publish(NOON).months == ()
        for month in (None, "2026-03"):
            with pytest.raises(NotFound):
                open_data.read(month)

    def test_the_last_month_published_is_told_where_none_is_named(self):
        enter(*many(6), *many(5, lodged_at=NOON.replace(month=2)))
        open_data.publish(APRIL)

        assert open_data.read(None)[0] == "2026-03"
        assert open_data.read("2026-02")[0] == "2026-02"

    def test_a_run_that_has_no_time_left_is_gone_on_with(self):
        enter(*many(6))
        done = open_data.publish(APRIL, lambda: False)

        assert (done.months, done.finished) == ((), False)

    def test_a_file_is_far_from_what_an_item_takes(self, monkeypatch):
        enter(*many(6))
        open_data.publish(APRIL)
        assert len(store.file_of("2026-03")) < 5_000
        monkeypatch.setattr(open_data, "MOST_BYTES", 10)
        with pytest.raises(open_data.FileTooLargeError):
            open_data._file("2026-03")

    def test_reading_costs_one_trip(self):
        enter(*many(6))
        open_data.publish(APRIL)
        with metered() as meter:
            open_data.read("2026-03")
            open_data.read(None)

        assert dict(meter.trips) == {"GetItem": 1, "Query": 1}
