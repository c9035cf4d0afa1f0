"""The parts of the build that need neither a network nor a bundle."""

import json
import re
import subprocess
import sys
import zipfile

import pytest

from infra import build
from infra.packaging import alarms, archive, bundles, dependencies, gateway, sources, template, trimming
from infra.packaging.archive import Packed
from infra.packaging.bundles import API, LEARNING, PROJECT, BuildError, Bundle, Target, target_of

HERE = Target("3.11", None, sys.executable)


def test_without_a_word_the_running_interpreter_is_packed_for_if_lambda_has_it(monkeypatch):
    monkeypatch.setattr(bundles, "RUNTIMES", (bundles.RUNNING, "3.99"))
    assert target_of(None).compiler == sys.executable


def test_an_interpreter_lambda_has_not_packs_for_a_usual_one(monkeypatch):
    monkeypatch.setattr(bundles, "RUNTIMES", ("3.13",))
    monkeypatch.setattr(bundles, "_found", lambda version: None)
    monkeypatch.setattr(bundles, "USUAL_RUNTIME", "3.13")
    monkeypatch.setattr(bundles, "RUNNING", "3.11")
    assert target_of(None) == Target("3.13", bundles.LAMBDA_PLATFORM, None)


def test_current_is_this_machine():
    assert target_of("current").platform is None


def test_a_version_lambda_does_not_run_is_refused():
    with pytest.raises(BuildError, match=r"3\.13"):
        target_of("2.7")


def test_a_launcher_for_another_version_compiles_nothing(monkeypatch, tmp_path):
    liar = tmp_path / "python3.13"
    liar.write_text("#!/bin/sh\necho 3.9\n")
    liar.chmod(0o755)
    monkeypatch.setattr(bundles, "which", lambda name: str(liar))
    assert bundles._found("3.13") is None


def test_a_reference_replaces_and_anything_else_is_laid_over():
    base = {"a": {"Queue": {"Fn::Sub": "theirs"}, "BatchSize": 10}, "b": 1}
    over = {"a": {"Queue": {"Ref": "Ours"}}, "c": [2]}
    assert template.overlaid(base, over) == {
        "a": {"Queue": {"Ref": "Ours"}, "BatchSize": 10},
        "b": 1,
        "c": [2],
    }


def test_a_plain_value_gives_way_to_a_reference():
    assert template.overlaid({"Stream": "table/cases"}, {"Stream": {"Fn::Sub": "x"}}) == {
        "Stream": {"Fn::Sub": "x"}
    }


def test_settings_for_a_function_that_is_not_there_are_an_error():
    made = {
        "Resources": {
            "APIHandler": {"Type": template.FUNCTION, "Properties": {}},
            "RestAPI": {"Type": "AWS::Serverless::Api", "Properties": {}},
        }
    }
    with pytest.raises(BuildError, match="FlagOverdue"):
        template.whole(made, HERE, "dev")


