import hashlib
import io
import json
import platform
import subprocess
import tarfile
from base64 import b64encode

import pytest

from infra.local import engines, suite
from infra.local.engines import NoEngineError


def package(path, content=b"#!/bin/sh\n", name="package/dynoxide"):
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return "sha512-" + b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


@pytest.fixture
def pins(tmp_path, monkeypatch):
    """A registry of one package, in place of npm's."""
    integrity = package(tmp_path / "made.tgz")
    kept = {
        "dynoxide": {
            "version": "1",
            "packages": {engines.this_platform(): {"name": "@x/y", "integrity": integrity}},
        }
    }
    (tmp_path / "engines.json").write_text(json.dumps(kept))
    monkeypatch.setattr(engines, "PINS", tmp_path / "engines.json")
    monkeypatch.setattr(engines.shutil, "which", lambda *_, **__: "/bin/npm")
    asked = []

    def pack(command, **options):
        asked.append(command)
        (options["cwd"] / "y.tgz").write_bytes((tmp_path / "made.tgz").read_bytes())

    monkeypatch.setattr(engines.subprocess, "run", pack)
    return asked


def test_the_program_is_fetched_once_and_can_run(tmp_path, pins):
    program = engines.dynoxide_program(tmp_path / "cache")
    assert program.stat().st_mode & 0o111
    assert engines.dynoxide_program(tmp_path / "cache") == program
    assert [command[1:3] for command in pins] == [["pack", "@x/y@1"]]
    assert "--ignore-scripts" in pins[0]


def test_another_file_than_the_checked_one_is_never_run(tmp_path, pins):
    package(tmp_path / "made.tgz", b"something else")
    with pytest.raises(NoEngineError, match="not the dynoxide that was checked"):
        engines.dynoxide_program(tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_file()]


def test_a_package_without_the_program_is_refused(tmp_path):
    package(tmp_path / "made.tgz", name="package/other")
    with pytest.raises((NoEngineError, KeyError)):
        engines.unpack_program(tmp_path / "made.tgz", tmp_path / "program")


def test_without_npm_there_is_no_dynoxide(tmp_path, pins, monkeypatch):
    monkeypatch.setattr(engines.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NoEngineError, match="npm is not here"):
        engines.dynoxide_program(tmp_path / "cache")


def test_an_unchecked_platform_has_no_dynoxide(tmp_path, pins, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(NoEngineError, match="riscv64"):
        engines.dynoxide_program(tmp_path / "cache")


def test_npm_that_fails_is_no_dynoxide(tmp_path, pins, monkeypatch):
    def broken(command, **_):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(engines.subprocess, "run", broken)
    with pytest.raises(NoEngineError, match="could not fetch"):
        engines.dynoxide_program(tmp_path / "cache")


@pytest.fixture
def ministack_away(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "MINISTACK_HOME", tmp_path / "environment")


def test_without_uv_ministack_cannot_be_installed(ministack_away, monkeypatch):
    monkeypatch.setattr(engines.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NoEngineError, match="uv is not in this environment"):
        engines.ministack_python()


def test_what_uv_says_is_passed_on(ministack_away, monkeypatch):
    def broken(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="no network\n")

    monkeypatch.setattr(engines.subprocess, "run", broken)
    with pytest.raises(NoEngineError, match="no network"):
        engines.ministack_python()


def test_ministack_is_installed_once(ministack_away, monkeypatch):
    asked = []

    def made(command, **options):
        asked.append(options["env"]["UV_PROJECT_ENVIRONMENT"])
        (engines.MINISTACK_HOME / "bin").mkdir(parents=True)
        (engines.MINISTACK_HOME / "bin" / "python").touch()

    monkeypatch.setattr(engines.subprocess, "run", made)
    assert engines.ministack_python() == engines.ministack_python()
    assert asked == [str(engines.MINISTACK_HOME)]


@pytest.fixture
def nothing_starts(monkeypatch):
    monkeypatch.setattr(engines, "ministack_python", lambda: None)
    monkeypatch.setattr(engines, "start_ministack", lambda *_: None)
    monkeypatch.setattr(engines, "start_dynoxide", lambda *_: None)

    def missing():
        raise NoEngineError("npm is not here to fetch dynoxide")

    monkeypatch.setattr(engines, "dynoxide_program", missing)


@pytest.mark.engine
@pytest.mark.usefixtures("nothing_starts")
class TestChoosing:
    def test_where_dynoxide_cannot_be_had_ministack_serves_and_says_why(self, place):
        engine, sqs_url = suite.start_engines(place, "", suite.Processes())
        assert (engine.name, engine.url, engine.why) == (
            "ministack",
            sqs_url,
            "npm is not here to fetch dynoxide",
        )

    def test_dynoxide_asked_for_by_name_is_not_replaced(self, place):
        with pytest.raises(NoEngineError, match="npm"):
            suite.start_engines(place, "dynoxide", suite.Processes())

    def test_ministack_asked_for_serves_both(self, place):
        engine, sqs_url = suite.start_engines(place, "ministack", suite.Processes())
        assert (engine.url, engine.why) == (sqs_url, "")

    def test_any_other_can_be_named_by_its_url(self, place):
        engine, _ = suite.start_engines(place, "http://localhost:4000/", suite.Processes())
        assert engine.url == "http://localhost:4000"

    def test_a_word_that_is_no_engine_is_refused(self, place):
        with pytest.raises(NoEngineError, match="no engine"):
            suite.start_engines(place, "sqlite", suite.Processes())
