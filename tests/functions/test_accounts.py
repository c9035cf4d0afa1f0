"""Signing in over HTTP: challenges, tokens, sessions."""

import pytest

from functions.domain import anonymous
from functions.storage import codes as store
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
CARD = {"kind": "cnic", "number": "00000-0000000-1"}
PHONE = "0300 0000001"


def challenged(document=None, phone=PHONE, **more):
    body = {"document": document or CARD, "phone": phone, **more}
    return send("POST", "/v1/accounts/challenges", role=None, body=body)


def exchanged(challenge, code, phone=PHONE, **more):
    body = {"grant": "code", "challenge": challenge, "phone": phone, "code": code, **more}
    return send("POST", "/v1/accounts/tokens", role=None, body=body)


def signed_in(phones, document=None, phone=PHONE, **more):
    challenge = challenged(document, phone).json["challenge"]
    return exchanged(challenge, phones.code(), phone, **more).json


def as_person(tokens, method, path, **more):
    return send(
        method, path, role=None, headers={"Authorization": f"Bearer {tokens['access_token']}"}, **more
    )


def test_a_challenge_is_accepted_and_says_what_may_be_done_with_it(phones):
    reply = challenged()

    assert reply.status == 202
    assert reply.headers["cache-control"] == "no-store"
    assert (reply.json["tries"], reply.json["resend_after_seconds"]) == (3, 60)
    assert set(reply.json) == {"challenge", "expires_at", "tries", "resend_after_seconds"}


def test_a_citizen_signs_in_and_asks_for_what_is_theirs(phones):
    tokens = signed_in(phones, device="A telephone")
    shown = as_person(tokens, "GET", "/v1/me/export").json["account"]

    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert (shown["document"], shown["phone"]) == ("cnic:0000000000001", "+923000000001")
    assert [each["device"] for each in shown["sessions"]] == ["A telephone"]


def test_the_code_may_be_typed_in_urdu_digits_with_blanks(phones):
    challenge = challenged(phone="۰۳۰۰ ۰۰۰۰۰۰۱").json["challenge"]
    typed = phones.code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    assert exchanged(challenge, f" {typed[:3]} {typed[3:]}\n").status == 200


def test_a_cnic_and_a_nicop_of_one_number_are_one_person(phones):
    first = signed_in(phones)
    second = signed_in(phones, {"kind": "nicop", "number": "۰۰۰۰۰ ۰۰۰۰۰۰۰ ۱"})

    assert first["refresh_token"].split(".")[0] == second["refresh_token"].split(".")[0]


def test_a_passport_of_another_country_is_another_person(phones):
    british = signed_in(phones, {"kind": "passport", "number": "ab 123 456", "country": "gb"})
    canadian = signed_in(phones, {"kind": "passport", "number": "AB123456", "country": "CA"})
    again = signed_in(phones, {"kind": "passport", "number": "AB-123456", "country": "GB"})
    people_of = [tokens["refresh_token"].split(".")[0] for tokens in (british, canadian, again)]

    assert people_of[0] == people_of[2] != people_of[1]


def test_wrong_used_and_unknown_are_one_answer(phones):
    challenge = challenged().json["challenge"]
    used = exchanged(challenge, phones.code()) and exchanged(challenge, phones.code())
    decoy = challenged(phone="0300 0000002").json["challenge"]
    refusals = [
        used,
        exchanged("unknown", "000000"),
        exchanged(decoy, "000000", "0300 0000002"),
        send(
            "POST",
            "/v1/accounts/tokens",
            role=None,
            body={"grant": "report_code", "reference": "KH-JNS9-AK3U-W", "code": "wrong"},
        ),
    ]

    assert {reply.status for reply in refusals} == {401}
    assert len({reply.body for reply in refusals}) == 1
    assert refusals[0].json["type"] == "/problems/code-refused"
    assert refusals[0].headers["www-authenticate"].startswith("Bearer")


def test_whoever_asks_too_often_is_told_when_to_come_again(phones):
    for _ in range(5):
        challenged()
    reply = challenged()

    assert reply.status == 429
    assert 3_500 < int(reply.headers["retry-after"]) <= 3_600
    assert reply.headers["retry-after"] in reply.json["detail"]


def test_the_code_comes_in_the_language_asked_for(phones):
    body = {"document": CARD, "phone": PHONE, "channel": "whatsapp", "purpose": "sign_in"}
    send("POST", "/v1/accounts/challenges", role=None, body=body, headers={"Accept-Language": "ur"})

    assert (phones.sent[0].tongue, phones.sent[0].channel) == ("ur", "whatsapp")


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ({"kind": "cnic", "number": "00000-0000000"}, "/document/number", "13 digits"),
        ({"kind": "cnic", "number": "00000-0000000-1x"}, "/document/number", "13 digits"),
        ({"kind": "nicop", "number": "一 0000 0000 0000"}, "/document/number", "13 digits"),
        ({"kind": "cnic", "number": "0000000000001", "country": "PK"}, "/document/country", "leave it out"),
        ({"kind": "passport", "number": "AB123456"}, "/document/country", "two letters"),
        ({"kind": "passport", "number": "AB123456", "country": "XX"}, "/document/country", "two letters"),
        ({"kind": "passport", "number": "ابپتٹ1234", "country": "GB"}, "/document/number", "Latin letters"),
        ({"kind": "licence", "number": "0000000000001"}, "/document/kind", "one of"),
    ],
)
def test_what_is_no_document_is_pointed_at(phones, document, pointer, words):
    errors = {each["pointer"]: each["detail"] for each in challenged(document).json["errors"]}

    assert words in errors[pointer]
    assert phones.bodies == []


