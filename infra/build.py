"""Builds what Lambda runs.

    python -m infra.build [--stage dev] [--python 3.13] [--out dist]

Leaves in --out a zip a bundle and template.json, which names them:

    aws cloudformation package --template-file dist/template.json --s3-bucket ... --output-template-file ...
    aws cloudformation deploy --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides ...
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from infra.packaging import archive, dependencies, sources, template, trimming
from infra.packaging.bundles import BUNDLES, CURRENT, PROJECT, RUNTIMES, BuildError, target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.packaging.archive import Packed
    from infra.packaging.bundles import Bundle, Target

OWN = frozenset({*sources.PACKAGES, "app"})
STAGE = re.compile(r"[a-z][a-z0-9]{1,9}")
MEGABYTE = 1_000_000


def build(
    target: Target, stage: str, out: Path, work: Path, bundles: Sequence[Bundle] = BUNDLES
) -> list[Packed]:
    """Write template.json and the zips of `bundles` to `out`; `work` is emptied and holds what is in between.

    BuildError when anything is missing or too large.
    """
    if not STAGE.fullmatch(stage):
        raise BuildError(f"a stage is 2 to 10 small letters and digits, not {stage!r}")
    if work.exists():
        shutil.rmtree(work)
    out.mkdir(parents=True, exist_ok=True)
    for stale in (*out.glob("*.zip"), out / "template.json"):
        stale.unlink(missing_ok=True)
    sources.stage_project(work / "project")
    made, ours = sources.chalice_package(work / "project")
    packed = [pack(bundle, target, ours, work, out) for bundle in bundles]
    written = json.dumps(template.whole(made, target, stage), indent=2, ensure_ascii=False)
    (out / "template.json").write_text(written + "\n", encoding="utf-8")
    return packed


def pack(bundle: Bundle, target: Target, ours: Path, work: Path, out: Path) -> Packed:
    """Write one bundle to `out`: locked dependencies, trimmed, and our sources from the zip `ours`."""
    folder = work / bundle.name
    dependencies.install(bundle, target, folder)
    trimming.trim(folder)
    with zipfile.ZipFile(ours) as made:
        made.extractall(folder)
    if target.compiler:
        archive.add_bytecode(folder, target.compiler, keeps_sources=bundle.keeps_sources, own=OWN)
    return archive.write(bundle, target, folder, out / f"{bundle.name}.zip")


def table(packed: Sequence[Packed], target: Target) -> str:
    """What was built, for a person."""
    bytecode = "with bytecode" if target.compiler else f"no bytecode: python{target.version} is not here"
    rows = [f"{'bundle':<10}{'zip MB':>8}{'unzipped MB':>13}{'files':>7}  for {target.runtime}, {bytecode}"]
    for each in packed:
        zipped, unzipped = each.zipped_bytes / MEGABYTE, each.unzipped_bytes / MEGABYTE
        rows.append(f"{each.bundle.name:<10}{zipped:>8.1f}{unzipped:>13.1f}{each.files:>7}  {each.path}")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.build", description="Build what Lambda runs.")
    parser.add_argument("--stage", default="dev", help="default of the template's parameter Stage")
    parser.add_argument(
        "--python",
        metavar="VERSION",
        help=f"Lambda runtime: {', '.join(RUNTIMES)}; or {CURRENT}, to try the bundles on this machine",
    )
    parser.add_argument("--out", type=Path, default=Path("dist"))
    asked = parser.parse_args(arguments)
    try:
        target = target_of(asked.python)
        packed = build(target, asked.stage, asked.out, PROJECT / "build")
    except BuildError as error:
        print(f"infra.build: {error}", file=sys.stderr)
        return 1
    print(table(packed, target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
