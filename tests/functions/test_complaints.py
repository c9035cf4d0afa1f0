from datetime import UTC, datetime, timedelta

import pytest

from functions import instant as answering
from functions.domain import sweep
from tests.factories import complaint_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
OFFICER = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}


def lodge(key="key-1", **changes):
    return send("POST", "/v1/complaints", body=complaint_body(**changes), headers={"Idempotency-Key": key})


def step(reference, action, *, headers=None, caller=OFFICER, **fields):
    body = {"action": action, **fields}
    return send("POST", f"/v1/complaints/{reference}/steps", body=body, headers=headers, **caller)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_lodging_answers_201_with_reference_deadlines_and_location():
    reply = lodge()
    said = reply.json
    due = said["deadlines"]

    assert reply.status == 201
    assert reply.headers["location"] == f"/v1/complaints/{said['reference']}"
    assert instant(due["first_contact_due"]) - instant(said["lodged_at"]) == timedelta(hours=8)
    assert instant(due["final_report_due"]) - instant(said["lodged_at"]) == timedelta(hours=72)


def test_a_repeat_is_answered_byte_for_byte():
    first, again = lodge(), lodge()

    assert (again.status, again.body, again.headers) == (first.status, first.body, first.headers)


def test_a_repeat_is_answered_byte_for_byte_though_the_case_has_moved_on():
    first = lodge()
    step(first.json["reference"], "accept")

    assert lodge().body == first.body


def test_another_body_under_the_key_is_422():
    lodge()

    assert lodge(narrative="A different matter, of another day.").status == 422


def test_without_a_key_each_request_is_a_new_complaint():
    replies = [send("POST", "/v1/complaints", body=complaint_body()) for _ in range(2)]

    assert replies[0].json["reference"] != replies[1].json["reference"]


def test_a_number_typed_in_urdu_digits_is_the_same_number():
    reference = lodge(phone="۰۳۰۰ ۰۰۰۰۰۰۰").json["reference"]

    assert send("GET", f"/v1/complaints/{reference}").json["phone"] == "+923000000000"


def test_a_complaint_is_read_as_it_was_written():
    narrative = "تھانے نے میری رپورٹ نہیں لکھی۔ 🙁\nDo din se chakkar laga raha hoon."
    reference = lodge(narrative=narrative, place="Mozang Chungi", occurred_on="2026-03-01").json["reference"]
    read = send("GET", f"/v1/complaints/{reference}").json

    assert read["narrative"] == narrative
    assert read["place"] == "Mozang Chungi, 2026-03-01"
    assert [line["action"] for line in read["history"]] == ["lodge"]


def test_line_ends_of_a_form_and_joiners_of_urdu_are_kept_as_written():
    narrative = "پہلی سطر\r\nمی\u200cخواہم دوسری سطر"
    reference = lodge(narrative=narrative).json["reference"]

    assert send("GET", f"/v1/complaints/{reference}").json["narrative"] == narrative.replace("\r\n", "\n")


def test_marks_that_turn_text_around_are_taken_out_of_a_name():
    reference = lodge(complainant_name="Sample\u202e Person").json["reference"]

    assert send("GET", f"/v1/complaints/{reference}").json["complainant_name"] == "Sample Person"


def test_the_day_is_the_citizens_own():
    early = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)  # half past midnight on the 2nd in Karachi

    with answering.told_by(lambda: early):
        assert lodge(key="a", occurred_on="2026-03-02").status == 201
        assert lodge(key="b", occurred_on="2026-03-03").status == 400


def test_a_reference_may_be_typed_carelessly():
    reference = lodge().json["reference"]

    assert send("GET", f"/v1/complaints/{reference.lower().replace('-', '')}").status == 200


def test_somebody_elses_complaint_is_404():
    reference = lodge().json["reference"]

    assert send("GET", f"/v1/complaints/{reference}", subject="citizen-2").status == 404
    assert step(reference, "withdraw", caller={"subject": "citizen-2"}).status == 404


