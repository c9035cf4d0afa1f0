"""A bundle's folder made whole: bytecode where it can be made, then a zip that is the same every time."""

from __future__ import annotations

import subprocess
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.packaging.bundles import BuildError

if TYPE_CHECKING:
    from pathlib import Path

    from infra.packaging.bundles import Bundle, Target

LAMBDA_ROOT = "/var/task"
NO_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle as written."""

    bundle: Bundle
    path: Path
    files: int
    zipped_bytes: int
    unzipped_bytes: int


def add_bytecode(folder: Path, compiler: str, *, keeps_sources: bool, own: frozenset[str]) -> None:
    """Compile all of `folder` with `compiler`; without `keeps_sources` only our `own` sources stay as text.

    Unchecked, because nothing changes after packing: a function then never reads a source to start.
    """
    parts = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix == ".py")
    beside = [path for path in parts if keeps_sources or path.stem in own]
    instead = [path for path in parts if path not in beside]
    _compile(beside, folder, compiler)
    _compile(instead, folder, compiler, "-b")  # module.pyc where module.py was
    for path in instead:
        for source in [path] if path.is_file() else path.rglob("*.py"):
            source.unlink()


def _compile(paths: list[Path], folder: Path, compiler: str, *more: str) -> None:
    if not paths:
        return
    unchecked = ("--invalidation-mode", "unchecked-hash")
    # Paths in tracebacks are Lambda's, and the same wherever the bundle was built.
    renamed = ("-s", str(folder), "-p", LAMBDA_ROOT)
    ran = subprocess.run(  # nosec B603  # an interpreter found here, and files that the build laid out
        [compiler, "-I", "-m", "compileall", "-q", "-f", *unchecked, *renamed, *more, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise BuildError(f"bytecode could not be made for the target:\n{ran.stdout}{ran.stderr}")


def write(bundle: Bundle, target: Target, folder: Path, path: Path) -> Packed:
    """Zip `folder` to `path`, sorted and undated. BuildError when Lambda would not take it."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    unzipped = sum(each.stat().st_size for each in files)
    if unzipped > bundle.most_bytes:
        raise BuildError(
            f"{bundle.name} is {unzipped:,} bytes unzipped for {target.runtime}, over {bundle.most_bytes:,}"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for each in files:
            entry = zipfile.ZipInfo(each.relative_to(folder).as_posix(), NO_TIME)
            entry.external_attr = PLAIN_FILE
            entry.create_system = 3  # a Unix: file modes are read only then
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, each.read_bytes())
    return Packed(bundle, path, len(files), path.stat().st_size, unzipped)
