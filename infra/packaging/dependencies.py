"""Locked dependencies of a bundle, as the target interpreter needs them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import uv

from infra.packaging.bundles import PROJECT, BuildError

if TYPE_CHECKING:
    from pathlib import Path

    from infra.packaging.bundles import Bundle, Target


def requirements(bundle: Bundle) -> str:
    """Every package of the bundle with its locked version and hashes, as a requirements file."""
    return _uv(
        "export",
        f"--project={PROJECT}",
        "--frozen",
        "--no-header",
        "--no-annotate",
        "--no-default-groups",
        *(f"--group={group}" for group in bundle.groups),
        *(f"--prune={package}" for package in bundle.pruned),
    )


def install(bundle: Bundle, target: Target, folder: Path) -> None:
    """Put the bundle's packages into `folder`. BuildError when one has no wheel for the target.

    Only wheels, only the locked ones, checked by hash: nothing is resolved or compiled here.
    """
    listed = folder.with_suffix(".requirements.txt")
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text(requirements(bundle), encoding="utf-8")
    _uv(
        "pip",
        "install",
        f"--target={folder}",
        f"--python={sys.executable}",
        f"--python-version={target.version}",
        *([f"--python-platform={target.platform}"] if target.platform else []),
        "--only-binary=:all:",
        "--no-deps",
        "--require-hashes",
        # What is trimmed afterwards must not be the copy in uv's cache.
        "--link-mode=copy",
        f"--requirement={listed}",
    )


def _uv(*arguments: str) -> str:
    ran = subprocess.run(  # nosec B603  # the installed uv, and arguments named here
        [uv.find_uv_bin(), *arguments, "--quiet"], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise BuildError(f"uv {arguments[0]} failed:\n{ran.stderr.strip()}")
    return ran.stdout
