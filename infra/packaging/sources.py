"""Our own part of a bundle, and the template Chalice makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from infra.packaging.bundles import PROJECT, BuildError

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("functions", "schemas", "feedback_ml")
# The command line of feedback_ml, what trains and judges the model, and the phrases it learns from. Functions
# classify, group and rank, with the weights in feedback_ml/model.
COMMAND_LINE = (
    "__main__.py", "commands.py", "importing.py", "delivery.py", "journal.py", "report", "suite.py",
    "label_files.py", "topic_files.py", "rank_files.py", "release_files.py", "registry.py",
)  # fmt: skip
TRAINING = (
    "training.py", "teaching.py", "evaluation.py", "measures.py", "own_labels.py", "learning.py", "leaks.py",
    "examples.py", "card.py", "breaches.py", "phrases", "gold", "gold.py",
)  # fmt: skip
LEFT_OUT = (*COMMAND_LINE, *TRAINING, "tests", "__pycache__", "*.pyc", ".*")
CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"
CHALICE_STAGE = "dev"
"""Chalice's own name for its settings. Ours is the template's parameter Stage: one template serves all."""
LACKING = "Could not install dependencies"


def stage_project(folder: Path) -> None:
    """Lay out a Chalice project of our sources: what is in vendor/ goes to the top of the zip."""
    for name in PACKAGES:
        shutil.copytree(PROJECT / name, folder / "vendor" / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copyfile(PROJECT / "app.py", folder / "app.py")
    shutil.copytree(PROJECT / ".chalice", folder / ".chalice", ignore=shutil.ignore_patterns("deployments"))
    # Empty, so that Chalice resolves nothing: the locked dependencies are added afterwards.
    (folder / "requirements.txt").touch()


def chalice_package(project: Path) -> tuple[dict[str, Any], Path]:
    """Run `chalice package`; its template, and its zip of our sources and Chalice's own two files.

    BuildError too for what Chalice reports without failing, and for a file of ours that it left out.
    """
    out = project / "packaged"
    # The project's own copy is packed: nothing of the checkout may be imported instead of it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    command = ("package", f"--stage={CHALICE_STAGE}", "--template-format=json")
    ran = subprocess.run(  # nosec B603  # this interpreter, and a command named here
        [sys.executable, "-B", "-c", CHALICE, f"--project-dir={project}", *command, str(out)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{ran.stdout}\n{ran.stderr}".strip()
    if ran.returncode or LACKING in said:
        raise BuildError(f"chalice package failed:\n{said}")
    archive = out / "deployment.zip"
    _check_whole(project, archive)
    template: dict[str, Any] = json.loads((out / "sam.json").read_text(encoding="utf-8"))
    return template, archive


def _check_whole(project: Path, archive: Path) -> None:
    vendored = project / "vendor"
    expected = {str(path.relative_to(vendored)) for path in vendored.rglob("*") if path.is_file()}
    with zipfile.ZipFile(archive) as packed:
        missing = (expected | {"app.py", "chalice/app.py"}) - set(packed.namelist())
    if missing:
        raise BuildError(f"chalice left out {', '.join(sorted(missing))}")
