"""SECURITY.md names files and tests: each must be there, or the document promises what nobody proves."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w./-]+\.py|\.chalice/)`", TEXT)))


def test_every_file_named_is_there():
    assert [name for name in NAMED if not (ROOT / name).exists()] == []


def test_every_risk_of_the_list_is_answered_with_a_test():
    rows = re.findall(r"^\| (API\d+) .*$", TEXT, re.MULTILINE)
    tested = re.findall(r"^\| (API\d+) .*`tests/.*$", TEXT, re.MULTILINE)

    assert rows == tested == [f"API{number}" for number in range(1, 11)]


def test_every_control_names_a_test():
    table = TEXT.split("## Controls")[1].split("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "proved by" not in line]

    assert [row for row in rows if "`tests/" not in row] == []
