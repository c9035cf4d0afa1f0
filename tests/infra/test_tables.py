import json
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError

from infra import tables

STAGE = "fresh"
"""Of its own: the tables of the other tests, in the same moto, stay as they are."""


@pytest.fixture
def aws(_moto):
    mocked, _, dynamodb, sqs, s3 = _moto
    mocked.start(reset=False)
    yield boto3
    for kept in (dynamodb.tables, sqs.queues, s3.buckets):
        for name in [name for name in kept if f"-{STAGE}-" in name]:
            del kept[name]
    mocked.stop(remove_data=False)


def described(client, noun):
    return client.describe_table(TableName=f"khidmat-{STAGE}-{noun}")["Table"]


def test_every_table_and_queue_of_the_template_is_made(aws):
    dynamodb, sqs = aws.client("dynamodb"), aws.client("sqs")
    made = tables.ensure_tables(dynamodb, STAGE)
    assert sorted(made) == sorted(
        f"khidmat-{STAGE}-{noun}"
        for noun in (
            "cases",
            "register",
            "notices",
            "messages",
            "contacts",
            "people",
            "officers",
            "holidays",
            "codes",
            "feedback",
            "topics",
            "releases",
            "danger",
            "models",
            "sources",
        )
    )
    assert set(tables.ensure_queues(sqs, STAGE)) == {
        f"khidmat-{STAGE}-{noun}"
        for noun in (
            "regroup",
            "regroup-dead",
            "codes",
            "codes-dead",
            "messages",
            "messages-dead",
            "stream-failures",
        )
    }


def test_making_twice_makes_nothing_new(aws):
    tables.ensure_tables(aws.client("dynamodb"), STAGE)
    assert tables.ensure_tables(aws.client("dynamodb"), STAGE) == []
    urls = tables.ensure_queues(aws.client("sqs"), STAGE)
    assert tables.ensure_queues(aws.client("sqs"), STAGE) == urls


def test_a_table_gets_its_keys_indexes_and_stream(aws):
    client = aws.client("dynamodb")
    tables.ensure_tables(client, STAGE)
    cases = described(client, "cases")
    assert cases["KeySchema"] == [{"AttributeName": "reference", "KeyType": "HASH"}]
    assert {index["IndexName"] for index in cases["GlobalSecondaryIndexes"]} == {
        "by_owner",
        "open_clocks",
        "by_parent",
    }
    assert cases["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    types = {
        each["AttributeName"]: each["AttributeType"]
        for each in described(client, "notices")["AttributeDefinitions"]
    }
    assert types == {"recipient": "S", "notice_key": "S"}


def test_the_ledgers_bucket_is_locked_from_its_making(aws):
    client = aws.client("s3")
    names = tables.ensure_buckets(client, STAGE)
    locked = client.get_object_lock_configuration(Bucket=tables.bucket_name("LedgerBucket", STAGE))

    assert names == [f"khidmat-{STAGE}-{noun}-000000000000" for noun in ("evidence", "models", "ledger")]
    kept = locked["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (kept["Mode"], kept["Years"]) == ("COMPLIANCE", 7)
    assert tables.ensure_buckets(client, STAGE) == names


def test_a_lock_that_the_engine_forgot_is_set_again():
    done = []

    class Client:
        def list_buckets(self):
            return {
                "Buckets": [
                    {"Name": tables.bucket_name(f"{noun}Bucket", STAGE)}
                    for noun in ("Evidence", "Models", "Ledger")
                ]
            }

        def __getattr__(self, operation):
            return lambda **_: done.append(operation)

    tables.ensure_buckets(Client(), STAGE)

    assert done == ["put_bucket_versioning", "put_object_lock_configuration"]


def test_the_ledgers_bucket_lets_nothing_be_written_over_or_hidden():
    declared = json.loads(tables.TEMPLATE.read_text())["Resources"]["LedgerBucketPolicy"]["Properties"]
    denied = {each["Action"][0]: each.get("Condition") for each in declared["PolicyDocument"]["Statement"]}

    assert denied == {"s3:PutObject": {"Null": {"s3:if-none-match": "true"}}, "s3:DeleteObject": None}


def test_an_index_that_is_new_in_the_template_is_added(aws):
    client = aws.client("dynamodb")
    definition = next(
        each for each in tables.table_definitions(STAGE) if each["TableName"].endswith("-topics")
    )
    bare = {key: value for key, value in definition.items() if key != "GlobalSecondaryIndexes"}
    bare["AttributeDefinitions"] = [
        each for each in bare["AttributeDefinitions"] if each["AttributeName"] == "topic_id"
    ]
    client.create_table(**bare)
    tables.ensure_tables(client, STAGE)
    assert [index["IndexName"] for index in described(client, "topics")["GlobalSecondaryIndexes"]] == [
        "ranked"
    ]


def test_a_queue_sends_what_keeps_failing_to_its_dead_letters(aws):
    client = aws.client("sqs")
    url = tables.ensure_queues(client, STAGE)[f"khidmat-{STAGE}-regroup"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5
    assert (attributes["VisibilityTimeout"], attributes["SqsManagedSseEnabled"]) == ("900", "true")


def test_every_table_is_recoverable_encrypted_and_never_deleted_with_the_stack():
    declared = json.loads(tables.TEMPLATE.read_text())["Resources"]
    for resource in declared.values():
        if resource["Type"] == tables.TABLE:
            assert resource["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
            assert resource["Properties"]["SSESpecification"]["SSEEnabled"]
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_every_queue_is_encrypted():
    queues = tables.resources(tables.QUEUE, STAGE).values()
    assert all(queue["SqsManagedSseEnabled"] for queue in queues)


@pytest.mark.parametrize("value", [{"Fn::Sub": "${AWS::Region}-x"}, {"Fn::GetAtt": ["CasesTable", "Arn"]}])
def test_what_the_reader_does_not_know_is_an_error(value):
    with pytest.raises(tables.TemplateError):
        tables._filled(value, STAGE, {"CasesTable": {"Type": tables.TABLE}})


def test_an_index_that_cannot_be_added_names_itself():
    def update_table(**_):
        raise ClientError({"Error": {"Code": "LimitExceededException"}}, "UpdateTable")

    client = SimpleNamespace(describe_table=lambda **_: {"Table": {}}, update_table=update_table)
    definition = {
        "TableName": "khidmat-test-topics",
        "AttributeDefinitions": [],
        "GlobalSecondaryIndexes": [{"IndexName": "broken"}],
    }
    with pytest.raises(tables.TemplateError, match="broken"):
        tables._add_missing_indexes(client, definition)
