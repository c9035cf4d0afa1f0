"""An issue elsewhere for every accepted topic: what goes out, signed, and again until it is taken."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from functions import issues, outbound, sending
from functions.domain import dispatch, topic_decisions
from functions.domain.errors import ChangedMeanwhile
from functions.outbound import Fetched, HostUnreachableError
from functions.storage import messages, topic_changes
from functions.storage import topics as topic_store
from functions.storage.tables import StaleError
from schemas.topics import NewDecision
from tests.factories import NOON, OWNER
from tests.topics import CODE, about, plainly_grouped, regroup, stored, take_in

pytestmark = pytest.mark.usefixtures("tables", "settings")
GITHUB = "https://api.github.com/repos/sample/app/issues"
SECRET = "a secret of the tracker's"


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture
def tracker(monkeypatch):
    """What was posted, and what is answered: a status, or an error."""

    class Tracker:
        posted, answers = [], []

    def post(address, body, hosts, *, headers, seconds):
        Tracker.posted.append((address, body, hosts, headers))
        answer = Tracker.answers.pop(0) if Tracker.answers else 201
        if isinstance(answer, Exception):
            raise answer
        return Fetched(answer, "application/json", b"{}")

    Tracker.posted, Tracker.answers = [], []
    monkeypatch.setattr(outbound, "post", post)
    monkeypatch.setenv("KHIDMAT_ISSUES_URL", GITHUB)
    monkeypatch.setenv("KHIDMAT_ISSUES_SECRET", SECRET)
    return Tracker


@pytest.fixture
def topic():
    take_in(CODE * 3)
    regroup()
    return about("otp")


def decide(topic, status="accepted", **more):
    new = NewDecision(status=status, **more)
    return topic_decisions.decide(OWNER, topic.row.topic_id, new, NOON, None)


def waiting():
    later = NOON + timedelta(days=9)
    return [message for shard in messages.SHARDS for message in messages.due_before(later, shard)]


def deliver(now=NOON):
    (message,) = waiting()
    return dispatch.deliver(message, sending.Providers(), now)


def test_an_accepted_topic_becomes_an_issue_once(topic, tracker):
    decide(topic)
    decide(topic, "planned")
    assert deliver() == "sent"

    assert waiting() == []
    assert [address for address, *_ in tracker.posted] == [GITHUB]


def test_a_topic_that_is_planned_at_once_was_accepted_with_it(topic, tracker):
    decide(topic, "planned")

    assert len(waiting()) == 1


def test_what_is_declined_makes_no_issue(topic, tracker):
    decide(topic, "declined", reason="Law")

    assert waiting() == []


def test_without_a_tracker_nothing_waits(topic, monkeypatch):
    monkeypatch.delenv("KHIDMAT_ISSUES_URL", raising=False)
    decide(topic)

    assert waiting() == []


def test_the_body_is_signed_and_names_its_delivery(topic, tracker):
    decide(topic)
    deliver()
    _, body, hosts, headers = tracker.posted[0]
    wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    assert headers["X-Khidmat-Signature-256"] == f"sha256={wanted}"
    assert headers["X-Khidmat-Delivery"] == f"{topic.row.topic_id}.2"
    assert hosts == frozenset({"api.github.com"})


def test_a_tracker_that_fails_is_asked_again_later_under_the_same_delivery(topic, tracker):
    decide(topic)
    tracker.answers = [503, HostUnreachableError("TimeoutError"), 201]
    assert deliver() == "waiting"
    assert deliver(NOON + timedelta(minutes=2)) == "waiting"
    assert deliver(NOON + timedelta(hours=1)) == "sent"

    assert len({headers["X-Khidmat-Delivery"] for *_, headers in tracker.posted}) == 1


def test_one_that_never_takes_it_is_given_up_at_last(topic, tracker):
    decide(topic)
    tracker.answers = [500] * 20
    at, states = NOON, []
    while waiting():
        states.append(deliver(at))
        at += timedelta(hours=13) if len(states) > 4 else timedelta(hours=3)

    assert states[-1] in {"failed", "lapsed"}


def test_a_decision_and_its_issue_are_written_together_or_not_at_all(topic, tracker, monkeypatch):
    def stale(*_, **__):
        raise StaleError

    monkeypatch.setattr(topic_changes, "decide", stale)
    with pytest.raises(ChangedMeanwhile):
        decide(topic)

    assert waiting() == []


def test_nothing_of_anybody_and_no_count_of_few_goes_out(topic, tracker):
    few = stored(topic).row.model_copy(update={"people": 9})
    topic_store.save_ranking(few, topic_store.members(stored(topic)))
    decide(topic, reason="Many ask for it")
    deliver()
    said = tracker.posted[0][1].decode()

    assert "People" not in said
    assert not [quote.text for quote in topic.row.quotes if len(quote.text) > 5 and quote.text in said]


def test_who_is_named_in_a_reason_stays_here(topic, tracker):
    decide(topic, reason="Ring 0300 1234567 about 35202-1234567-1")
    deliver()
    said = tracker.posted[0][1].decode()

    assert "1234567" not in said
    assert "[phone]" in said


@pytest.mark.parametrize(
    ("kind", "title"),
    [("github", lambda b: b["title"]), ("jira", lambda b: b["fields"]["summary"]),
     ("generic", lambda b: b["topic"]["name_en"]), ("", lambda b: b["topic"]["name_en"])],
)  # fmt: skip
def test_each_tracker_gets_its_own_form(topic, tracker, monkeypatch, kind, title):
    monkeypatch.setenv("KHIDMAT_ISSUES_KIND", kind)
    monkeypatch.setenv("KHIDMAT_ISSUES_TOKEN", "token")
    monkeypatch.setenv("KHIDMAT_ISSUES_PROJECT", "KH")
    decide(topic)
    deliver()
    _, body, _, headers = tracker.posted[0]

    assert title(json.loads(body)) == topic.row.name["en"]
    assert headers["Authorization"] == ("Basic token" if kind == "jira" else "Bearer token")
    assert f"/board/topics/{topic.row.topic_id}" in body.decode()
    assert (kind == "github") is ("X-GitHub-Api-Version" in headers)


def test_without_a_secret_no_tracker_is_set_up(tracker, monkeypatch):
    assert sending.Providers().is_set_up("webhook")
    monkeypatch.delenv("KHIDMAT_ISSUES_SECRET")

    assert not sending.Providers().is_set_up("webhook")


def test_in_a_local_run_the_issue_lies_in_the_folder(topic, tracker, tmp_path):
    decide(topic)
    (message,) = waiting()
    dispatch.deliver(message, sending.Folder(tmp_path), NOON)
    (file,) = tmp_path.iterdir()

    assert topic.row.name["en"] in json.loads(file.read_text())["text"]
    assert tracker.posted == []


def test_an_unknown_kind_is_our_own_form(monkeypatch):
    monkeypatch.setenv("KHIDMAT_ISSUES_KIND", "pigeon")

    assert issues.kind() == "generic"
