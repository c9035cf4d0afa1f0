"""Feedback: labels a second, what the model weighs, reviews imported over HTTP, and the time to group them."""

from __future__ import annotations

import csv
import http
import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feedback_ml import classifier, examples
from feedback_ml.sources import reading
from feedback_ml.sources.rows import Accepted, Defaults
from infra.local import tokens
from tests.bench.figures import Figure, at_least, at_most, told
from tests.bench.stored import bearer, store, suite, temporary
from tests.faults.kill import request

ROOT = Path(__file__).resolve().parents[2]
EXPORT = ROOT.parent / "shared" / "data" / "store_export"
INVENTED = 5_000
APP = "bench.app"
OPENINGS = ("", "Since the update: ", "Please see to this. ", "For a week now. ", "Third time I write. ")
GROUPING_SECONDS = 120.0
REPORT_SECONDS = 60.0
IMPORT_SECONDS = 240


def measure(cases: int) -> list[Figure]:
    with temporary() as folder:
        files, said = reviews(folder)
        rows = _read(files)
        return [
            *_labels(folder, rows, said),
            *_grouping(rows, said),
            *_report(folder, files, rows, said),
            *_imported(folder, files, rows, said),
        ]


def reviews(folder: Path) -> tuple[list[Path], str]:
    """A store's real export where there is one, or else reviews made of the project's own phrases."""
    real = sorted(EXPORT.glob("reviews_*.csv"))
    if real:
        return real, "real store reviews (Play export)"
    chance = random.Random(7)
    phrases = [
        json.loads(line)["text"]
        for file in sorted(examples.PHRASES.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    file = folder / "invented.csv"
    now = datetime.now(UTC)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["id", "date", "rating", "app", "text"])
        for number in range(INVENTED):
            text = chance.choice(OPENINGS) + chance.choice(phrases)
            at = now - timedelta(hours=chance.randrange(24 * 90))
            writer.writerow([f"bench-{number}", at.isoformat(), chance.randint(1, 5), APP, text])
    return [file], "invented reviews"


def _read(files: list[Path]) -> list[Accepted]:
    defaults = Defaults(app=APP, written_at=datetime.now(UTC))
    return [row for file in files for row in reading.rows(file, defaults) if isinstance(row, Accepted)]


def _labels(folder: Path, rows: list[Accepted], said: str) -> list[Figure]:
    texts = folder / "texts.jsonl"
    with texts.open("w", encoding="utf-8") as opened:
        for row in rows:
            own = row.feedback
            opened.write(json.dumps({"text": own.text, "title": own.title, "rating": own.rating}) + "\n")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.labels", str(texts)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=True,
    )
    seen = json.loads(ran.stdout)
    how = f"{len(rows):,} {said} one by one in one process (tests.bench.labels), CPU time; memory beside the texts"
    megabytes = classifier.MODEL.stat().st_size / 1e6
    return [
        at_least("labels, one by one", seen["labels_a_second"], "/s", 5_000, how),
        at_most("model: load", seen["load_ms"], "ms CPU", 100, how),
        told("model: import of its module", seen["import_ms"], "ms CPU", how),
        at_most("model: file", megabytes, "MB", 5, how),
        at_most("model: memory over bare Python", seen["over_bare_mb"], "MB", 60, how),
    ]


def _grouping(rows: list[Accepted], said: str) -> list[Figure]:
    from feedback_ml import topics

    loaded = classifier.Classifier.load()
    items = []
    for row in rows:
        own = row.feedback
        labels = loaded.label(own.text, title=own.title, rating=own.rating)
        if labels.type in topics.GROUPED:
            text = f"{own.title} {own.text}".strip()
            items.append(topics.GroupItem(own.feedback_id, text, labels.type, labels.language, own.person))
    begun, cpu = time.perf_counter(), time.process_time()
    groups = topics.group(items)
    how = (
        f"feedback_ml.topics.group on the {len(items):,} texts of {len(rows):,} {said} that ask for something: "
        f"{len(groups)} groups; import of scikit-learn included"
    )
    return [
        told("grouping", time.perf_counter() - begun, "s", how),
        told("grouping", time.process_time() - cpu, "s CPU", how),
    ]


def _report(folder: Path, files: list[Path], rows: list[Accepted], said: str) -> list[Figure]:
    page, changelog = folder / "report.html", EXPORT / "changelog.jsonl"
    releases = ["--changelog", str(changelog)] if files[0].parent == EXPORT else []
    command = [sys.executable, "-m", "feedback_ml", "report", *map(str, files), *releases, "--out", str(page)]
    begun = time.perf_counter()
    subprocess.run(command, capture_output=True, cwd=ROOT, timeout=600, check=True)
    seconds = time.perf_counter() - begun
    measured = ", with 20 shuffled changelogs" if releases else ""
    how = f"python -m feedback_ml report of {len(rows):,} {said}, start of the process included{measured}"
    return [
        at_most("report", seconds, "s", REPORT_SECONDS, how),
        told("report: the page", page.stat().st_size / 1e3, "kB", how),
    ]


def _imported(folder: Path, files: list[Path], rows: list[Accepted], said: str) -> list[Figure]:
    place = folder / "var"
    with store(place):
        pass  # tables without the demonstration's data
    with suite(place) as run:
        url = f"http://localhost:{run.port}"
        token = bearer(place, tokens.person_of("product_owner"), url)
        begun = time.perf_counter()
        seen = _import(files, url, token)
        seconds = time.perf_counter() - begun
        app = rows[0].feedback.app
        ranked, topics = _until_ranked(run.port, token, app)
    how = (
        f"python -m feedback_ml import of {seen['read']:,} {said}, start of the process included, to a suite with an "
        f"empty store: {seen['added']:,} added, {len(seen['refused'])} refused"
    )
    then = f"from the import's end to GET /v1/topics showing {topics} topics on its first page, through the queue"
    return [
        told("import: reviews in and classified", seen["read"] / seconds, "/s", how),
        told("import: until ranked", ranked, "s", then),
    ]


def _import(files: list[Path], url: str, token: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "feedback_ml", "import", "--url", url, "--json", "--app", APP]
    ran = subprocess.run(
        [*command, *map(str, files)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KHIDMAT_TOKEN": token},
        timeout=IMPORT_SECONDS,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(ran.stderr[-1_000:])
    return dict(json.loads(ran.stdout))


def _until_ranked(port: int, token: str, app: str) -> tuple[float, int]:
    """Seconds until the app's topics are all there, and how many of them the first page shows."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < GROUPING_SECONDS:
        known = {row["app"]: row for row in _get(port, token, "/v1/apps")["items"]}
        if known.get(app, {}).get("topics_as_of"):
            seconds = time.perf_counter() - begun
            return seconds, len(_get(port, token, f"/v1/topics?app={app}&limit=100")["items"])
        time.sleep(0.1)
    raise RuntimeError(f"no topics of {app} within {GROUPING_SECONDS:g} s")


def _get(port: int, token: str, path: str) -> dict[str, Any]:
    status, answer = request(port, "GET", path, token)
    if status != http.HTTPStatus.OK:
        raise RuntimeError(f"GET {path}: {status} {answer}")
    return answer
