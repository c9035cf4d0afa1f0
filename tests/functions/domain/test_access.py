from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.access import (
    CLEARANCE_WOMEN,
    GRANTS,
    PURPOSES,
    RANK_OF_ROLE,
    Caller,
    Permission,
    Role,
    Row,
    allow,
    calls_back,
    districts_of,
    is_accused,
    lacks_purpose,
    row_of,
)
from schemas.catalogue.reading import offices
from tests.factories import (
    ADMINISTRATOR,
    AUDITOR,
    CENTRAL_OFFICE,
    CITIZEN,
    DPO,
    NOON,
    OTHER_CITIZEN,
    OTHER_SDPO,
    OWNER,
    RPO,
    SDPO,
    case,
)

READ, AUDIT = Permission.COMPLAINT_READ, Permission.AUDIT_READ
CIVIL_LINES = Row(owner="citizen-1", office="sd-lhr-civil-lines")
CLEARED = frozenset({CLEARANCE_WOMEN})


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (CITIZEN, True),
        (OTHER_CITIZEN, False),
        (SDPO, True),
        (OTHER_SDPO, False),
        (DPO, True),
        (RPO, True),
        (CENTRAL_OFFICE, True),
        (Caller("dpo-2", Role.DPO, "ds-multan"), False),
        (Caller("rpo-2", Role.RPO, "rg-multan"), False),
        (Caller("officer-1", Role.STATION_OFFICER, "ps-lhr-mozang"), False),
        (Caller("desk-1", Role.FRONT_DESK, "ps-lhr-mozang"), False),
        (Caller("centre-1", Role.CENTRE_SUPERVISOR, "ps-lhr-mozang"), False),
        (Caller("sdpo-9", Role.SDPO, None), False),
        (OWNER, False),
        (AUDITOR, False),
        (ADMINISTRATOR, False),
    ],
    ids=lambda value: value.subject if isinstance(value, Caller) else "",
)
def test_who_reads_a_complaint_of_civil_lines(caller, sees):
    assert allow(caller, READ, CIVIL_LINES) is sees


def test_a_station_sees_what_lies_at_itself_and_at_no_other_office():
    officer = Caller("officer-1", Role.STATION_OFFICER, "ps-lhr-mozang")

    assert allow(officer, READ, Row("citizen-1", "ps-lhr-mozang"))
    assert not allow(officer, READ, Row("citizen-1", "sd-lhr-civil-lines"))


@pytest.mark.parametrize("caller", [SDPO, DPO])
def test_the_office_complained_of_and_those_under_it_never_see_the_complaint(caller):
    about_the_district = replace(CIVIL_LINES, about_offices=("ds-lahore",))

    assert not allow(caller, READ, about_the_district)
    assert allow(RPO, READ, about_the_district)


@pytest.mark.parametrize("action", [READ, Permission.COMPLAINT_STEP, Permission.SUPERVISION_READ])
def test_the_officer_complained_of_never_sees_the_complaint_wherever_posted(action):
    row = replace(CIVIL_LINES, accused=("sdpo-1",), about_offices=("ps-lhr-mozang",))

    assert not allow(SDPO, action, row)
    assert not allow(replace(SDPO, role=Role.CENTRAL_OFFICE, office="pb"), action, row)
    assert allow(DPO, action, row)


def test_a_second_account_with_the_number_of_the_accused_sees_nothing():
    row = replace(CIVIL_LINES, accused=("somebody-else", "#LHR7"))

    assert not allow(replace(DPO, service_number="LHR7"), READ, row)
    assert allow(replace(DPO, service_number="LHR8"), READ, row)
    assert allow(DPO, READ, replace(CIVIL_LINES, accused=("somebody-else", "#")))


@pytest.mark.parametrize(
    ("left", "sees"),
    [
        (NOON + timedelta(days=1), False),
        (NOON - timedelta(days=365), False),
        (NOON - timedelta(days=366), True),
    ],
    ids=["after it was lodged", "within the year before", "longer ago"],
)
def test_whoever_served_in_the_office_complained_of_lately_does_not_see_it(left, sees):
    row = replace(CIVIL_LINES, office="ds-lahore", about_offices=("sd-lhr-civil-lines",), lodged_at=NOON)
    promoted = replace(DPO, former_posts=(("sd-lhr-civil-lines", left),))

    assert allow(promoted, READ, row) is sees
    assert allow(DPO, READ, row)


def test_an_accused_auditor_does_not_audit_the_own_matter():
    assert allow(AUDITOR, AUDIT, CIVIL_LINES)
    assert not allow(AUDITOR, AUDIT, replace(CIVIL_LINES, accused=("auditor-1",)))


def test_an_auditor_reads_the_audit_and_not_the_case():
    assert not allow(AUDITOR, READ, CIVIL_LINES)


