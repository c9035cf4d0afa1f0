"""Data as XML: elements and text alone, without attributes. Nothing is ever parsed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

MEDIA_TYPE = "text/xml"
ONE_OF = {
    "services": "service",
    "attributes": "attribute",
    "service_requests": "request",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
"""What an entry of a list is called, by the name of the list."""
# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(root: str, content: Any) -> str:
    """A whole document of what JSON could say, its numbers and truths written as JSON writes them."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + "".join(_element(root, content))


def _element(name: str, content: Any) -> Iterator[str]:
    yield f"<{name}>"
    if isinstance(content, dict):
        for each, inner in content.items():
            yield from _element(each, inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _element(ONE_OF[name], inner)
    else:
        yield _text(content)
    yield f"</{name}>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_UNWRITABLE.sub("", str(value)), quote=False)
