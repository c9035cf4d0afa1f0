import pytest

from functions.domain import officers
from functions.domain.errors import ChangedMeanwhile
from functions.storage import officers as store
from functions.storage.tables import StaleError
from schemas.officers import NewPost
from tests.factories import NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
ADMINISTRATOR = {"role": "administrator", "subject": "administrator-1"}
SDPO = {"role": "sdpo", "office": "sd-lhr-civil-lines"}


def put(subject="sdpo-7", headers=None, caller=ADMINISTRATOR, **body):
    return send("PUT", f"/v1/officers/{subject}", body=SDPO | body, headers=headers, **caller)


def pointers(reply):
    return [row["pointer"] for row in reply.json["errors"]]


def test_an_officer_is_entered_and_read_again():
    put(service_number="lhr-77", clearances=["violence_against_women"])
    row = send("GET", "/v1/officers/sdpo-7", **ADMINISTRATOR)

    assert (row.json["role"], row.json["service_number"], row.headers["etag"]) == ("sdpo", "LHR77", '"1"')
    assert row.json["history"][0]["by"] == "administrator-1"
    assert row.json["history"][0]["facts"]["clearances"] == "violence_against_women"


def test_every_change_is_on_record():
    put()
    put(suspended=True)
    history = send("GET", "/v1/officers/sdpo-7", **ADMINISTRATOR).json["history"]

    assert [line["action"] for line in history] == ["enrol", "change"]
    assert history[1]["facts"]["suspended"] == "yes"


def test_a_change_on_an_old_version_is_refused():
    put()
    put(headers={"If-Match": '"1"'})

    assert put(headers={"If-Match": '"1"'}).status == 412


def test_of_two_administrators_at_once_one_is_told_to_look_again(monkeypatch):
    def stale(*_):
        raise StaleError

    monkeypatch.setattr(store, "put", stale)
    with pytest.raises(ChangedMeanwhile):
        officers.write("sdpo-7", NewPost(**SDPO), NOON, by="administrator-1", role="administrator")


def test_nobody_changes_the_own_row():
    reply = put("administrator-1", role="central_office", office="pb")

    assert (reply.status, reply.json["type"]) == (403, "/problems/own-post")


@pytest.mark.parametrize(
    ("role", "office"),
    [
        ("sdpo", None),
        ("sdpo", "ds-lahore"),
        ("dpo", "sd-lhr-civil-lines"),
        ("rpo", "pb"),
        ("central_office", "rg-lahore"),
        ("front_desk", "nowhere"),
        ("auditor", "pb"),
        ("administrator", "pb"),
    ],
)
def test_a_role_is_held_in_an_office_of_its_rank_or_in_none(role, office):
    assert pointers(put(role=role, office=office)) == ["/office"]


def test_a_service_number_is_one_officers_alone():
    put(service_number="LHR77")

    assert pointers(put("sdpo-8", service_number="LHR 77")) == ["/service_number"]
    assert put(service_number="LHR77").status == 200


def test_a_number_given_up_is_free_for_another():
    put(service_number="LHR77")
    put(service_number="LHR78")

    assert put("sdpo-8", service_number="LHR77").status == 200


@pytest.mark.parametrize("number", ["x", "LHR_77", "ے77", "L" * 21])
def test_what_cannot_be_a_service_number_is_named(number):
    assert pointers(put(service_number=number)) == ["/service_number"]


@pytest.mark.parametrize("subject", ["number%23LHR77", "a b", "x" * 129])
def test_a_subject_the_sign_in_service_would_not_give_is_refused(subject):
    assert put(subject).status == 400


def test_an_officer_without_a_row_is_404():
    assert send("GET", "/v1/officers/nobody-1", **ADMINISTRATOR).status == 404


@pytest.mark.parametrize("role", ["citizen", "dpo", "auditor", "product_owner"])
def test_administrators_alone_keep_the_rows(role):
    caller = {"role": role, "subject": f"{role}-1", "office": "ds-lahore" if role == "dpo" else None}

    assert put(caller=caller).status == 403
    assert send("GET", "/v1/officers/sdpo-7", **caller).status == 403
