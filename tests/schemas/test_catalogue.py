from datetime import UTC, datetime

import pytest

from schemas.catalogue.reading import (
    RANKS,
    complaint_policies,
    evidence_rules,
    file_types,
    ladder,
    offices,
    policy_in_force,
    services,
)


@pytest.mark.parametrize("office", offices().values(), ids=lambda office: office.id)
def test_each_office_lies_directly_under_the_next_rank(office):
    if office.rank == "province":
        assert office.parent is None
        return
    assert RANKS.index(offices()[office.parent].rank) == RANKS.index(office.rank) + 1


def test_all_36_districts_and_10_regions_are_there():
    ranks = [office.rank for office in offices().values()]

    assert (ranks.count("district"), ranks.count("region"), ranks.count("province")) == (36, 10, 1)


def test_a_ladder_climbs_to_the_province():
    assert ladder("ps-lhr-mozang") == ("ps-lhr-mozang", "sd-lhr-civil-lines", "ds-lahore", "rg-lahore", "pb")


@pytest.mark.parametrize("policy", complaint_policies(), ids=lambda policy: policy.version)
def test_every_category_has_a_class_with_a_deadline(policy):
    assert {c.complaint_class for c in policy.categories.values()} <= set(policy.classes)


def test_stated_deadlines_are_those_of_the_source():
    policy = policy_in_force(datetime(2026, 1, 1, tzinfo=UTC))

    assert {k: v.final_report_hours for k, v in policy.classes.items()} == {"A": 24, "B": 72, "C": 336}
    assert policy.first_contact_hours == 8
    assert policy.lowest_rank == "sub_division"


def test_before_the_first_version_the_first_one_holds():
    assert policy_in_force(datetime(2001, 1, 1, tzinfo=UTC)).version == "2016-01"


def test_every_service_has_both_names_and_its_own_id():
    assert len({service.id for service in services()}) == len(services())
    assert all(service.name.en and service.name.ur for service in services())


def test_each_name_of_a_file_type_is_that_of_one_type_alone():
    names = [
        name
        for kind in evidence_rules().kinds
        for each in kind.types
        for name in (each.media_type, *each.also_called)
    ]

    assert len(names) == len(set(names)) == len(file_types())
    assert not [name for name in names if name.startswith("text/") or "xml" in name or "zip" in name]
