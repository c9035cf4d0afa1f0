from tests.http import send


def test_services_are_public_and_name_what_is_assumed():
    rows = send("GET", "/v1/services", role=None).json["items"]

    assert len(rows) == 15
    assert {row["confidence"] for row in rows} == {"stated", "assumed"}


def test_offices_are_public():
    rows = send("GET", "/v1/offices", role=None).json["items"]

    assert {"pb", "ds-lahore", "ps-lhr-mozang"} <= {row["id"] for row in rows}


def test_the_policy_in_force_is_public_with_its_deadlines():
    policy = send("GET", "/v1/complaint-policy", role=None).json

    assert (policy["first_contact_hours"], policy["classes"]["A"]["final_report_hours"]) == (8, 24)
