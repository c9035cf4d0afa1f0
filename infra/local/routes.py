"""Which route of the app serves a path, as API Gateway decides it: a static segment before a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    parameter: tuple[str, _Node] | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The resource that serves a path (its pattern), and the path's parameters, percent-decoded once."""

    resource: str
    parameters: dict[str, str]


class RouteTable:
    """The resources of `app.routes` as a tree of segments."""

    def __init__(self, app: Any) -> None:
        self._routes: dict[str, dict[str, Any]] = app.routes
        self._root = _Node()
        for pattern in self._routes:
            self._insert(pattern)

    def methods(self, resource: str) -> dict[str, Any]:
        return self._routes[resource]

    def match(self, path: str) -> Match | None:
        """Match a path as sent, percent-encoded. A single slash at the end changes nothing."""
        return self._find(self._root, _segments(path), {})

    def _insert(self, pattern: str) -> None:
        node = self._root
        for segment in _segments(pattern):
            if segment.startswith("{") and segment.endswith("}"):
                if node.parameter is None:
                    node.parameter = (segment[1:-1], _Node())
                node = node.parameter[1]
            else:
                node = node.children.setdefault(segment, _Node())
        node.pattern = pattern

    def _find(self, node: _Node, segments: list[str], parameters: dict[str, str]) -> Match | None:
        if not segments:
            return Match(node.pattern, parameters) if node.pattern else None
        head, rest = unquote(segments[0]), segments[1:]
        static = node.children.get(head)
        if static and (found := self._find(static, rest, parameters)):
            return found
        if node.parameter and head:
            name, child = node.parameter
            return self._find(child, rest, {**parameters, name: head})
        return None


def _segments(path: str) -> list[str]:
    trimmed = path.removesuffix("/").removeprefix("/")
    return trimmed.split("/") if trimmed else []
