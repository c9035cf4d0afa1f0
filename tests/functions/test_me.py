import pytest

from tests.factories import complaint_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")


def lodge():
    return send("POST", "/v1/complaints", body=complaint_body()).json["reference"]


def withdraw(reference):
    return send("POST", f"/v1/complaints/{reference}/steps", body={"action": "withdraw", "text": "Settled."})


def test_the_export_shows_what_was_written_and_who_is_signed_in():
    reference = lodge()
    page = send("GET", "/v1/me/export").json

    assert [row["reference"] for row in page["complaints"]] == [reference]
    assert page["complaints"][0]["narrative"] == complaint_body()["narrative"]
    assert [row["current"] for row in page["account"]["sessions"]] == [True]


def test_the_export_goes_on_by_its_cursor_to_the_end():
    lodge()
    cursor, sections = None, 0
    while sections == 0 or cursor:
        page = send("GET", f"/v1/me/export?cursor={cursor}" if cursor else "/v1/me/export").json
        cursor, sections = page["next"], sections + 1

    assert sections == 3


def test_anothers_cursor_is_refused():
    cursor = send("GET", "/v1/me/export").json["next"]

    assert send("GET", f"/v1/me/export?cursor={cursor}", subject="citizen-2").status == 400


def test_whoever_is_forgotten_is_nobody_from_then_on():
    withdraw(lodge())
    token_before = send("GET", "/v1/complaints").status
    reply = send("POST", "/v1/me/erasure")

    assert (token_before, reply.status, reply.json["complaints"]) == (200, 200, 1)
    assert send("GET", "/v1/complaints").status == 401


def test_open_cases_are_named_in_the_readers_language():
    reference = lodge()
    reply = send("POST", "/v1/me/erasure", headers={"Accept-Language": "ur"})

    assert (reply.status, reference in reply.json["detail"]) == (409, True)
    assert "دفتر" in reply.json["detail"]


def test_an_officer_reads_that_it_was_erased():
    officer = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}
    reference = lodge()
    withdraw(reference)
    send("POST", "/v1/me/erasure")
    read = send("GET", f"/v1/complaints/{reference}", **officer).json

    assert (read["narrative"], read["phone"], read["complainant_name"]) == (None, None, None)
    assert read["erased_at"]
    assert [line["text"] for line in read["history"]] == ["", None, ""]


@pytest.mark.parametrize("path", ["/v1/me/export", "/v1/me/erasure"])
def test_officers_have_no_account_here(path):
    method = "POST" if path.endswith("erasure") else "GET"

    assert send(method, path, role="dpo", subject="dpo-1", office="ds-lahore").status == 403
