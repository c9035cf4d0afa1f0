"""The tables, queues and buckets of infra/template.json, made in whatever engine boto3 is pointed at.

The template is the one source: what CloudFormation makes on AWS is what a local run and the tests get.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

TEMPLATE = Path(__file__).parent / "template.json"
TABLE, QUEUE, BUCKET = "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket"
# What CreateTable takes as the template writes it; recovery and encryption are AWS's own affair.
TAKEN = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
# The account and region that local engines answer as.
LOCAL_REGION, LOCAL_ACCOUNT = "us-east-1", "000000000000"
Properties = dict[str, Any]


class TemplateError(Exception):
    """The template uses something this reader does not know."""


def resources(kind: str, stage: str) -> dict[str, Properties]:
    """Logical id -> properties with names filled in, for resources of CloudFormation type `kind`."""
    declared = json.loads(TEMPLATE.read_text(encoding="utf-8"))["Resources"]
    return {
        logical_id: _filled(resource["Properties"], stage, declared)
        for logical_id, resource in declared.items()
        if resource["Type"] == kind
    }


def table_definitions(stage: str) -> list[Properties]:
    """Arguments for CreateTable, one a table of the template."""
    return [_create_arguments(properties) for properties in resources(TABLE, stage).values()]


def ensure_tables(client: Any, stage: str) -> list[str]:
    """Create the tables that are missing and add the indexes that are; return the new tables' names."""
    existing = set(_table_names(client))
    made = []
    for definition in table_definitions(stage):
        if definition["TableName"] in existing:
            _add_missing_indexes(client, definition)
        else:
            client.create_table(**definition)
            made.append(definition["TableName"])
    for name in made:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return made


def ensure_queues(client: Any, stage: str) -> dict[str, str]:
    """Create the queues that are missing; return every queue's URL by its name."""
    urls: dict[str, str] = {}
    # A queue's dead letters need a place before the queue may name it.
    for properties in sorted(resources(QUEUE, stage).values(), key=lambda queue: "RedrivePolicy" in queue):
        name = properties["QueueName"]
        attributes = {key: _attribute(value) for key, value in properties.items() if key != "QueueName"}
        try:
            urls[name] = client.get_queue_url(QueueName=name)["QueueUrl"]
            client.set_queue_attributes(QueueUrl=urls[name], Attributes=attributes)
        except client.exceptions.QueueDoesNotExist:
            urls[name] = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return urls


def ensure_buckets(client: Any, stage: str) -> list[str]:
    """Create the buckets that are missing; return all names.

    A lock is set again each time: an engine that was killed has the objects still, and not how they are kept.
    """
    existing = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    names = []
    for properties in resources(BUCKET, stage).values():
        name = properties["BucketName"]
        names.append(name)
        locked = bool(properties.get("ObjectLockEnabled"))
        if name not in existing:
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
        if locked:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            client.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration=properties["ObjectLockConfiguration"]
            )
    return names


def bucket_name(logical_id: str, stage: str) -> str:
    return str(resources(BUCKET, stage)[logical_id]["BucketName"])


def _create_arguments(properties: Properties) -> Properties:
    arguments = {key: properties[key] for key in TAKEN if key in properties}
    if stream := properties.get("StreamSpecification"):
        arguments["StreamSpecification"] = {"StreamEnabled": True, **stream}
    return arguments


def _table_names(client: Any) -> list[str]:
    return [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]


def _add_missing_indexes(client: Any, definition: Properties) -> None:
    name = definition["TableName"]
    described = client.describe_table(TableName=name)["Table"]
    present = {index["IndexName"] for index in described.get("GlobalSecondaryIndexes", [])}
    for index in definition.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] in present:
            continue
        try:
            client.update_table(
                TableName=name,
                AttributeDefinitions=definition["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
        except ClientError as error:
            raise TemplateError(
                f"index {index['IndexName']} could not be added to {name}: {error}"
            ) from error


def _attribute(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _filled(value: Any, stage: str, declared: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(each, stage, declared) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Sub"}:
        return _name(value["Fn::Sub"], stage)
    if set(value) == {"Fn::GetAtt"}:
        return _queue_arn(value["Fn::GetAtt"], stage, declared)
    return {key: _filled(each, stage, declared) for key, each in value.items()}


def _name(pattern: str, stage: str) -> str:
    name = pattern.replace("${Stage}", stage).replace("${AWS::AccountId}", LOCAL_ACCOUNT)
    if "${" in name:
        raise TemplateError(f"only ${{Stage}} and the account can be filled in here, not {pattern}")
    return name


def _queue_arn(target: list[str], stage: str, declared: dict[str, Any]) -> str:
    logical_id, attribute = target
    if declared[logical_id]["Type"] != QUEUE or attribute != "Arn":
        raise TemplateError(f"only a queue's Arn can be filled in here, not {target}")
    name = _name(declared[logical_id]["Properties"]["QueueName"]["Fn::Sub"], stage)
    return f"arn:aws:sqs:{LOCAL_REGION}:{LOCAL_ACCOUNT}:{name}"
