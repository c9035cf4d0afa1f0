from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import PutError

from functions.storage.tables import StaleError, StoreFailureError, instant_key, named_failures
from infra.tables import table_definitions
from tests.storage import MODELS

STAGE = "test"
TABLES = {definition["TableName"]: definition for definition in table_definitions(STAGE)}


def keys(schema):
    return {row["KeyType"]: row["AttributeName"] for row in schema}


def indexes(rows, keys_name, projection_name):
    return {row["IndexName"]: (keys(row[keys_name]), _projection(row[projection_name])) for row in rows}


def _projection(row):
    return row["ProjectionType"], tuple(sorted(row.get("NonKeyAttributes", ())))


def declared(model):
    found = {}
    for index in model._indexes.values():
        schema = index._get_schema()
        found[schema["index_name"]] = (
            {row["KeyType"]: row["AttributeName"] for row in schema["key_schema"]},
            _projection(schema["projection"]),
        )
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_models_key_is_its_tables_key(model):
    definition = TABLES[f"khidmat-{STAGE}-{model.noun}"]
    hash_key = model._hash_key_attribute().attr_name
    range_key = model._range_key_attribute()

    assert keys(definition["KeySchema"]) == {
        "HASH": hash_key,
        **({"RANGE": range_key.attr_name} if range_key else {}),
    }


def test_the_indexes_of_the_models_are_those_of_the_tables():
    in_models, in_tables = {}, {}
    for model in MODELS:
        in_models.setdefault(model.noun, {}).update(declared(model))
    for name, definition in TABLES.items():
        rows = definition.get("GlobalSecondaryIndexes", [])
        in_tables[name.removeprefix(f"khidmat-{STAGE}-")] = indexes(rows, "KeySchema", "Projection")

    assert in_models == in_tables


def test_no_two_models_share_the_place_where_their_tables_name_is_kept():
    assert len({id(model.Meta) for model in MODELS}) == len(MODELS)


def failing(code):
    return PutError(cause=ClientError({"Error": {"Code": code, "Message": ""}}, "PutItem"))


def test_a_failed_condition_is_an_answer_and_not_a_failure():
    with pytest.raises(StaleError), named_failures():
        raise failing("ConditionalCheckFailedException")


def test_throttling_is_a_failure_with_its_cause_kept():
    with pytest.raises(StoreFailureError) as failed, named_failures():
        raise failing("ProvisionedThroughputExceededException")

    assert isinstance(failed.value.__cause__, PutError)


def test_instants_sort_as_text_in_every_year():
    karachi = timezone(timedelta(hours=5))
    instants = [
        datetime(999, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 12, 0, tzinfo=karachi),
        datetime(2026, 3, 2, 7, 0, 0, 1, tzinfo=UTC),
    ]
    made = [instant_key(instant) for instant in instants]

    assert made == sorted(made)
    assert {len(key) for key in made} == {27}
    assert made[1] == "2026-03-02T07:00:00.000000Z"


def test_the_tables_of_a_test_are_its_own_whatever_an_engines_test_left_connected(request, monkeypatch):
    from functions.storage import officers

    monkeypatch.setattr(officers.OfficerItem.Meta, "table_name", "khidmat-dev-officers")

    request.getfixturevalue("tables")

    assert officers.get("nobody", consistent=True) is None
