"""The GeoReport v2 interface as its clients meet it; examples as in https://wiki.open311.org/GeoReport_v2/."""

import json
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from functions.domain import anonymous, open311, register
from functions.domain.references import reference_for
from functions.storage.tables import StoreFailureError
from tests import stored
from tests.http import send
from tests.registered import image

pytestmark = pytest.mark.usefixtures("tables")
NOWHERE = reference_for("nothing was lodged")
FORM = "application/x-www-form-urlencoded"
SENDER = {
    "email": "zqsender@example.org",
    "device_id": "zqdevice",
    "account_id": "zqaccount",
    "first_name": "Zqfirst",
    "last_name": "Zqlast",
    "phone": "03000009876",
    "media_url": "https://zqmedia.example/1.jpg",
}


def get(path, **headers):
    return send("GET", f"/open311/v2/{path}", role=None, headers=headers)


def post(form="json", headers=None, **changes):
    body = {
        "service_code": "traffic_signal_fault",
        "description": "The signal is dark, Zqwords saw it.",
        "address_id": "ps-lhr-mozang",
    } | changes
    given = {"Content-Type": FORM} | (headers or {})
    return send("POST", f"/open311/v2/requests.{form}", role=None, headers=given, body=urlencode(body))


def lodged(**changes):
    return post(**changes).json[0]["service_request_id"]


def xml(reply):
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    return ET.fromstring(reply.body)


def shape(element):
    """An element as JSON would have it."""
    if len(element) == 0:
        return element.text or ""
    return {each.tag: shape(each) for each in element}


# --- reading what may be reported


def test_discovery_names_the_endpoint_and_its_formats():
    (endpoint,) = get("discovery.json").json["endpoints"]
    read = xml(get("discovery.xml"))

    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://localhost:8000/open311/v2"
    assert endpoint["type"] == "test"
    assert endpoint["formats"] == [each.text for each in read.findall("endpoints/endpoint/formats/format")]
    assert read.tag == "discovery"


def test_services_are_the_same_in_both_forms():
    said, read = get("services.json").json, xml(get("services.xml"))

    assert read.tag == "services"
    assert [each.tag for each in read] == ["service"] * len(said)
    assert [shape(each) for each in read] == [each | {"metadata": "false"} for each in said]
    assert set(said[0]) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip


def test_services_are_named_in_urdu_too():
    said = get("services.json", **{"Accept-Language": "ur"}).json

    assert "ٹریفک سگنل خراب" in {each["service_name"] for each in said}


def test_a_service_has_nothing_more_to_fill_in():
    read = xml(get("services/road_obstruction.xml"))

    assert get("services/road_obstruction.json").json == {
        "service_code": "road_obstruction",
        "attributes": [],
    }
    assert read.tag == "service_definition"
    assert [(each.tag, len(each)) for each in read] == [("service_code", 0), ("attributes", 0)]


# --- reporting and following


def test_a_report_is_lodged_and_read_again_in_both_forms():
    reply = post()
    (receipt,) = reply.json
    where = receipt["service_request_id"]
    (said,) = get(f"requests/{where}.json").json
    (read,) = xml(get(f"requests/{where}.xml"))

    assert (reply.status, reply.headers["location"]) == (201, f"/open311/v2/requests/{where}.json")
    assert set(receipt) == {"service_request_id", "service_notice", "account_id"}
    assert (said["service_request_id"], said["status"]) == (where, "open")
    assert said["requested_datetime"].endswith("+05:00")
    assert read.tag == "request"
    assert shape(read) == {name: str(value) for name, value in said.items()}


def test_a_report_in_xml_is_answered_in_xml():
    reply = post("xml")
    read = xml(reply)

    assert reply.headers["location"].endswith(f"/requests/{read[0][0].text}.xml")
    assert read.tag == "service_requests"
    assert [each.tag for each in read[0]] == ["service_request_id", "service_notice", "account_id"]


def test_a_token_is_its_request():
    where = lodged()

    assert get(f"tokens/{where}.json").json == [{"service_request_id": where, "token": where}]
    assert shape(xml(get(f"tokens/{where}.xml"))[0]) == {"service_request_id": where, "token": where}


def test_a_report_is_listed_once_the_stream_has_brought_it(tables):
    where = lodged()
    assert get("requests.json").json == []
    register.follow({}, image(tables, where))

    assert [each["service_request_id"] for each in get("requests.json?status=open").json] == [where]
    assert [shape(each)["service_request_id"] for each in xml(get("requests.xml"))] == [where]
    assert [each["service_request_id"] for each in get(f"requests.json?service_request_id={where}").json] == [
        where
    ]


def test_a_list_that_is_cut_leads_on(tables, monkeypatch):
    monkeypatch.setattr(open311, "MOST", 1)
    for _ in range(2):
        register.follow({}, image(tables, lodged()))
    reply = get("requests.json?status=open")
    further = reply.headers["link"].partition("<")[2].partition(">")[0]

    assert len(reply.json) == 1
    assert further.startswith("?status=open&end_date=")
    assert get(f"requests.json{further}").status == 200


def test_a_repeat_under_one_key_answers_the_same_and_another_body_is_refused():
    key = {"Idempotency-Key": "a-random-key-of-22-letters-or-more"}
    first = post(headers=key)

    assert post(headers=key).json == first.json
    assert post(headers=key, description="Something else is written.").status == 422


