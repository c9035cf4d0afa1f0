"""The commands round the champion, against the product itself: no socket, the same requests."""

import json
from email.parser import BytesParser
from urllib.parse import urlsplit

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import examples, registry, suite
from feedback_ml.delivery import UnreachableError
from feedback_ml.suite import RefusedError, Suite
from functions.domain import champion, feedback, models
from functions.storage import models as store
from tests import factories, http
from tests import models as made
from tests.factories import NOON

URL = "http://suite.example"
OWNER = {"role": "product_owner", "subject": "owner-1"}
WORD = {"type": "usability", "area": "app"}


@pytest.fixture
def asked(tables, monkeypatch):
    """Carries requests to the product, and files to its bucket; what was sent so."""
    sent = []
    monkeypatch.setattr(champion, "shipped", made.classifier)
    token = http.token_of("product_owner", "owner-1")

    def carried(method, address, headers, body):
        sent.append((method, urlsplit(address).path))
        if not address.startswith(URL):
            return _stored(headers, body), b"", ""
        given = {name: value for name, value in headers.items() if name != "Accept"}
        text = None if body is None else body.decode()
        reply = http.send(method, address.removeprefix(URL), role=None, headers=given, body=text)
        return reply.status, reply.body, reply.headers.get("retry-after", "")

    monkeypatch.setattr(suite, "exchange", carried)
    monkeypatch.setenv("KHIDMAT_TOKEN", token)
    return sent


def _stored(headers, body):
    message = BytesParser().parsebytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body
    )
    parts = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
             for part in message.get_payload()}  # fmt: skip
    assert list(parts)[-1] == "file"
    key = parts["key"].decode()
    store.client().put_object(Bucket="khidmat-test-models-000000000000", Key=key, Body=parts["file"])
    return 204


def run(*arguments):
    return command_line.main([*arguments, "--url", URL])


def folder(tmp_path, number, report=None):
    place = tmp_path / f"model-{number}"
    place.mkdir(exist_ok=True)
    (place / "classifier.json").write_bytes(made.content(number))
    if report:
        (place / "report.json").write_text(report.model_dump_json())
    return str(place)


def corrected(number):
    said = factories.labels(margin=0.1)
    record = factories.feedback(number, text=f"nobody finds the button {number}")
    feedback.take_in([record], lambda _: said, str, NOON)
    http.send("PUT", f"/v1/feedback/{record.feedback_id}/labels", body=WORD, **OWNER)


# --- corrections


def test_corrections_come_out_as_lines_that_training_takes(asked, tmp_path, monkeypatch, capsys):
    for number in range(3):
        corrected(number)
    out = tmp_path / "corrections.jsonl"
    monkeypatch.setattr(registry, "PAGE", "2")

    assert run("corrections", "--out", str(out)) == 0
    rows = [examples.phrase(row) for row in examples.rows_of(out)]
    assert [row.main for row in rows] == ["usability"] * 3
    assert len(asked) == 2
    assert "3 corrections" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["corrections.jsonl"]


def test_no_corrections_are_an_empty_file(asked, tmp_path):
    assert run("corrections", "--app", "another.app", "--out", str(tmp_path / "none.jsonl")) == 0
    assert (tmp_path / "none.jsonl").read_text() == ""


