"""The engines a local run stands on: dynoxide (DynamoDB), and ministack (queues, or both).

Neither is part of the product, which finds them by boto3's own AWS_ENDPOINT_URL_... settings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import children
from infra.local.environment import NO_CREDENTIALS
from infra.local.home import PROJECT, Home
from infra.tables import LOCAL_REGION

if TYPE_CHECKING:
    from infra.local.children import Child

PINS = Path(__file__).with_name("engines.json")
MINISTACK_PROJECT = Path(__file__).with_name("ministack")
MINISTACK_HOME = PROJECT / ".venv-ministack"
CACHE = PROJECT / ".venv" / "engine"
FETCH_SECONDS = 120
START_SECONDS = 30
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
PROMISES = {
    "dynoxide": "an answered write survives kill -9",
    "ministack": "kept when stopped by Ctrl-C; kill -9 loses what was written since the start",
}
NAMED_PROMISE = "as it promises itself"


class NoEngineError(Exception):
    """An engine cannot be had here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A DynamoDB that serves: its name, URL and promise, and why not the first choice ("" if it is)."""

    name: str
    url: str
    promise: str
    why: str = ""


def this_platform() -> str:
    machine = platform.machine().lower()
    return f"{sys.platform}-{MACHINES.get(machine, machine)}"


def dynoxide_program(cache: Path = CACHE) -> Path:
    """Return the pinned program, fetched by npm the first time. NoEngineError says why it cannot be had."""
    pins = json.loads(PINS.read_text(encoding="utf-8"))["dynoxide"]
    program = cache / f"dynoxide-{pins['version']}"
    if program.exists():
        return program
    package = pins["packages"].get(this_platform())
    if package is None:
        raise NoEngineError(f"no checked dynoxide for {this_platform()}")
    npm = shutil.which("npm")
    if npm is None:
        raise NoEngineError("npm is not here to fetch dynoxide")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        archive = _packed(npm, f"{package['name']}@{pins['version']}", Path(folder))
        check_integrity(archive, package["integrity"])
        unpack_program(archive, program)
    return program


def _packed(npm: str, specification: str, folder: Path) -> Path:
    command = [npm, "pack", specification, "--pack-destination", str(folder), "--ignore-scripts", "--silent"]
    try:
        subprocess.run(  # nosec B603  # npm, and a package named here
            command, check=True, capture_output=True, timeout=FETCH_SECONDS, cwd=folder
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoEngineError("npm could not fetch dynoxide") from error
    return next(folder.glob("*.tgz"))


def check_integrity(archive: Path, integrity: str) -> None:
    """Compare with the digest kept in engines.json, in npm's own form. NoEngineError if it differs."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if not hmac.compare_digest(f"sha512-{digest}", integrity):
        raise NoEngineError("what npm fetched is not the dynoxide that was checked; it was not started")


def unpack_program(archive: Path, program: Path) -> None:
    """Take the one program out of npm's archive; nothing else of it is written."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/dynoxide")
        if member is None:
            raise NoEngineError("the dynoxide package holds no program")
        draft = program.with_suffix(".draft")
        draft.write_bytes(member.read())
    draft.chmod(0o755)
    draft.replace(program)


def start_dynoxide(program: Path, place: Home, port: int) -> Child:
    command: list[str | Path] = [
        program,
        "serve",
        "--host",
        children.LOOPBACK,
        "--port",
        str(port),
        "--db-path",
        place.database,
    ]
    return children.start(
        "dynoxide", command, {"PATH": os.environ.get("PATH", "")}, place.logs / "dynoxide.log"
    )


def ministack_python() -> Path:
    """Return ministack's own interpreter, installed the first time. NoEngineError if it cannot be."""
    python = MINISTACK_HOME / "bin" / "python"
    lock = (MINISTACK_PROJECT / "uv.lock").read_bytes()
    stamp = MINISTACK_HOME / f".ready-{hashlib.sha256(lock).hexdigest()[:12]}"
    if stamp.exists() and python.exists():
        return python
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise NoEngineError("uv is not in this environment: run `make run`, which puts it there")
    command = [
        uv,
        "sync",
        "--frozen",
        "--quiet",
        "--python",
        sys.executable,
        "--project",
        str(MINISTACK_PROJECT),
    ]
    settings = {"UV_PROJECT_ENVIRONMENT": str(MINISTACK_HOME), "UV_PYTHON_DOWNLOADS": "never"}
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        subprocess.run(  # nosec B603  # uv, and a package named here
            command,
            check=True,
            capture_output=True,
            timeout=FETCH_SECONDS,
            env=inherited | settings,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        raise NoEngineError(f"ministack could not be installed:\n{error.stderr.strip()}") from error
    stamp.touch()
    return python


def start_ministack(python: Path, place: Home, port: int) -> Child:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": children.LOOPBACK,
        "MINISTACK_HOST": children.LOOPBACK,
        "MINISTACK_REGION": LOCAL_REGION,
        "SERVICES": "sqs,s3,dynamodb,dynamodbstreams",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.ministack / "state"),
        "S3_DATA_DIR": str(place.ministack / "s3"),
        # An object is on disk when its PUT is answered, whatever ends the process.
        "S3_PERSIST": "1",
        # Signed links are checked even here, and against this key alone.
        "AWS_ACCESS_KEY_ID": NO_CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY": NO_CREDENTIALS,
        "TMPDIR": str(place.ministack),
        "HOME": str(place.ministack),
        "LOG_LEVEL": "WARNING",
    }
    return children.start("ministack", [python, "-m", "ministack"], environment, place.logs / "ministack.log")