def test_of_the_sender_and_the_secret_code_nothing_is_kept_or_told(tables):
    reply = post(**SENDER)
    where = reply.json[0]["service_request_id"]
    register.follow({}, image(tables, where))
    kept, told = str(stored.content()), reply.text + str(reply.headers)
    told += get(f"requests/{where}.json").text + get("requests.xml").text

    assert reply.status == 201
    assert [value for value in (*SENDER.values(), "Zqwords") if value in kept or value in told] == []
    assert anonymous.code_of(where) not in kept + told


# --- keys


def test_where_keys_were_given_out_a_report_needs_one(settings, monkeypatch):
    monkeypatch.setenv("KHIDMAT_OPEN311_KEYS", "key-of-the-first-app, key-of-the-second")
    settings.cache_clear()

    assert [post().status, post(api_key="key-of-nobody").status, post(api_key="کلید").status] == [403] * 3
    assert post(api_key="key-of-the-second").status == 201
    assert get("services.json").status == 200
    assert "operator" in get("discovery.json").json["key_service"]
    assert post().json == [
        {"code": 403, "description": "Send the api_key that the operator gave you; it is missing or wrong."}
    ]


def test_a_real_stage_calls_itself_production(settings, monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "prod")
    settings.cache_clear()

    assert get("discovery.json").json["endpoints"][0]["type"] == "production"


# --- refusals


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"description": ""}, "description"),
        ({"description": "short"}, "description"),
        ({"description": "x" * 5_001}, "description"),
        ({"service_code": "misconduct"}, "service_code"),
        ({"address_id": "ps-nowhere"}, "address_id"),
        ({"address_id": "", "lat": "north", "long": "74"}, "lat"),
        ({"address_id": "", "lat": "nan", "long": "74"}, "lat"),
        ({"address_id": "", "lat": "91", "long": "74"}, "lat"),
        ({"address_id": ""}, "address_id"),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_wrong_field_is_named_in_the_form_asked_for_and_nothing_is_stored(form, changes, named, tables):
    reply = post(form, **changes)
    error = reply.json[0] if form == "json" else shape(xml(reply)[0])

    assert (reply.status, int(error["code"])) == (400, 400)
    assert error["description"].startswith(f"{named} ")
    assert tables.scan(TableName="khidmat-test-cases")["Count"] == 0


def test_every_wrong_field_is_an_error_of_its_own_in_the_callers_language():
    reply = post("xml", headers={"Accept-Language": "ur"}, service_code="", description="")
    errors = [shape(each)["description"] for each in xml(reply)]

    assert errors == ["service_code موجود نہیں؛ درج کریں", "description موجود نہیں؛ درج کریں"]


@pytest.mark.parametrize(
    "path",
    [
        f"requests/{NOWHERE}.json",
        "requests/nonsense.json",
        "tokens/nonsense.json",
        "services/misconduct.json",
        "services/road_obstruction",
        "services/road_obstruction.csv",
        "services.json?jurisdiction_id=ds-nowhere",
        "services/road_obstruction.json?jurisdiction_id=pb",
        "requests.json?service_code=misconduct",
    ],
)
def test_what_is_not_there_is_said_in_both_forms(path):
    assert [error["code"] for error in get(path).json] == [404]
    other = get(path.replace(".json", ".xml"))
    if ".json" in path:
        assert [each.tag for each in xml(other)] == ["error"]


@pytest.mark.parametrize(
    "query", ["status=new", "start_date=yesterday", "start_date=2026-09-01T00:00:00", "end_date=a&end_date=b"]
)
def test_a_wrong_parameter_is_named(query):
    reply = get(f"requests.json?{query}")

    assert (reply.status, reply.json[0]["code"]) == (400, 400)
    assert reply.json[0]["description"].startswith(query.partition("=")[0])


def test_fields_and_parameters_of_others_do_no_harm():
    assert get("requests.json?extensions=true&page_size=5").status == 200
    assert post(**{"attribute[COLOUR]": "red", "zipcode": "54000"}).status == 201


def test_a_short_key_or_another_kind_of_body_is_refused():
    assert post(headers={"Idempotency-Key": "short"}).json[0]["description"].startswith("Idempotency-Key ")
    assert post("xml", headers={"Content-Type": "application/json"}).status == 415
    assert [each["code"] for each in post(address_string="x" * 70_000).json] == [413]


@pytest.mark.parametrize(
    ("failure", "status", "header"), [(StoreFailureError, 503, "2"), (ZeroDivisionError, 500, None)]
)
def test_a_failure_inside_has_the_standards_shape_too(monkeypatch, failure, status, header):
    def failing(*_):
        raise failure("secret-value")

    monkeypatch.setattr(open311.cases, "get", failing)
    reply = get(f"requests/{NOWHERE}.json")
    (error,) = xml(get(f"requests/{NOWHERE}.xml"))

    assert (reply.status, reply.json[0]["code"], shape(error)["code"]) == (status, status, str(status))
    assert (reply.headers.get("retry-after"), "secret-value" in reply.text) == (header, False)
    assert ("request-1" in json.dumps(reply.json)) == (status == 500)
