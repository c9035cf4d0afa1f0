"""What wheels carry and no function needs: tests, documentation, models of AWS services we never call."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from infra.packaging.bundles import BuildError

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = frozenset({"dynamodb", "kms", "s3", "sesv2", "sns", "sqs"})
"""Services that functions call; a test compares them with functions/storage."""
ENDPOINTS = frozenset({"email" if name == "sesv2" else name for name in SERVICES})
"""The same in endpoints.json, which knows a service by the first word of its address."""
KEPT_DATA = SERVICES | {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}
UNUSED = (
    "bin",
    "boto3/data",
    "boto3/examples",
    # cryptography loads only the compiled half of cffi; this half is for building extensions.
    "cffi",
    "pydantic/mypy.py",
)
POWERTOOLS = "aws_lambda_powertools"
KEPT_OF_POWERTOOLS = frozenset({"__init__.py", "exceptions", "logging", "shared", "utilities", "warnings"})
KEPT_OF_ITS_UTILITIES = frozenset({"__init__.py", "jmespath_utils"})
UNUSED_ANYWHERE = frozenset({"__pycache__", "tests", "test"})
UNUSED_SUFFIXES = frozenset(
    {".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp", ".hpp", ".a", ".f90", ".typed", ".lock"}
)


def trim(folder: Path) -> None:
    """Take out of installed packages what no function imports. BuildError if one of them is not as known."""
    keep_licences(folder)
    for unused in UNUSED:
        _remove(folder / unused)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and path.name in UNUSED_ANYWHERE:
            _remove(path)
        elif path.suffix in UNUSED_SUFFIXES and path.is_file():
            path.unlink()
    data = folder / "botocore" / "data"
    _keep(data, KEPT_DATA)
    _shorten_endpoints(data / "endpoints.json")
    _keep_the_logger(folder / POWERTOOLS)


def keep_licences(folder: Path) -> None:
    """Move each package's licence to licences/, and drop the rest of its installer's records."""
    for record in sorted(folder.glob("*.dist-info")):
        kept = folder / "licences" / record.name.removesuffix(".dist-info")
        for path in sorted(record.rglob("*")):
            if path.is_file() and path.name.upper().startswith(("LICEN", "COPYING", "NOTICE")):
                kept.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, kept / path.name)
        _remove(record)


def _shorten_endpoints(path: Path) -> None:
    """Keep the called services alone: the file is 1.2 MB, and each client reads all of it."""
    endpoints: dict[str, Any] = json.loads(path.read_bytes())
    for partition in endpoints["partitions"]:
        services = {name: rules for name, rules in partition["services"].items() if name in ENDPOINTS}
        partition["services"] = services
    if set(endpoints["partitions"][0]["services"]) != ENDPOINTS:
        raise BuildError(f"botocore's endpoints.json does not name {', '.join(sorted(ENDPOINTS))}")
    path.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def _keep_the_logger(powertools: Path) -> None:
    """Keep what Powertools' logger imports, and let its package import nothing by itself.

    The package loads metrics and tracing for whoever asks for the logger: half of what the logger costs at a
    cold start.
    """
    initial = powertools / "__init__.py"
    if not (powertools / "logging" / "logger.py").is_file() or not initial.is_file():
        raise BuildError(f"{POWERTOOLS} has no logger where functions/logs.py looks for it")
    _keep(powertools, KEPT_OF_POWERTOOLS)
    _keep(powertools / "utilities", KEPT_OF_ITS_UTILITIES)
    initial.write_text("", encoding="utf-8")


def _keep(folder: Path, kept: frozenset[str]) -> None:
    for path in folder.iterdir():
        if path.name not in kept:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