def test_faults_are_told_in_urdu_too():
    body = {"document": {"kind": "cnic", "number": "12345"}, "phone": PHONE}
    reply = send("POST", "/v1/accounts/challenges", role=None, body=body, headers={"Accept-Language": "ur"})

    assert "13 ہندسے" in reply.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"grant": "code", "phone": PHONE, "code": "000000"}, "/challenge"),
        ({"grant": "code", "challenge": "x", "phone": PHONE, "code": "00000"}, "/code"),
        ({"grant": "code", "challenge": "x", "phone": PHONE, "code": "00000a"}, "/code"),
        ({"grant": "refresh"}, "/refresh_token"),
        ({"grant": "password"}, "/"),
        ({}, "/"),
    ],
)
def test_a_grant_that_is_not_whole_is_pointed_at(body, pointer):
    reply = send("POST", "/v1/accounts/tokens", role=None, body=body)

    assert reply.status == 400
    assert pointer in [each["pointer"] for each in reply.json["errors"]]


def test_what_is_missing_of_a_union_is_named():
    reply = send("POST", "/v1/accounts/tokens", role=None, body={})

    assert reply.json["errors"][0]["detail"] == "give 'grant'"


def test_a_code_of_the_wrong_form_costs_no_try(phones):
    challenge = challenged().json["challenge"]
    for _ in range(4):
        assert exchanged(challenge, "12345").status == 400

    assert exchanged(challenge, phones.code()).status == 200


def test_a_refresh_token_buys_the_next_ones_once(phones):
    tokens = signed_in(phones)
    body = {"grant": "refresh", "refresh_token": tokens["refresh_token"]}
    renewed = send("POST", "/v1/accounts/tokens", role=None, body=body)

    assert renewed.status == 200
    assert renewed.json["session"] == tokens["session"]
    assert renewed.json["refresh_token"] != tokens["refresh_token"]
    body["refresh_token"] = "p-1.s.unknown"
    assert send("POST", "/v1/accounts/tokens", role=None, body=body).status == 401


def test_the_code_of_an_anonymous_report_opens_it_and_has_no_telephone_to_change(phones):
    report = {
        "category": "demand_of_gratification",
        "narrative": "Money was asked for writing the report.",
        "district": "ds-lahore",
    }
    from schemas.complaints import NewReport
    from tests.factories import NOON

    case, code = anonymous.report(NewReport(**report), "k" * 22, NOON)
    body = {"grant": "report_code", "reference": case.reference, "code": code}
    tokens = send("POST", "/v1/accounts/tokens", role=None, body=body).json

    assert as_person(tokens, "GET", f"/v1/complaints/{case.reference}").status == 200
    asked = as_person(tokens, "POST", "/v1/me/phone-changes/challenges", body={"phone": PHONE})
    assert asked.status == 404


# --- sessions -------------------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_one_by_one_or_all_at_once(phones):
    lost, kept = signed_in(phones, device="Lost"), signed_in(phones, device="Kept")
    listed = as_person(kept, "GET", "/v1/me/sessions").json["items"]

    assert {(each["device"], each["current"]) for each in listed} == {("Lost", False), ("Kept", True)}
    assert as_person(kept, "DELETE", f"/v1/me/sessions/{lost['session']}").status == 204
    assert as_person(lost, "GET", "/v1/me/sessions").status == 401
    assert as_person(kept, "DELETE", "/v1/me/sessions/unknown").status == 404
    assert as_person(kept, "DELETE", "/v1/me/sessions").status == 204
    assert as_person(kept, "GET", "/v1/me/sessions").status == 401
    body = {"grant": "refresh", "refresh_token": kept["refresh_token"]}
    assert send("POST", "/v1/accounts/tokens", role=None, body=body).status == 401


# --- another telephone ----------------------------------------------------------------------------------------


NEW_PHONE = "0300 0000009"


def confirmed(tokens, phones, phone=NEW_PHONE):
    asked = as_person(tokens, "POST", "/v1/me/phone-changes/challenges", body={"phone": phone})
    assert asked.status == 202
    body = {"challenge": asked.json["challenge"], "phone": phone, "code": phones.code()}
    return as_person(tokens, "POST", "/v1/me/phone-changes", body=body)


