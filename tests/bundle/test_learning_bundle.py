"""The functions that group feedback find scikit-learn in their own bundle, and nothing outside it."""

import json

import pytest

from tests.bundle import clean
from tests.factories import feedback
from tests.http import token_of

pytestmark = [pytest.mark.bundle, pytest.mark.engine]


@pytest.mark.parametrize(
    "handler",
    [
        "functions.regrouping.regroup_topics",
        "functions.regrouping.on_regroup_request",
        "sklearn.cluster.MiniBatchKMeans",
        "sklearn.feature_extraction.text.TfidfVectorizer",
        "scipy.sparse.csgraph.connected_components",
    ],
)
def test_what_regrouping_needs_is_inside(learning, handler):
    (answer,) = clean.run(learning.unzipped, [{"handler": handler}], {"KHIDMAT_STAGE": "dev"})
    assert "raised" not in answer, answer["raised"]


def regroup(app):
    record = {
        "messageId": "1",
        "receiptHandle": "handle",
        "body": json.dumps({"app": app}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:khidmat-dev-regroup",
        "awsRegion": "us-east-1",
    }
    return {"handler": "functions.regrouping.on_regroup_request", "event": {"Records": [record]}}


def test_feedback_taken_in_by_one_bundle_is_grouped_by_the_other(api, learning, deployed):
    app = "pk.khidmat.bundle"
    owner = {"Authorization": f"Bearer {token_of('product_owner', 'owner-1')}"}
    texts = ["The one time code never arrives", "App crashes when I open the map", "No code comes by SMS"]
    records = [
        feedback(number, app=app, text=texts[number % 3]).model_dump(mode="json") for number in range(30)
    ]
    imports = "/v1/feedback/imports"
    take_in = clean.request("POST", imports, imports, headers=owner, body={"records": records})
    (taken,) = clean.run(api.unzipped, [take_in], deployed)
    assert taken["returned"]["statusCode"] == 200, taken

    (regrouped,) = clean.run(learning.unzipped, [regroup(app)], deployed)
    assert regrouped.get("returned") == {"batchItemFailures": []}, regrouped

    listing = clean.get("/v1/topics", headers=owner)
    listing["event"]["queryStringParameters"] = {"app": app}
    listing["event"]["multiValueQueryStringParameters"] = {"app": [app]}
    (listed,) = clean.run(api.unzipped, [listing], deployed)
    topics = json.loads(clean.content_of(listed["returned"]))["items"]
    assert {topic["app"] for topic in topics} == {app}
