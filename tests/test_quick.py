"""The mock's shorter way answers as its whole way does."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests import quick
from tests.conftest import SETTINGS

TABLE = f"{SETTINGS['KHIDMAT_STAGE']}-quick"
ROW = {
    "key": {"S": "a"},
    "range": {"N": "1"},
    "words_of": {"S": "تھانہ"},
    "sealed": {"B": b"\x00\xff"},
    "words": {"SS": ["one", "two"]},
    "numbers": {"NS": ["1", "2"]},
    "pieces": {"BS": [b"\x01"]},
    "nothing": {"NULL": True},
    "yes": {"BOOL": False},
    "nested": {"M": {"list": {"L": [{"B": b"x"}, {"M": {}}, {"N": "2.50"}]}, "empty": {"L": []}}},
}
KEY = {"key": {"S": "a"}, "range": {"N": "1"}}
PUT = {"TableName": TABLE, "Item": ROW}
NEVER = {"ConditionExpression": "attribute_exists(gone)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
SET = {
    "TableName": TABLE,
    "Key": KEY,
    "UpdateExpression": "SET nested.#l = list_append(nested.#l, :more), words_of = :said REMOVE nothing ADD words :words",
    "ExpressionAttributeNames": {"#l": "list"},
    "ExpressionAttributeValues": {
        ":more": {"L": [{"S": "last"}]}, ":said": {"S": ""}, ":words": {"SS": ["three"]},
    },
    "ReturnValues": "ALL_NEW",
}  # fmt: skip
CALLS = (
    ("put_item", PUT | {"ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL"}),
    ("put_item", PUT | NEVER),
    ("put_item", PUT | {"Item": ROW | {"long": {"S": "x" * 410_000}}}),
    ("put_item", PUT | {"Item": ROW | {"key": {"S": ""}}}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ProjectionExpression": "nested, sealed"}),
    ("get_item", {"TableName": TABLE, "Key": KEY | {"range": {"N": "7"}}}),
    ("get_item", {"TableName": "missing", "Key": KEY}),
    ("update_item", SET),
    (
        "update_item",
        {
            "TableName": TABLE,
            "Key": KEY,
            "UpdateExpression": "SET missing.there = :said",
            "ExpressionAttributeValues": {":said": {"S": "no"}},
        },
    ),
    ("batch_write_item", {"RequestItems": {TABLE: [{"PutRequest": {"Item": KEY | {"range": {"N": "2"}}}}]}}),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY]}}}),
    (
        "query",
        {
            "TableName": TABLE,
            "KeyConditionExpression": "#k = :k",
            "ExpressionAttributeNames": {"#k": "key"},
            "ExpressionAttributeValues": {":k": {"S": "a"}},
            "Limit": 1,
        },
    ),
    ("scan", {"TableName": TABLE}),
    ("transact_write_items", {"TransactItems": [{"Put": PUT}, {"Delete": {"TableName": TABLE, "Key": KEY | {"range": {"N": "9"}}} | NEVER}]}),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": KEY,
                        "UpdateExpression": "SET words_of = :said",
                        "ExpressionAttributeValues": {":said": {"S": "never kept"}},
                    }
                },
                {"Put": {"TableName": TABLE, "Item": KEY | {"range": {"N": "3"}}}},
                {"Delete": {"TableName": TABLE, "Key": KEY | {"range": {"N": "9"}}} | NEVER},
            ]
        },
    ),
    ("scan", {"TableName": TABLE}),
    ("transact_write_items", {"TransactItems": [{"Put": {"TableName": TABLE, "Item": KEY | {"range": {"N": "4"}}}}]}),
    ("scan", {"TableName": TABLE}),
    ("delete_item", {"TableName": TABLE, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("describe_table", {"TableName": TABLE}),
)  # fmt: skip
OFTEN_DIFFERENT = {"ResponseMetadata", "CreationDateTime", "TableId"}


def answer(client, name, given):
    try:
        return plain(getattr(client, name)(**given))
    except ClientError as refused:
        return str(refused), plain(refused.response), refused.response["ResponseMetadata"]["HTTPStatusCode"]


def plain(value):
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in OFTEN_DIFFERENT}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def answers(client):
    described = {
        "KeySchema": [
            {"AttributeName": "key", "KeyType": "HASH"},
            {"AttributeName": "range", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "key", "AttributeType": "S"},
            {"AttributeName": "range", "AttributeType": "N"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    client.create_table(TableName=TABLE, **described)
    try:
        return [(name, answer(client, name, given)) for name, given in CALLS]
    finally:
        client.delete_table(TableName=TABLE)


@pytest.fixture
def client(tables):
    return boto3.client("dynamodb")


def test_each_call_is_answered_as_ever(client, monkeypatch):
    shorter = answers(client)
    quick.undo(monkeypatch)
    whole = answers(client)

    assert shorter == whole
    assert [said[1]["Error"]["Code"] for _, said in whole if isinstance(said, tuple)] == [
        "ConditionalCheckFailedException",
        "ValidationException",
        "ValidationException",
        "ResourceNotFoundException",
        "ValidationException",
        "TransactionCanceledException",
        "TransactionCanceledException",
    ]
