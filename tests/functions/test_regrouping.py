import pytest

from functions import regrouping
from functions.domain import regrouping as nightly
from functions.storage.tables import StoreFailureError
from tests.factories import NOON
from tests.http import Context


def tick(at):
    return {
        "version": "0",
        "id": "tick",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }


def queue(*bodies):
    return {
        "Records": [
            {"messageId": f"m-{n}", "body": body, "receiptHandle": "r", "attributes": {}}
            for n, body in enumerate(bodies)
        ]
    }


def test_an_app_asked_for_twice_is_regrouped_once(monkeypatch):
    asked = []
    monkeypatch.setattr(nightly, "regroup", lambda app, now: asked.append(app))
    regrouping.on_regroup_request(queue('{"app": "a"}', '{"app": "a"}', '{"app": "b"}'), Context())

    assert asked == ["a", "b"]


def test_an_app_that_could_not_be_regrouped_is_asked_for_again(monkeypatch):
    def failing(app, now):
        if app == "a":
            raise StoreFailureError

    monkeypatch.setattr(nightly, "regroup", failing)

    assert regrouping.on_regroup_request(
        queue('{"app": "a"}', '{"app": "b"}', '{"app": "a"}'), Context()
    ) == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-2"}]}


@pytest.mark.parametrize("body", ["{}", "nonsense", "[]", "null"])
def test_a_message_that_names_no_app_fails_alone(body, monkeypatch):
    asked = []
    monkeypatch.setattr(nightly, "regroup", lambda app, now: asked.append(app))

    assert regrouping.on_regroup_request(queue(body, '{"app": "a"}'), Context()) == {
        "batchItemFailures": [{"itemIdentifier": "m-0"}]
    }
    assert asked == ["a"]


def test_the_nightly_run_regroups_every_app(monkeypatch):
    monkeypatch.setattr(nightly, "regroup_all", lambda now: {"a": 3, "b": 4})

    assert regrouping.regroup_topics(tick(NOON), Context()) == {"a": 3, "b": 4}
