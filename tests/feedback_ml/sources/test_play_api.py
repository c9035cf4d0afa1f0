"""Google Play's API, against a server of its shape on the loopback."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from feedback_ml.sources import play
from feedback_ml.sources.pages import AnswerBrokenError, KeyRefusedError, KeyUnfitError, PositionRefusedError
from feedback_ml.sources.play_api import ServiceAccount, feedback
from feedback_ml.sources.rows import Accepted, Refused, UnfitRowError
from tests.feedback_ml.sources import stores
from tests.feedback_ml.sources.stores import APP, NOW, Said, play_review, rsa_key

pytestmark = [pytest.mark.engine, pytest.mark.enable_socket]
CSV = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Submit Millis Since Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,"
    "Star Rating,Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,"
    "Developer Reply Text,Review Link\n"
    "pk.khidmat.app,210,2.1,en,klte,2026-11-01T07:00:00Z,{submitted},2026-11-20T07:00:00Z,{updated},1,"
    'Bad,Nothing works,,,,"https://play.google.com/apps/publish?reviewId=gp:review-1"\n'
)


def everything(reviews):
    position, rows = "", []
    while True:
        page = reviews.page(position)
        rows += page.rows
        if not page.following:
            return rows
        position = page.following


def test_all_pages_are_read_with_one_token(store):
    store.reviews = [play_review(n) for n in range(5)]
    rows = everything(stores.play(store))

    assert [row.feedback.external_id for row in rows] == [f"gp:review-{n}" for n in range(5)]
    assert [query.get("token") for _, query, _ in store.asked] == [None, "2", "4"]
    assert {path for path, _, _ in store.asked} == {f"/androidpublisher/v3/applications/{APP}/reviews"}
    assert store.tokens_given == 1


def test_an_app_without_reviews_gives_one_empty_page(store):
    page = stores.play(store).page("")

    assert (page.rows, page.following, page.newest) == ((), "", None)


def test_a_page_says_when_its_rows_were_changed(store):
    store.reviews = [play_review(1, NOW - timedelta(days=2)), play_review(2, NOW)]
    page = stores.play(store).page("")

    assert (page.oldest, page.newest) == (
        NOW - timedelta(days=2) + timedelta(milliseconds=123),
        NOW + timedelta(milliseconds=123),
    )


def test_a_token_that_ended_early_is_renewed_once(store):
    store.reviews, store.script = [play_review(1)], [Said(401)]
    rows = everything(stores.play(store))

    assert (len(rows), store.tokens_given) == (1, 2)
    assert [bearer for _, _, bearer in store.asked] == ["token-1", "token-2"]


def test_a_key_that_google_refuses_is_named(store):
    store.token_script = [Said(400, {"error": "invalid_grant"})]

    with pytest.raises(KeyRefusedError):
        stores.play(store).page("")


@pytest.mark.parametrize(
    "said",
    [{}, {"access_token": "x"}, {"access_token": 1, "expires_in": 9}, {"access_token": "ü", "expires_in": 9}],
)
def test_an_answer_without_a_usable_token_is_broken(store, said):
    store.token_script = [Said(body=said)]

    with pytest.raises(AnswerBrokenError):
        stores.play(store).page("")


@pytest.mark.parametrize("body", [{"reviews": {}}, {"reviews": [], "tokenPagination": "x"}])
def test_pages_of_another_shape_are_broken(store, body):
    store.script = [Said(body=body)]

    with pytest.raises(AnswerBrokenError):
        stores.play(store).page("")


def test_a_page_token_that_google_forgot_is_told(store):
    store.script = [Said(400, {"error": {"code": 400}})]

    with pytest.raises(PositionRefusedError):
        stores.play(store).page("old")


def test_a_review_of_another_shape_is_refused_alone(store):
    store.rows_a_page = 9
    store.reviews = [
        play_review(1),
        "nonsense",
        {"reviewId": "gp:2", "comments": [{"developerComment": {"text": "x"}}]},
        {"reviewId": "gp:3", "comments": "x"},
        play_review(4, starRating=9),
        play_review(5, lastModified={"seconds": "soon"}),
        play_review(6, lastModified=None),
        play_review(7),
    ]
    rows = everything(stores.play(store))

    assert [row.line for row in rows if isinstance(row, Accepted)] == [1, 8]
    assert all(row.file == f"play:{APP}" for row in rows)
    assert ["column" in row.reason for row in rows if isinstance(row, Refused)] == [True] * 6


@pytest.mark.parametrize(
    ("written", "title", "text"),
    [
        ("Bad\tNothing works", "Bad", "Nothing works"),
        ("\tNothing works", "", "Nothing works"),
        ("Nothing works", "", "Nothing works"),
        ("Bad\tNothing\tworks", "Bad", "Nothing\tworks"),
        ("خراب\tکچھ نہیں چلتا", "خراب", "کچھ نہیں چلتا"),
    ],
)
def test_the_title_stands_before_a_tab(written, title, text):
    made = feedback(play_review(1, text=written), APP)

    assert (made.title, made.text) == (title, text)


def test_what_the_reviewer_said_last_counts():
    review = play_review(1, text="now")
    earlier = play_review(1, NOW - timedelta(days=3), text="before")["comments"][0]
    review["comments"].append(earlier)

    assert feedback(review, APP).text == "now"


def test_a_version_without_a_name_goes_by_its_code():
    assert feedback(play_review(1, appVersionName=None), APP).version == "210"
    assert feedback(play_review(1, appVersionName=None, appVersionCode=None), APP).version == ""


def test_a_review_is_the_same_text_by_csv_and_by_api():
    submitted = int(datetime(2026, 11, 1, 7, tzinfo=UTC).timestamp() * 1000)
    updated = int(NOW.timestamp() * 1000) + 123
    (row,) = csv.DictReader(io.StringIO(CSV.format(submitted=submitted, updated=updated)))
    by_csv, by_api = play.feedback(row), feedback(play_review(1, text="Bad\tNothing works"), APP)

    assert by_api.feedback_id == by_csv.feedback_id
    assert by_api.content_digest == by_csv.content_digest
    assert by_api.revised_at == by_csv.revised_at
    assert by_api.device == by_csv.device


def test_a_review_names_no_author():
    assert "Sample" not in feedback(play_review(1), APP).model_dump_json()


@pytest.mark.parametrize("written", ["", "[]", '{"client_email": "x"}', "null"])
def test_a_key_file_that_cannot_be_read_is_named(written):
    with pytest.raises(KeyUnfitError):
        ServiceAccount.read(written)


def test_a_private_key_that_is_none_is_named():
    for pem in ("", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(KeyUnfitError, match="RSA"):
            ServiceAccount.read(json.dumps({"client_email": "x", "private_key": pem})).assertion(NOW)


def test_nothing_shows_the_key(store):
    pem = rsa_key().as_pem(private=True).decode()
    shown = repr(stores.play(store))

    assert "PRIVATE" not in shown
    assert pem[40:60] not in shown


def test_a_review_without_an_id_is_refused():
    with pytest.raises(UnfitRowError, match="reviewId"):
        feedback({}, APP)
