"""Topics over HTTP: lists, edits, undoing, and the file for a spreadsheet."""

import csv
import io

import pytest

from functions.storage import topics as topic_store
from schemas.topic_edits import Names
from tests.http import send
from tests.topics import CODE, SLIP, about, board, plainly_grouped, regroup, stored, take_in, texts_of

pytestmark = pytest.mark.usefixtures("tables", "settings")
OWNER = {"role": "product_owner", "subject": "owner-1"}
NAME = Names(en="Codes come late", ur="کوڈ دیر سے آتے ہیں").model_dump()


@pytest.fixture(autouse=True)
def grouping():
    with plainly_grouped():
        yield


@pytest.fixture
def grouped():
    take_in(CODE * 3, version="2.1")
    take_in(SLIP * 2, first=100)
    regroup()
    return about("otp"), about("slip")


def path(topic, rest=""):
    return f"/v1/topics/{topic.row.topic_id}{rest}"


def post(topic, rest, body, version=None):
    headers = {"If-Match": f'"{version}"'} if version else {}
    return send("POST", path(topic, rest), body=body, headers=headers, **OWNER)


def test_a_merged_topic_answers_as_the_one_it_went_into_and_says_so(grouped):
    code, slip = grouped
    merged = post(code, "/merges", {"topic_ids": [slip.row.topic_id], "reason": "One matter"}, version=1)
    reply = send("GET", path(slip), **OWNER)

    assert (merged.status, merged.headers["etag"]) == (200, '"2"')
    assert reply.json["topic_id"] == code.row.topic_id
    assert reply.headers["content-location"] == path(code)
    hidden = send("GET", "/v1/topics?hidden=true", **OWNER).json["items"]
    assert [(each["topic_id"], each["merged_into"]) for each in hidden] == [
        (slip.row.topic_id, code.row.topic_id)
    ]


def test_what_a_merged_topic_cannot_take_names_where_it_went(grouped):
    code, slip = grouped
    post(code, "/merges", {"topic_ids": [slip.row.topic_id]})
    refused = post(slip, "/decisions", {"status": "accepted"})

    assert (refused.status, refused.json["type"]) == (409, "/problems/topic-merged")
    assert code.row.topic_id in refused.json["detail"]


def test_an_edit_can_be_undone_by_the_number_that_the_answer_names(grouped):
    code, slip = grouped
    merged = post(code, "/merges", {"topic_ids": [slip.row.topic_id]}).json
    undone = post(code, "/undo", {"decision": merged["can_undo"]})

    assert undone.status == 200
    assert [d["action"] for d in undone.json["decisions"]] == ["merge", "undo"]
    assert undone.json["can_undo"] is None
    assert stored(slip).edits.merged_into == ""
    again = post(code, "/undo", {"decision": 99})
    assert (again.status, again.json["type"]) == (409, "/problems/undo-not-possible")


def test_texts_are_split_out_by_their_ids(grouped):
    code = grouped[0]
    ids = sorted(texts_of(code))[:2]
    reply = post(code, "/splits", {"feedback_ids": ids, "name": NAME})

    assert reply.status == 200
    assert reply.json["split_out"]["name"] == NAME
    assert reply.json["split_out"]["split_from"] == code.row.topic_id
    assert reply.json["topic"]["decisions"][-1]["facts"] == {"into": reply.json["split_out"]["topic_id"]}


def test_a_name_and_a_place_are_put_and_the_place_taken_away(grouped):
    code = grouped[0]
    named = send("PUT", path(code, "/name"), body=NAME, **OWNER)
    placed = send("PUT", path(code, "/override"), body={"place": 2, "reason": "Law"}, **OWNER)
    gone = send("DELETE", path(code, "/override"), **OWNER)

    assert (named.json["name"], named.json["renamed"]) == (NAME, True)
    assert (placed.json["override"]["place"], placed.json["override"]["reason"]) == (2, "Law")
    assert gone.json["override"] is None


@pytest.mark.parametrize(
    ("rest", "body", "pointer"),
    [
        ("/merges", {"topic_ids": []}, "/topic_ids"),
        ("/merges", {"topic_ids": ["t-00000000000000ff"]}, "/topic_ids/0"),
        ("/splits", {"feedback_ids": ["0" * 26], "name": NAME}, "/feedback_ids"),
        ("/splits", {"feedback_ids": ["0" * 26], "name": {"en": "x"}}, "/name/ur"),
        ("/decisions", {"status": "in_release"}, "/release_id"),
        ("/decisions", {"status": "gone"}, "/status"),
    ],
)
def test_what_is_wrong_in_an_edit_is_named(grouped, rest, body, pointer):
    refused = post(grouped[0], rest, body)

    assert refused.status == 400
    assert refused.json["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body", [{"reason": "Law"}, {"place": 1, "points": 5, "reason": "Law"}, {"place": 1}]
)
def test_an_override_is_a_place_or_points_and_has_a_reason(grouped, body):
    assert send("PUT", path(grouped[0], "/override"), body=body, **OWNER).status == 400


def test_an_edit_on_a_version_that_has_passed_is_refused(grouped):
    send("PUT", path(grouped[0], "/name"), body=NAME, **OWNER)

    assert post(grouped[0], "/decisions", {"status": "accepted"}, version=1).status == 412


@pytest.mark.parametrize("who", [{"role": "auditor", "subject": "auditor-1"}, {"role": "citizen"}])
def test_only_product_owners_edit(grouped, who):
    code, slip = grouped
    body = {"topic_ids": [slip.row.topic_id]}

    assert send("POST", path(code, "/merges"), body=body, **who).status == 403


def test_the_file_has_a_line_a_topic_and_no_formula(grouped):
    name = {"en": '=HYPERLINK("http://example.org")', "ur": "+923000000000"}
    send("PUT", path(grouped[0], "/name"), body=name, **OWNER)
    reply = send("GET", "/v1/topics.csv", **OWNER)
    rows = list(csv.DictReader(io.StringIO(reply.text.lstrip("\ufeff"))))

    assert reply.headers["content-type"].startswith("text/csv")
    assert [row["topic_id"] for row in rows] == [topic.row.topic_id for topic in board()]
    written = next(row for row in rows if row["topic_id"] == grouped[0].row.topic_id)
    assert written["name_en"].startswith("'=")
    assert written["name_ur"].startswith("'+")


def test_in_the_file_figures_of_few_people_are_empty(grouped):
    slip = stored(grouped[1])
    topic_store.save_ranking(slip.row.model_copy(update={"people": 9}), topic_store.members(slip))
    text = send("GET", "/v1/topics.csv", **OWNER).text
    row = next(
        row
        for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        if row["topic_id"] == slip.row.topic_id
    )

    assert (row["people"], row["texts"], row["score"], row["trend"]) == ("", "", "", "")
