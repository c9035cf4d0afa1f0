"""What the check for insecure code is told to pass over."""

import re

import pytest

from infra.packaging.bundles import PROJECT

SOURCES = [
    path
    for name in ("functions", "feedback_ml", "schemas", "infra")
    for path in (PROJECT / name).rglob("*.py")
]
MARKS = [
    pytest.param(line, id=f"{path.name}:{number}")
    for path in SOURCES
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    if "nosec" in line
]


@pytest.mark.parametrize("line", MARKS)
def test_every_exception_names_its_rule_and_says_why(line):
    assert re.search(r"# nosec B\d{3}  # \w.{10,}", line)
