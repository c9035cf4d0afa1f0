"""The command: through the handlers on the local engines, over memory, and never over somebody's data."""

import json

import pytest

from functions.domain import complaints, notices
from functions.storage import register as register_store
from infra.local import __main__ as command_line
from infra.local import citizens
from infra.local.home import Home
from infra.local.simulation import command
from tests.infra.local.conftest import place  # noqa: F401 - a fixture
from tests.storage import forget_connections

pytestmark = pytest.mark.usefixtures("place")


def test_it_refuses_to_forget_data_that_no_simulation_made(tmp_path, capsys):
    mine = Home(tmp_path / "mine")
    mine.prepare()
    mine.database.write_text("somebody's")
    assert command_line.main(["simulate", "--home", str(mine.root)]) == 2
    assert "no simulation made" in capsys.readouterr().err
    assert mine.database.read_text() == "somebody's"


def test_over_memory_it_writes_rows_and_keeps_nothing(tmp_path, capsys):
    rows = tmp_path / "rows.jsonl"
    given = ["--scale", "0.001", "--days", "31", "--engine", "memory"]
    assert command_line.main(["simulate", *given, "--home", str(tmp_path / "m"), "--rows", str(rows)]) == 0
    said = capsys.readouterr().out
    assert "domain over memory" in said
    assert "make run" not in said
    assert json.loads(rows.read_text().splitlines()[0])["source"].startswith("simulated 2025")


@pytest.mark.engine
def test_a_simulated_month_goes_through_the_handlers_and_leaves_a_suite_to_look_at(
    tmp_path, capsys, monkeypatch
):
    from infra.local.simulation import handlers

    seen = {}

    def look(_world, at):
        """What consumers made of it, while the engines still run."""
        callers = [citizens.caller(each, at) for each in citizens.citizens()]
        rows = [row for caller in callers for row in complaints.mine(caller, None, 50)[0]]
        cases_of = [complaints.show(caller, row.reference) for caller in callers[:1] for row in rows[:1]]
        seen["areas"] = [register_store.area_of(each.district, "2025-01") for each in cases_of]
        seen["registered"] = [row for area in seen["areas"] for row in register_store.whole_area(area)]
        seen["notices"] = [row for caller in callers for row in notices.mine(caller, None, 50)[0]]

    monkeypatch.setattr(handlers.Handlers, "publish", look)
    home = tmp_path / "simulated"
    given = ["simulate", "--scale", "0.0011", "--days", "31", "--home", str(home)]
    assert command_line.main(given) == 0

    said = capsys.readouterr().out
    assert f"KHIDMAT_HOME={home} make run" in said
    kept = json.loads((home / command.MARK).read_text())
    assert sum(one["cases"] for one in kept["outcome"]["classes"].values()) == 12
    assert list((home / "outbox").iterdir())
    assert seen["registered"]
    assert seen["notices"]
    assert Home(home).database.exists()
    forget_connections()
