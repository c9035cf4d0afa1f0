import pytest

from functions.domain.access import (
    GRANTS,
    Caller,
    Permission,
    Role,
    districts_of,
    is_accused,
    may_see,
    permits,
)
from tests.factories import CITIZEN, DPO, OTHER_CITIZEN, OTHER_SDPO, OWNER, SDPO, SUPERVISOR, case


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (CITIZEN, True),
        (OTHER_CITIZEN, False),
        (SDPO, True),
        (OTHER_SDPO, False),
        (DPO, True),
        (SUPERVISOR, True),
        (Caller("dpo-2", Role.DPO, "ds-multan"), False),
        (Caller("officer-1", Role.STATION_OFFICER, "ps-lhr-mozang"), False),
        (Caller("sdpo-9", Role.SDPO, None), False),
        (OWNER, False),
        (Caller("auditor-1", Role.AUDITOR, "pb"), False),
        (Caller("administrator-1", Role.ADMINISTRATOR, "pb"), False),
    ],
    ids=lambda value: value.subject if isinstance(value, Caller) else "",
)
def test_who_sees_a_complaint_of_civil_lines(caller, sees):
    assert may_see(caller, case()) is sees


@pytest.mark.parametrize("caller", [SDPO, DPO])
def test_the_office_complained_of_and_those_under_it_never_see_the_complaint(caller):
    about_the_district = case(about_office="ds-lahore", office="sd-lhr-civil-lines")

    assert not may_see(caller, about_the_district)
    assert may_see(SUPERVISOR, about_the_district)


def test_an_officer_with_a_citizens_subject_does_not_own_the_citizens_case():
    assert not may_see(Caller("citizen-1", Role.SDPO, "sd-lhr-model-town"), case())


def test_nobody_is_accused_where_nobody_is_complained_of():
    assert not is_accused("ps-lhr-mozang", "")


def test_every_role_is_granted_something_or_nothing_by_name():
    assert set(GRANTS) == set(Role)


def test_an_administrator_has_no_case_data():
    assert GRANTS[Role.ADMINISTRATOR] == frozenset()


def test_whoever_is_signed_in_may_do_what_anybody_may():
    assert permits(OWNER, Permission.SIGNED_IN)
    assert not permits(OWNER, Permission.COMPLAINT_READ)


def test_districts_follow_the_office():
    assert districts_of("ps-lhr-mozang") == ("ds-lahore",)
    assert districts_of("rg-sahiwal") == ("ds-sahiwal", "ds-okara", "ds-pakpattan")
    assert len(districts_of("pb")) == 36
