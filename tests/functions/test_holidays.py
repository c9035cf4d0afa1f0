import pytest

from functions.domain.history import first_broken
from functions.messages import catalogue
from functions.storage import holidays as store
from functions.storage.history import read_history
from functions.storage.tables import StaleError, StoreFailureError
from tests.factories import NOON
from tests.holidays import holiday_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
ADMINISTRATOR = {"role": "administrator", "subject": "administrator-1"}
PATH = "/v1/policies/holidays"
EID = "eid-ul-fitr-2027"


def put(holiday=EID, headers=None, caller=ADMINISTRATOR, **changes):
    return send("PUT", f"{PATH}/{holiday}", body=holiday_body(**changes), headers=headers, **caller)


def listed(query=""):
    return send("GET", f"{PATH}{query}", role=None).json


def one(holiday=EID, query=""):
    return next((each for each in listed(query)["items"] if each["id"] == holiday), None)


def pointers(reply):
    return [row["pointer"] for row in reply.json["errors"]]


# --- read


def test_anybody_reads_the_catalogues_holidays():
    holiday = one("kashmir-day-2027")

    assert (holiday["days"], holiday["amended"], holiday["version"]) == (["2027-02-05"], False, 0)
    assert (listed()["revision"], listed()["amended_at"]) == (0, None)


def test_a_year_has_its_own_holidays():
    found = listed("?year=2028")["items"]

    assert {day[:4] for each in found for day in each["days"]} == {"2028"}
    assert len(found) == 12


def test_a_ramadan_over_the_end_of_a_year_stands_in_both():
    assert one("ramadan-2030-december", "?year=2030")
    assert one("ramadan-2030-december", "?year=2031")


def test_an_amended_holiday_stands_in_place_of_the_catalogues():
    put()
    holiday = one(query="?year=2027")

    assert holiday["days"] == ["2027-03-11", "2027-03-12", "2027-03-13"]
    assert (holiday["amended"], holiday["version"], holiday["moon"], holiday["confidence"]) == (
        True,
        1,
        False,
        "stated",
    )
    assert listed()["revision"] == 1


def test_a_holiday_that_fell_out_is_listed_in_its_year_without_days():
    put(days=[])

    assert one(query="?year=2027")["days"] == []
    assert one(query="?year=2028") is None


def test_why_it_was_amended_is_not_for_everybody():
    put(reason="A reason of ours")

    assert "A reason of ours" not in send("GET", PATH, role=None).text


@pytest.mark.parametrize("year", ["1999", "2101", "soon"])
def test_a_year_out_of_reach_is_refused_by_name(year):
    reply = send("GET", f"{PATH}?year={year}", role=None)

    assert (reply.status, pointers(reply)) == (400, ["?year"])


def test_a_store_that_does_not_answer_is_not_taken_for_a_calendar(monkeypatch):
    def broken():
        raise StoreFailureError

    monkeypatch.setattr(store, "revision", broken)

    assert send("GET", PATH, role=None).status == 503


# --- amend


def test_an_amendment_is_answered_with_its_history_and_a_version():
    reply = put()

    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    (change,) = reply.json["history"]
    assert (change["by"], change["action"]) == ("administrator-1", "amend")
    assert change["facts"]["days"] == "2027-03-11,2027-03-12,2027-03-13"
    assert change["facts"]["reason"] == reply.json["reason"] == "The moon was sighted a day later"


def test_every_amendment_is_on_record_in_one_chain():
    put()
    put(days=[])
    row = store.get(EID)
    history = read_history(row.history)

    assert [("days" in dict(entry.facts)) for entry in history] == [True, False]
    assert (row.version, first_broken(history)) == (2, None)


def test_days_are_kept_in_order():
    reply = put(days=["2027-03-13", "2027-03-11"])

    assert reply.json["days"] == ["2027-03-11", "2027-03-13"]


def test_a_new_holiday_is_entered():
    put("election-day-2027", days=["2027-02-08"])

    assert one("election-day-2027", "?year=2027")["amended"]


def test_an_amendment_on_the_version_that_was_read_is_taken():
    assert put(headers={"If-Match": '"0"'}).status == 200
    assert put(headers={"If-Match": '"1"'}).status == 200


def test_an_amendment_on_an_old_version_is_refused():
    put()

    assert put(headers={"If-Match": '"0"'}).status == 412
    assert listed()["revision"] == 1


def test_of_two_administrators_at_once_one_is_told_to_look_again(monkeypatch):
    def stale(*_):
        raise StaleError

    monkeypatch.setattr(store, "put", stale)
    assert put().status == 409


def test_a_row_that_changed_is_not_written_over_and_counts_no_revision():
    put()
    former = store.get(EID)
    put()

    with pytest.raises(StaleError):
        store.put(former, former, NOON)
    with pytest.raises(StaleError):
        store.put(former, None, NOON)
    assert store.revision().number == 2


@pytest.mark.parametrize("role", ["citizen", "dpo", "auditor", "product_owner"])
def test_administrators_alone_amend(role):
    assert put(caller={"role": role, "subject": f"{role}-1", "office": None}).status == 403


@pytest.mark.parametrize("holiday", ["a", "Eid-2027", "-eid", "eid_2027", "e" * 61])
def test_an_id_has_one_form(holiday):
    reply = put(holiday)

    assert (reply.status, pointers(reply)) == (400, ["{holiday}"])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"days": ["2027-03-11", "2027-03-11"]}, "/days"),
        ({"days": ["2062-03-11"]}, "/days"),
        ({"days": ["2027-12-31", "2029-01-01"]}, "/days"),
        ({"days": ["1999-03-11"]}, "/days"),
        ({"days": ["2027-03-32"]}, "/days/0"),
        ({"days": [f"2027-03-{day:02}" for day in range(1, 32)] + ["2027-04-01"]}, "/days"),
        ({"kind": "ramadan", "days": ["2027-03-11"]}, "/days"),
        ({"kind": "ramadan", "days": ["2027-02-08", "2027-03-10"]}, "/days"),
        ({"kind": "feast"}, "/kind"),
        ({"name": {"en": "Eid"}}, "/name/ur"),
        ({"name": {"en": " ", "ur": "عید"}}, "/name/en"),
        ({"reason": ""}, "/reason"),
    ],
)
def test_what_is_wrong_is_named(changes, pointer):
    reply = put(**changes)

    assert (reply.status, pointers(reply)) == (400, [pointer])


@pytest.mark.parametrize(
    "days", [["2027-12-31", "2028-01-01"], ["2026-12-31"], [f"2027-03-{day:02}" for day in range(1, 32)]]
)
def test_a_neighbouring_year_and_a_whole_month_are_taken(days):
    assert put(days=days).status == 200


@pytest.mark.parametrize("fault", ["bad_holiday", "days_repeated", "days_far_apart", "ramadan_days"])
def test_what_is_wrong_is_said_in_both_languages(fault):
    row = catalogue()["faults"][fault]
    assert row["en"].isascii()
    assert any("\u0600" <= letter <= "\u06ff" for letter in row["ur"])