@pytest.mark.parametrize("kind", gateway.ANSWERS)
def test_what_the_gateway_says_is_a_problem_document(kind):
    response = gateway.gateway_responses()[kind]
    problem = json.loads(response["ResponseTemplates"]["application/json"])
    assert set(problem) == {"type", "title", "status", "detail"}
    assert str(problem["status"]) == response["StatusCode"]
    assert response["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"


@pytest.mark.parametrize("kind", gateway.ANSWERS)
def test_what_the_gateway_says_may_be_read_anywhere_for_it_says_nothing_of_anybody(kind):
    said = gateway.gateway_responses()[kind]["ResponseParameters"]["Headers"]
    assert said["Access-Control-Allow-Origin"] == "'*'"
    assert "Access-Control-Allow-Credentials" not in said


def test_an_unknown_address_is_404_though_the_gateway_would_say_403():
    assert gateway.gateway_responses()["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == "404"


def test_a_sweep_that_stopped_rings():
    alarm = alarms.alarms([])["SweepSilent"]["Properties"]
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    assert {q["MetricStat"]["Period"] for q in alarm["Metrics"] if "MetricStat" in q} == {900}


def test_every_alarm_tells_somebody():
    made = alarms.alarms(["FlagOverdue"])
    ringing = [each for each in made.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert all(each["Properties"]["AlarmActions"] == [{"Ref": alarms.TOPIC}] for each in ringing)


def test_dead_letters_that_are_watched_exist():
    (tables, _) = template.fragments()
    assert set(alarms.DEAD_LETTERS) <= set(tables["Resources"])


def packed_from(folder, tmp_path, most=bundles.LAMBDA_BYTES):
    bundle = Bundle("sample", (), (), keeps_sources=True, most_bytes=most)
    return archive.write(bundle, HERE, folder, tmp_path / "sample.zip")


def test_a_zip_says_nothing_of_when_it_was_made(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b.txt").write_text("b")
    (folder / "a.txt").write_text("a")
    packed_from(folder, tmp_path)
    with zipfile.ZipFile(tmp_path / "sample.zip") as made:
        assert [(e.filename, e.date_time) for e in made.infolist()] == [
            ("a.txt", archive.NO_TIME),
            ("b.txt", archive.NO_TIME),
        ]


def test_a_bundle_that_lambda_would_refuse_is_an_error(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("four")
    with pytest.raises(BuildError, match="4 bytes unzipped"):
        packed_from(folder, tmp_path, most=3)


def test_bytecode_takes_the_place_of_what_is_not_ours(tmp_path):
    for name in ("theirs", "functions"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text("x = 1\n")
    archive.add_bytecode(tmp_path, sys.executable, keeps_sources=False, own=frozenset({"functions"}))
    assert [p.name for p in (tmp_path / "theirs").iterdir()] == ["m.pyc"]
    assert (tmp_path / "functions" / "m.py").exists()
    assert b"/var/task/theirs/m.py" in (tmp_path / "theirs" / "m.pyc").read_bytes()


def test_what_does_not_compile_is_an_error(tmp_path):
    (tmp_path / "broken.py").write_text("def (:\n")
    with pytest.raises(BuildError, match="broken"):
        archive.add_bytecode(tmp_path, sys.executable, keeps_sources=True, own=frozenset())


POWERTOOLS = (
    "__init__.py",
    "logging/logger.py",
    "metrics/__init__.py",
    "utilities/__init__.py",
    "utilities/jmespath_utils/__init__.py",
    "utilities/parser/__init__.py",
)


WITH_ONE_TOO_MANY = (*sorted(trimming.SERVICES), "ec2")


def installed(folder, services=WITH_ONE_TOO_MANY):
    for name in POWERTOOLS:
        path = folder / trimming.POWERTOOLS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import everything")
    data = folder / "botocore" / "data"
    for service in services:
        (data / service).mkdir(parents=True)
    known = {"sesv2": "email"}
    endpoints = {
        "partitions": [{"partition": "aws", "services": {known.get(name, name): {} for name in services}}]
    }
    (data / "endpoints.json").write_text(json.dumps(endpoints))
    (folder / "sample-1.dist-info").mkdir()
    (folder / "sample-1.dist-info" / "LICENSE").write_text("free")
    (folder / "sample-1.dist-info" / "RECORD").write_text("")
    (folder / "sample" / "tests").mkdir(parents=True)
    (folder / "sample" / "tests" / "test_it.py").write_text("")
    (folder / "sample" / "__init__.pyi").write_text("")
    return folder


def test_only_what_functions_use_is_left(tmp_path):
    trimming.trim(installed(tmp_path))
    left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    kept = [name for name in POWERTOOLS if "metrics" not in name and "parser" not in name]
    logger = {f"{trimming.POWERTOOLS}/{name}" for name in kept}
    assert left == {"botocore/data/endpoints.json", "licences/sample-1/LICENSE"} | logger
    endpoints = json.loads((tmp_path / "botocore" / "data" / "endpoints.json").read_text())
    assert set(endpoints["partitions"][0]["services"]) == trimming.ENDPOINTS


def test_a_botocore_that_is_laid_out_otherwise_is_an_error(tmp_path):
    with pytest.raises(BuildError, match="dynamodb"):
        trimming.trim(installed(tmp_path, services=("ec2",)))


def test_powertools_logger_is_all_that_its_package_loads(tmp_path):
    trimming.trim(installed(tmp_path))
    assert (tmp_path / trimming.POWERTOOLS / "__init__.py").read_text() == ""


def test_a_powertools_that_is_laid_out_otherwise_is_an_error(tmp_path):
    folder = installed(tmp_path)
    (folder / trimming.POWERTOOLS / "logging" / "logger.py").unlink()
    with pytest.raises(BuildError, match="no logger"):
        trimming.trim(folder)


def test_the_services_that_are_kept_are_those_that_storage_calls():
    text = "".join(path.read_text() for path in (PROJECT / "functions").rglob("*.py"))
    called = set(re.findall(r'client\(\s*"(\w+)"', text))
    assert called | {"dynamodb"} == trimming.SERVICES


def test_what_only_the_command_line_needs_is_not_listed():
    listed = dependencies.requirements(API)
    assert "pydantic==" in listed
    assert "pip==" not in listed
    assert "scikit-learn==" not in listed
    assert "--hash=sha256:" in listed


def test_learning_has_scikit_learn_and_no_sign_in():
    listed = dependencies.requirements(LEARNING)
    assert "scikit-learn==" in listed
    assert "cryptography==" not in listed


def test_what_uv_says_is_passed_on(monkeypatch):
    monkeypatch.setattr(dependencies.uv, "find_uv_bin", lambda: sys.executable)
    with pytest.raises(BuildError, match="uv export failed"):
        dependencies.requirements(API)


def ran(returncode=0, stdout="", stderr=""):
    return subprocess.CompletedProcess([], returncode, stdout, stderr)


@pytest.mark.parametrize(
    "answer", [ran(2, stderr="no region"), ran(0, stdout="Could not install dependencies:\nx")]
)
def test_what_chalice_only_prints_is_an_error_too(monkeypatch, tmp_path, answer):
    monkeypatch.setattr(sources.subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(BuildError, match="chalice package failed"):
        sources.chalice_package(tmp_path)


def test_a_file_that_chalice_leaves_out_is_an_error(tmp_path):
    (tmp_path / "vendor" / "functions").mkdir(parents=True)
    (tmp_path / "vendor" / "functions" / "door.py").write_text("")
    with zipfile.ZipFile(tmp_path / "deployment.zip", "w") as made:
        made.writestr("app.py", "")
        made.writestr("chalice/app.py", "")
    with pytest.raises(BuildError, match=r"functions/door\.py"):
        sources._check_whole(tmp_path, tmp_path / "deployment.zip")


def test_the_project_is_laid_out_without_what_trains(tmp_path):
    sources.stage_project(tmp_path / "project")
    laid = {str(p.relative_to(tmp_path / "project")) for p in (tmp_path / "project").rglob("*")}
    assert {"app.py", "requirements.txt", ".chalice/config.json", "vendor/functions/door.py"} <= laid
    assert not [name for name in laid if "phrases" in name or name.endswith(("/training.py", ".pyc"))]


def test_a_stage_that_no_table_can_be_named_after_is_refused(tmp_path):
    with pytest.raises(BuildError, match="stage"):
        build.build(HERE, "Prod!", tmp_path, tmp_path)


def test_the_table_says_when_there_is_no_bytecode(tmp_path):
    rows = build.table([Packed(API, tmp_path, 1, 2_000_000, 5_000_000)], Target("3.13", "linux", None))
    assert "no bytecode" in rows
    assert "5.0" in rows


def test_an_error_is_one_line_and_a_failure(capsys):
    assert build.main(["--python", "2.7"]) == 1
    assert capsys.readouterr().err.startswith("infra.build: --python is one of")


def test_lines_that_are_counted_lie_in_a_log_that_exists():
    (_, functions) = template.fragments()
    assert {log for log, _, _ in alarms.LOGGED.values()} <= set(functions["Resources"])