def test_an_officer_sees_roles_and_the_citizen_sees_no_officers_name():
    reference = lodge().json["reference"]
    step(reference, "accept", note="Taken up.")
    to_citizen = send("GET", f"/v1/complaints/{reference}").text
    to_officer = send("GET", f"/v1/complaints/{reference}", **OFFICER)

    assert "sdpo-1" not in to_citizen
    assert [line["by"] for line in to_officer.json["history"]] == ["citizen", "you"]


def test_a_comment_is_201_and_stands_in_the_history():
    reference = lodge().json["reference"]
    reply = send("POST", f"/v1/complaints/{reference}/comments", body={"text": "Any news?"})

    assert reply.status == 201
    assert send("GET", f"/v1/complaints/{reference}").json["history"][-1]["text"] == "Any news?"


def test_steps_carry_the_case_from_lodged_to_closed():
    reference = lodge().json["reference"]
    replies = [
        step(reference, "accept"),
        step(reference, "contact", outcome="reached"),
        step(reference, "report", finding="substantiated", text="The report was written today."),
        step(reference, "confirm", caller={}, rating=5),
    ]

    assert [r.status for r in replies] == [200] * 4
    assert [r.json["state"] for r in replies] == ["accepted", "contacted", "report_submitted", "closed"]


def test_the_etag_read_is_the_one_to_send():
    reference = lodge().json["reference"]
    tag = send("GET", f"/v1/complaints/{reference}", **OFFICER).headers["etag"]

    assert step(reference, "accept", headers={"If-Match": tag}).status == 200
    assert step(reference, "contact", outcome="reached", headers={"If-Match": tag}).status == 412


def test_a_step_that_is_not_possible_names_the_state():
    reference = lodge().json["reference"]
    reply = step(reference, "report", finding="substantiated", text="The report was written today.")

    assert (reply.status, "lodged" in reply.json["detail"]) == (409, True)


def test_an_unknown_step_lists_the_known_ones():
    reply = step(lodge().json["reference"], "promote")

    assert (reply.status, "accept" in reply.json["errors"][0]["detail"]) == (400, True)


def test_my_list_is_paged_by_a_cursor_that_is_mine_alone():
    made = [lodge(key=f"key-{n}").json["reference"] for n in range(3)]
    first = send("GET", "/v1/complaints?limit=2").json
    second = send("GET", f"/v1/complaints?limit=2&cursor={first['next']}").json
    stolen = send("GET", f"/v1/complaints?limit=2&cursor={first['next']}", subject="citizen-2")

    assert [row["reference"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
    assert stolen.status == 400


def test_an_overdue_complaint_is_listed_for_the_offices_above_it():
    said = lodge().json
    sweep.flag_overdue(instant(said["lodged_at"]) + timedelta(hours=9))
    listed = send("GET", "/v1/supervision/overdue", **OFFICER).json
    beside = send("GET", "/v1/supervision/overdue", role="sdpo", subject="x", office="sd-lhr-model-town").json

    assert [(row["reference"], row["clock"]) for row in listed["items"]] == [
        (said["reference"], "first_contact")
    ]
    assert beside["items"] == []


def test_a_late_report_is_listed_by_the_clock_that_was_missed():
    said = lodge().json
    step(said["reference"], "accept")
    step(said["reference"], "contact", outcome="reached")
    sweep.flag_overdue(instant(said["lodged_at"]) + timedelta(hours=80))
    row = send("GET", "/v1/supervision/overdue", role="central_office", subject="x", office="pb").json[
        "items"
    ][0]

    assert (row["clock"], row["due_at"]) == ("final_report", said["deadlines"]["final_report_due"])


def test_citizens_do_not_supervise():
    assert send("GET", "/v1/supervision/overdue").status == 403


def test_a_text_that_is_too_short_once_trimmed_is_told_in_letters_and_not_in_entries():
    said = lodge(narrative="  too few    ").json["errors"]

    assert said == [{"pointer": "/narrative", "detail": "is too short: at least 10 characters"}]
