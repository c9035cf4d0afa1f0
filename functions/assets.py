"""Static files of the pages: only those in functions/pages/static, each under its own name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.domain.access import Permission
from functions.domain.errors import NotFound
from functions.door import EVENT, Answer, Door, Request

door = Door("functions.assets", tag="Pages")
FOLDER = Path(__file__).parent / "pages" / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Every file that may be asked for, by name; no other path leads anywhere."""
    return {path.name: _asset(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def address(name: str) -> str:
    """The file's address with its content's digest, so that a changed file is a new address."""
    return f"/static/{name}?v={assets()[name].digest}"


@door.declare("GET", "/static/{name}", Permission.PUBLIC, "A file of the pages", kind="static")
def static_file(request: Request) -> Answer:
    asset = assets().get(request.path["name"])
    if asset is None:
        raise NotFound
    asked = (EVENT.get().get("queryStringParameters") or {}).get("v")
    headers: dict[str, str | list[str]] = {
        "Content-Type": asset.media_type,
        "Cache-Control": FOR_EVER if asked == asset.digest else FOR_NOW,
        "ETag": f'"{asset.digest}"',
    }
    if request.headers.get("if-none-match") == f'"{asset.digest}"':
        return Answer(status=304, headers=headers)
    return Answer(asset.content, headers=headers)


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
