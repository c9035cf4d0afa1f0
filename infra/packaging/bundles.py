"""What is packed: two bundles from one checkout, and the interpreter they are packed for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which

PROJECT = Path(__file__).resolve().parents[2]
LAMBDA_BYTES = 262_144_000
"""What Lambda unzips at most: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
RUNTIMES = ("3.12", "3.13", "3.14")
"""Lambda runtimes on Amazon Linux 2023; older ones have a C library too old for today's numpy and scipy."""
USUAL_RUNTIME = "3.13"
# Amazon Linux 2023 has glibc 2.34; uv then takes any wheel for that or an older one.
LAMBDA_PLATFORM = "x86_64-manylinux_2_34"
CURRENT = "current"
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


class BuildError(Exception):
    """Nothing fit to deploy came out; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One zip. `pruned` names locked packages that its functions never import, and what only they need."""

    name: str
    groups: tuple[str, ...]
    pruned: tuple[str, ...]
    keeps_sources: bool
    most_bytes: int = LAMBDA_BYTES


# Chalice itself packs the two files of it that a function needs; the rest of the package is its command line.
# pycparser is for compiling C.
NEVER = ("chalice", "pycparser")
API = Bundle("api", groups=(), pruned=NEVER, keeps_sources=False)
LEARNING = Bundle(
    "learning",
    groups=("learning",),
    pruned=(*NEVER, "joserfc", "jinja2", "tqdm", "cryptography"),
    keeps_sources=True,
)
BUNDLES = (API, LEARNING)
LEARNING_FUNCTIONS = frozenset({"RegroupTopics", "OnRegroupRequest"})
"""Functions that group feedback and so need scikit-learn; all others run from the API's bundle."""


def bundle_of(function: str) -> Bundle:
    """The bundle of a function by its logical id in the template."""
    return LEARNING if function in LEARNING_FUNCTIONS else API


@dataclass(frozen=True, slots=True)
class Target:
    """The interpreter packed for. `platform` None: this machine's, to try a bundle where it was built.

    `compiler` is an interpreter of the same version, which can write its bytecode; None when there is none.
    """

    version: str
    platform: str | None
    compiler: str | None

    @property
    def runtime(self) -> str:
        return f"python{self.version}"


def target_of(asked: str | None) -> Target:
    """Read --python: a version, "current", or nothing. BuildError for a version that Lambda does not run."""
    if asked == CURRENT:
        return Target(RUNNING, None, sys.executable)
    version = asked or (RUNNING if RUNNING in RUNTIMES else USUAL_RUNTIME)
    if version not in RUNTIMES:
        raise BuildError(f"--python is one of {', '.join(RUNTIMES)} or {CURRENT}, not {version}")
    return Target(version, LAMBDA_PLATFORM, sys.executable if version == RUNNING else _found(version))


def _found(version: str) -> str | None:
    """An interpreter on the path that really is `version`: a name may be a launcher for another."""
    candidate = which(f"python{version}")
    if candidate is None:
        return None
    said = subprocess.run(  # nosec B603  # an interpreter found on the path, asked for its version
        [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return candidate if said.stdout.strip() == version else None