@pytest.mark.parametrize("caller", [SDPO, DPO, RPO, CENTRAL_OFFICE])
def test_a_restricted_case_is_for_the_cleared_alone(caller):
    restricted = replace(CIVIL_LINES, restricted=True)

    assert not allow(caller, READ, restricted)
    assert not allow(replace(caller, clearances=frozenset({"another"})), READ, restricted)
    assert allow(replace(caller, clearances=CLEARED), READ, restricted)


def test_a_clearance_opens_no_other_jurisdiction():
    assert not allow(replace(OTHER_SDPO, clearances=CLEARED), READ, replace(CIVIL_LINES, restricted=True))


def test_the_own_restricted_report_needs_no_clearance_and_no_purpose():
    restricted = replace(CIVIL_LINES, restricted=True)

    assert allow(CITIZEN, READ, restricted)
    assert not lacks_purpose(CITIZEN, restricted)


@pytest.mark.parametrize(
    ("purpose", "lacks"), [("", True), ("curiosity", True), *((p, False) for p in PURPOSES)]
)
def test_officers_say_for_what_they_open_a_restricted_case(purpose, lacks):
    officer = replace(SDPO, clearances=CLEARED, purpose=purpose)

    assert lacks_purpose(officer, replace(CIVIL_LINES, restricted=True)) is lacks
    assert not lacks_purpose(officer, CIVIL_LINES)


def test_an_officer_with_a_citizens_subject_does_not_own_the_citizens_case():
    assert not allow(Caller("citizen-1", Role.SDPO, "sd-lhr-model-town"), READ, CIVIL_LINES)


def test_a_row_without_an_owner_is_nobodys():
    assert not allow(Caller("", Role.CITIZEN), READ, replace(CIVIL_LINES, owner=""))


def test_nobody_is_accused_where_nobody_is_complained_of():
    assert not is_accused(SDPO, CIVIL_LINES)
    assert not is_accused(AUDITOR, replace(CIVIL_LINES, about_offices=("pb",)))


@pytest.mark.parametrize("action", Permission)
def test_what_a_role_may_not_do_at_all_it_may_do_to_no_row(action):
    for role in Role:
        caller = Caller("citizen-1", role, "pb", CLEARED)
        if action not in GRANTS[role]:
            assert not allow(caller, action, CIVIL_LINES)


def test_every_role_is_granted_something_or_nothing_by_name():
    assert set(GRANTS) == set(Role)


def test_every_rank_of_a_role_is_one_that_offices_have():
    assert set(RANK_OF_ROLE.values()) <= {office.rank for office in offices().values()}


def test_an_administrator_has_no_case_data():
    assert GRANTS[Role.ADMINISTRATOR] == {
        Permission.OFFICER_MANAGE,
        Permission.OFFICE_CONTACT,
        Permission.POLICY_MANAGE,
        Permission.SOURCE_MANAGE,
    }


def test_whoever_is_signed_in_may_do_what_anybody_may():
    assert allow(OWNER, Permission.SIGNED_IN)
    assert not allow(OWNER, READ)


def test_the_policy_is_told_what_it_looks_at():
    made = case(category="violence_against_women", about_offices=("ps-lhr-mozang",), accused=("sdpo-1",))

    assert row_of(made) == Row(
        "citizen-1",
        "sd-lhr-civil-lines",
        ("ps-lhr-mozang",),
        ("sdpo-1",),
        restricted=True,
        lodged_at=NOON,
        district="ds-lahore",
    )
    assert not row_of(case()).restricted


def test_districts_follow_the_office():
    assert districts_of("ps-lhr-mozang") == ("ds-lahore",)
    assert districts_of("rg-sahiwal") == ("ds-sahiwal", "ds-okara", "ds-pakpattan")
    assert len(districts_of("pb")) == 36


def test_nobody_calls_back_about_an_office_that_commands_the_own_centre():
    centre = Caller("desk-1", Role.FRONT_DESK, "ps-lhr-mozang")
    far = next(d for d in districts_of("pb") if calls_back(d) == "ds-lahore")
    asked = Row("citizen-1", far, district=far)

    assert allow(centre, Permission.COMPLAINT_CALL_BACK, asked)
    assert not allow(centre, Permission.COMPLAINT_CALL_BACK, replace(asked, office="pb"))
    assert not allow(centre, Permission.COMPLAINT_CALL_BACK, replace(asked, restricted=True))
    elsewhere = replace(centre, office="ps-rwp-cantt")
    assert not allow(elsewhere, Permission.COMPLAINT_CALL_BACK, asked)
    assert not allow(centre, Permission.COMPLAINT_CALL_BACK, replace(asked, district=""))
