"""A small Chalice app that exercises the runner: routes, a schedule, a queue and a stream, and nothing of the product."""

import json
import os
import time

import boto3
from chalice import Blueprint, Chalice, CORSConfig, Response

ME = "tests.infra.local.sample_app"
TABLE = "khidmat-dev-notices"
app = Chalice(app_name="sample")
events = Blueprint(ME)
_clients = {}


def client(name):
    return _clients.setdefault(name, boto3.client(name))


@app.route("/v1/health")
def health():
    return {"ok": True}


@app.route("/v1/echo/{name}", methods=["GET", "POST"], cors=CORSConfig(allow_origin="https://pages.example"))
def echo(name):
    time.sleep(float((app.current_request.query_params or {}).get("wait", "0")))
    event = app.current_request.to_original_event()
    return {"name": name, "event": event, "seen": app.current_request.query_params}


@app.route("/v1/echo/mine")
def mine():
    return {"static": True}


@app.route("/v1/cookies")
def cookies():
    headers = {"Set-Cookie": ["a=1; HttpOnly", "b=2; HttpOnly"], "Content-Type": "text/html"}
    return Response("<p>نمبر</p>", headers=headers)


@app.route("/v1/picture")
def picture():
    return Response(b"\x89PNG\x00", headers={"Content-Type": "image/png"})


@app.route("/v1/picture", methods=["PUT"], content_types=["image/png"])
def put_picture():
    return {"length": len(app.current_request.raw_body)}


@app.route("/v1/rows", methods=["POST"])
def put_row():
    row = app.current_request.json_body
    item = {"recipient": {"S": row["key"]}, "notice_key": {"S": "row"}, "text": {"S": row["text"]}}
    client("dynamodb").put_item(TableName=TABLE, Item=item)
    return Response({"reference": row["key"]}, status_code=201)


@app.route("/v1/rows/{key}")
def get_row(key):
    row_key = {"recipient": {"S": key}, "notice_key": {"S": "row"}}
    item = client("dynamodb").get_item(TableName=TABLE, Key=row_key, ConsistentRead=True).get("Item")
    return {"reference": key, "text": item["text"]["S"]} if item else Response({}, status_code=404)


@events.schedule("rate(1 day)", name="flag_overdue")
def flag_overdue(event):
    return {"time": event.to_dict()["time"], "stage": os.environ["KHIDMAT_STAGE"]}


@events.schedule("cron(0 22 * * ? *)", name="regroup_topics")
def regroup_topics(event):
    return {"regrouped": 0}


def keep(name, row):
    """Leaves a mark in the notices table that a test can read."""
    item = {"recipient": {"S": name}, "notice_key": {"S": row}}
    client("dynamodb").put_item(TableName=TABLE, Item=item)


@events.on_sqs_message(queue="khidmat-regroup", batch_size=5, name="regroup")
def regroup(event):
    failed = []
    for record in event.to_dict()["Records"]:
        if "bad" in record["body"]:
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            keep("from-queue", record["body"])
    return {"batchItemFailures": failed}


@events.on_dynamodb_record(stream_arn="table/cases", batch_size=10, name="on_case")
def on_case(event):
    for record in event.to_dict()["Records"]:
        reference = record["dynamodb"]["Keys"]["reference"]["S"]
        if "poison" in reference:
            raise ValueError(json.dumps(record["dynamodb"]["Keys"]))
        keep("from-stream", reference)


app.register_blueprint(events)