def test_a_citizen_moves_to_another_telephone_and_other_devices_are_signed_out(phones):
    other, tokens = signed_in(phones), signed_in(phones)
    reply = confirmed(tokens, phones)
    account = as_person(tokens, "GET", "/v1/me/export").json["account"]

    assert reply.status == 200
    assert account["phone"] == "+923000000009"
    assert [(each["action"], each["by"]) for each in account["history"]] == [
        ("register", "you"), ("change_phone", "you")
    ]  # fmt: skip
    assert as_person(other, "GET", "/v1/me/sessions").status == 401
    assert signed_in(phones, phone=NEW_PHONE)["refresh_token"].split(".")[0] == account["person"]
    sent = len(phones.sent)
    challenged()
    assert len(phones.sent) == sent  # the former telephone gets no code any more


def test_a_code_for_the_change_does_not_sign_in_and_the_other_way_round(phones):
    tokens = signed_in(phones)
    asked = as_person(tokens, "POST", "/v1/me/phone-changes/challenges", body={"phone": NEW_PHONE})
    assert exchanged(asked.json["challenge"], phones.code(), NEW_PHONE).status == 401
    challenge = challenged().json["challenge"]
    body = {"challenge": challenge, "phone": PHONE, "code": phones.code()}
    assert as_person(tokens, "POST", "/v1/me/phone-changes", body=body).status == 401


def test_a_change_is_its_own_persons_alone(phones):
    tokens = signed_in(phones)
    stranger = signed_in(phones, {"kind": "cnic", "number": "0000000000002"}, "0300 0000002")
    asked = as_person(tokens, "POST", "/v1/me/phone-changes/challenges", body={"phone": NEW_PHONE})
    body = {"challenge": asked.json["challenge"], "phone": NEW_PHONE, "code": phones.code()}

    assert as_person(stranger, "POST", "/v1/me/phone-changes", body=body).status == 401
    assert as_person(tokens, "POST", "/v1/me/phone-changes", body=body).status == 200


@pytest.mark.parametrize("role", ["front_desk", "centre_supervisor"])
def test_at_the_desk_a_person_with_the_document_gets_another_telephone(phones, role):
    tokens = signed_in(phones)
    waiting, code = challenged().json["challenge"], phones.code()
    body = {"document": CARD, "phone": NEW_PHONE}
    desk = {"role": role, "subject": f"{role}-1", "office": "ps-lhr-mozang"}
    reply = send("POST", "/v1/desk/phone-changes", body=body, **desk)
    after = signed_in(phones, phone=NEW_PHONE)

    assert reply.status == 200
    assert set(reply.json) == {"changed_at"}
    assert as_person(tokens, "GET", "/v1/me/sessions").status == 401
    assert exchanged(waiting, code).status == 401
    history = as_person(after, "GET", "/v1/me/export").json["account"]["history"]
    assert [(each["action"], each["by"]) for each in history] == [
        ("register", "you"), ("change_phone", role)
    ]  # fmt: skip


def test_the_desk_may_confirm_the_telephone_that_is_registered(phones):
    signed_in(phones)
    desk = {"role": "front_desk", "subject": "desk-1", "office": "ps-lhr-mozang"}

    assert (
        send("POST", "/v1/desk/phone-changes", body={"document": CARD, "phone": PHONE}, **desk).status == 200
    )
    assert signed_in(phones)["access_token"]


def test_the_desk_finds_nobody_under_an_unknown_document():
    desk = {"role": "front_desk", "subject": "desk-1", "office": "ps-lhr-mozang"}

    assert (
        send("POST", "/v1/desk/phone-changes", body={"document": CARD, "phone": PHONE}, **desk).status == 404
    )


@pytest.mark.parametrize(
    ("role", "office"),
    [("citizen", None), ("station_officer", "ps-lhr-mozang"), ("dpo", "ds-lahore"), ("administrator", None)],
)
def test_nobody_else_changes_telephones(role, office):
    body = {"document": CARD, "phone": PHONE}
    subject = "citizen-1" if role == "citizen" else f"{role}-1"
    reply = send("POST", "/v1/desk/phone-changes", body=body, role=role, office=office, subject=subject)

    assert reply.status == 403


def test_a_telephone_of_five_people_takes_no_sixth(phones):
    for number in range(1, 6):
        document = {"kind": "cnic", "number": f"{number:013}"}
        signed_in(phones, document, f"0300 000000{number}")
        desk = {"role": "front_desk", "subject": "desk-1", "office": "ps-lhr-mozang"}
        body = {"document": document, "phone": NEW_PHONE}
        assert send("POST", "/v1/desk/phone-changes", body=body, **desk).status == 200
    sixth = signed_in(phones, {"kind": "cnic", "number": "0000000000006"}, "0300 0000006")
    reply = confirmed(sixth, phones)

    assert reply.status == 409
    assert reply.json["type"] == "/problems/phone-full"


def test_the_store_failing_is_told_as_busy(phones, monkeypatch):
    from functions.storage.tables import StoreFailureError

    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(store, "count", failing)

    assert challenged().status == 503
