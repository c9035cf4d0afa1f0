import pytest

from functions import fetching as job
from functions.domain import fetching
from functions.logs import FunctionFailedError
from functions.storage import fetches
from tests.feedback_ml.sources import stores
from tests.feedback_ml.sources.stores import APP, APP_ID, NOW, Said, apple_review, play_review, serving
from tests.http import Context, send

pytestmark = pytest.mark.usefixtures("tables")
OWNER = {"role": "product_owner", "subject": "owner-1"}
NAME = f"play:{APP}"
RUNS = f"/v1/feedback/sources/{NAME}/runs"


class Time(Context):
    @staticmethod
    def get_remaining_time_in_millis():
        return 600_000


def tick(at=NOW):
    named = dict.fromkeys(("version", "account", "region", "detail-type", "source", "id"), "0")
    return job.fetch_reviews({**named, "time": at.isoformat(), "detail": {}, "resources": []}, Time())


def listed(**more):
    return {
        each["name"]: each for each in send("GET", "/v1/feedback/sources", **(OWNER | more)).json["items"]
    }


@pytest.fixture
def set_up(monkeypatch):
    monkeypatch.setenv("KHIDMAT_PLAY_ACCOUNT", stores.account_text())
    monkeypatch.setenv("KHIDMAT_PLAY_APPS", f"{APP}, pk.other.app")
    monkeypatch.setenv("KHIDMAT_APP_STORE_KEY", stores.connect_text())
    monkeypatch.setenv("KHIDMAT_APP_STORE_APPS", f"{APP_ID}={APP}")


@pytest.fixture
def served(set_up, monkeypatch):
    """Both stores on the loopback, behind the very settings that a deployment has."""
    with serving() as play, serving() as apple:
        monkeypatch.setenv("KHIDMAT_PLAY_APPS", APP)
        google, connect = job.PlayReviews, job.AppStoreReviews
        fast = {"http": stores.http(play), "tokens": stores.http(play)}
        monkeypatch.setattr(job, "PlayReviews", lambda app, key: google(app, key, **fast))
        monkeypatch.setattr(job, "AppStoreReviews", lambda *of: connect(*of, http=stores.http(apple)))
        yield play, apple


def test_without_keys_the_stores_are_off_and_say_so():
    assert tick() == {"read": 0, "failed": 0, "waiting": 0}
    assert {name: each["state"] for name, each in listed().items()} == {"play": "off", "app_store": "off"}

    reply = send("POST", "/v1/feedback/sources/play/runs", body={}, **OWNER)
    assert (reply.status, reply.json["type"]) == (409, "/problems/source-off")


def test_each_app_of_each_store_is_a_source_of_its_own(set_up):
    assert [each.name for each in job.configured()] == [NAME, "play:pk.other.app", f"app_store:{APP}"]
    assert job.off() == ()


@pytest.mark.engine
@pytest.mark.enable_socket
def test_both_stores_are_read_into_feedback_that_nobody_can_be_told_by(served, tables):
    play, apple = served
    play.reviews = [play_review(n) for n in range(5)] + [play_review(9, starRating=7)]
    apple.reviews = [apple_review(n, body="Call me 0300 1234567") for n in range(3)]

    assert tick() == {"read": 2, "failed": 0, "waiting": 0}
    rows = tables.scan(TableName="khidmat-test-feedback")["Items"]
    assert sorted(row["source"]["S"] for row in rows) == ["app_store"] * 3 + ["play"] * 5
    assert "1234567" not in str(rows)
    last = listed()[NAME]["last_run"]
    assert (last["read"], last["added"], last["refused"], last["finished"]) == (6, 5, 1, True)
    assert last["refusals"] == [
        {"row": 6, "reason": "column 'starRating': '7' is not 1 to 5; correct it or leave it empty"}
    ]


@pytest.mark.engine
@pytest.mark.enable_socket
def test_a_store_that_fails_rings_the_alarm_and_the_other_is_read(served):
    play, apple = served
    play.script = [Said(403)]
    apple.reviews = [apple_review(1)]

    with pytest.raises(FunctionFailedError, match="SourcesNotFetchedError"):
        tick()
    told = listed()
    assert (told[NAME]["state"], told[NAME]["problem"]) == ("failed", "key_refused")
    assert told[NAME]["problem_text"].startswith("the store refuses the key")
    assert "اسٹور" in listed(headers={"Accept-Language": "ur"})[NAME]["problem_text"]
    assert told[f"app_store:{APP}"]["last_run"]["added"] == 1


@pytest.mark.engine
@pytest.mark.enable_socket
def test_a_run_that_dies_in_the_middle_loses_and_doubles_nothing(served, monkeypatch):
    play, _ = served
    play.reviews = [play_review(n) for n in range(6)]
    asked = []
    real = fetching._Walk._page

    def page(walk):
        if walk.store.name == NAME and len(play.asked) == 2 and not asked:
            asked.append(1)
            raise KeyboardInterrupt
        return real(walk)

    monkeypatch.setattr(fetching._Walk, "_page", page)
    with pytest.raises(KeyboardInterrupt):
        tick()
    assert fetches.rows()[0].position == "4"

    tick()
    # The last page, and then all of them from the top.
    row = listed()[NAME]
    assert (row["state"], row["last_run"]["added"], row["last_run"]["unchanged"]) == ("read", 2, 6)


def test_a_dry_run_is_asked_for_and_shown(set_up):
    fetches.save(fetches.Fetch(NAME))
    reply = send("POST", RUNS, body={"dry_run": True}, **OWNER)

    assert (reply.status, reply.json["name"], reply.json["dry_run"]) == (202, NAME, True)
    assert listed()[NAME]["asked"] == "dry_run"


def test_a_run_is_a_dry_run_unless_it_is_said_not_to_be():
    fetches.save(fetches.Fetch(NAME))
    assert send("POST", RUNS, body={}, **OWNER).json["dry_run"] is True
    assert send("POST", RUNS, body={"dry_run": False}, **OWNER).json["dry_run"] is False
    assert listed()[NAME]["asked"] == "run"


def test_an_unknown_source_is_404():
    assert send("POST", "/v1/feedback/sources/play:nobody/runs", body={}, **OWNER).status == 404


def test_administrators_may_look_and_citizens_and_auditors_may_not():
    assert send("GET", "/v1/feedback/sources", role="administrator", subject="administrator-1").status == 200
    assert send("GET", "/v1/feedback/sources").status == 403
    assert send("GET", "/v1/feedback/sources", role="auditor", subject="auditor-1").status == 403
    assert send("POST", RUNS, body={}).status == 403


@pytest.mark.parametrize("entry", ["123", "abc=pk.khidmat.app", "=pk.khidmat.app"])
def test_an_app_that_is_not_whole_is_a_fault_of_that_app_alone(set_up, monkeypatch, entry):
    monkeypatch.setenv("KHIDMAT_APP_STORE_APPS", entry)
    monkeypatch.setenv("KHIDMAT_PLAY_APPS", "")

    with pytest.raises(FunctionFailedError):
        tick()
    (row,) = [each for each in fetches.rows() if each.state == "failed"]
    assert row.problem == "key_unfit"