def test_whoever_may_not_is_told_so(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KHIDMAT_TOKEN", http.token_of("auditor", "auditor-1"))

    assert run("corrections", "--out", str(tmp_path / "none.jsonl")) == 2
    assert "403" in capsys.readouterr().err
    assert not (tmp_path / "none.jsonl").exists()


# --- promotion


def test_a_model_is_offered_uploaded_and_promoted(asked, tmp_path, capsys):
    assert run("promote", folder(tmp_path, 1, made.report(1))) == 0

    assert models.standing().champion == made.name(1)
    assert champion.load(made.name(1)).name == made.name(1)
    assert f"{made.name(1)} labels within five minutes; before it: {made.name(0)}" in capsys.readouterr().out


def test_a_model_that_is_not_better_is_refused_with_the_reasons(asked, tmp_path, capsys):
    reasons = ("worse in ur: 0.810 -> 0.780",)
    place = folder(tmp_path, 1, made.report(1, better=False, reasons=reasons))

    assert run("promote", place) == 2
    assert reasons[0] in capsys.readouterr().err
    assert run("promote", place, "--force") == 2  # without a reason
    assert run("promote", place, "--force", "--reason", "Urdu texts are rare here") == 0
    assert models.standing().champion == made.name(1)


def test_a_model_that_was_never_challenged_is_not_offered(asked, tmp_path, capsys):
    assert run("promote", folder(tmp_path, 1)) == 2

    assert "report.json" in capsys.readouterr().err
    assert asked == []


def test_a_model_is_rolled_back(asked, tmp_path, capsys):
    run("promote", folder(tmp_path, 1, made.report(1)))

    assert run("rollback", "--reason", "It calls everything a bug") == 0
    assert models.standing().champion == made.name(0)
    assert run("rollback") == 0
    assert models.standing().champion == made.name(1)


def test_nothing_to_return_to_is_said(asked, capsys):
    assert run("rollback") == 2
    assert "409" in capsys.readouterr().err


# --- a challenge


@pytest.fixture
def gold_file(tmp_path, monkeypatch):
    """Texts that nobody learnt from: the phrases are few, and end before these begin."""
    every = examples.phrases()
    monkeypatch.setattr(examples, "phrases", lambda: every[:50])
    lines = [
        {
            "text": f"{'zq' * (at % 7)} {one.normal} number {at} of many",
            "type": one.main,
            "lang": one.language,
        }
        for at, one in enumerate(every[3000:3120])
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    return path


def test_a_challenge_writes_the_report_that_promotion_takes(gold_file, tmp_path, capsys):
    challenger, other = folder(tmp_path, 1), folder(tmp_path, 2)
    code = command_line.main(["challenge", challenger, "--champion", other, "--gold", str(gold_file)])
    report = json.loads((tmp_path / "model-1" / "report.json").read_text())
    shown = capsys.readouterr().out

    assert code == (0 if report["better"] else 1)
    assert (report["champion"], report["challenger"]) == (made.name(2), made.name(1))
    assert report["types"]["texts"] == 120
    assert all(reason in shown for reason in report["reasons"])
    assert f"{made.name(1)} against {made.name(2)}" in shown


def test_the_same_model_never_wins(gold_file, tmp_path, capsys):
    same = folder(tmp_path, 1)

    assert command_line.main(["challenge", same, "--champion", same, "--gold", str(gold_file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["difference"] == 0.0


def test_gold_that_was_learnt_from_is_refused(gold_file, tmp_path, capsys):
    first = json.loads(gold_file.read_text().splitlines()[0])
    taught = tmp_path / "taught.jsonl"
    row = first | {"feedback_id": "f" * 26, "area": "app", "danger": False}
    taught.write_text(json.dumps(row))
    given = ["challenge", folder(tmp_path, 1), "--gold", str(gold_file), "--corrections", str(taught)]

    assert command_line.main(given) == 2
    assert "1 gold texts are among the training texts" in capsys.readouterr().err
    assert not (tmp_path / "model-1" / "report.json").exists()


# --- and the way there


def answering(monkeypatch, *answers):
    left = list(answers)
    monkeypatch.setattr(suite, "exchange", lambda *_: left.pop(0))


def test_a_busy_suite_is_asked_again_later(monkeypatch):
    waits = []
    answering(monkeypatch, (503, b"", "3"), (429, b"", "1"), (200, b'{"items": [], "next": null}', ""))

    assert list(Suite(URL, "t", waits.append).pages("/v1/labels/export", {})) == []
    assert waits == [3.0, 1.0]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, b"", UnreachableError),
        (500, b"<html>", UnreachableError),
        (401, b"{}", UnreachableError),
        (403, b'{"title": "Not permitted", "detail": "No"}', RefusedError),
        (400, b'{"title": "T", "errors": [{"pointer": "/bytes", "detail": "too many"}]}', RefusedError),
        (404, b"[]", RefusedError),
    ],
)
def test_a_refusal_is_told_from_a_suite_that_cannot(monkeypatch, status, body, error):
    answering(monkeypatch, *[(status, body, "0")] * 4)

    with pytest.raises(error, match=str(status)):
        Suite(URL, "t", lambda _: None).post("/v1/models", {})


def test_a_file_that_is_not_taken_is_said(monkeypatch):
    answering(monkeypatch, (403, b"", ""))

    with pytest.raises(UnreachableError, match="offer it again"):
        suite.upload({"url": URL, "fields": {}}, b"x")


@pytest.mark.engine
@pytest.mark.enable_socket
def test_nothing_that_answers_is_said_with_what_to_do():
    with pytest.raises(UnreachableError, match="make run"):
        suite.exchange("GET", "http://127.0.0.1:9/x?y=1", {}, None)
