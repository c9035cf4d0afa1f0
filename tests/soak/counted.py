"""A pytest plug-in that counts the requests a contract run really sends: -p tests.soak.counted."""

from __future__ import annotations

from typing import Any

import schemathesis

SAID = "contract requests sent:"
_sent = 0
_call = schemathesis.Case.call


def _counted(self: schemathesis.Case, *arguments: Any, **more: Any) -> Any:
    global _sent  # noqa: PLW0603 - the plug-in is the module, and one run is one process
    _sent += 1
    return _call(self, *arguments, **more)


def pytest_configure() -> None:
    schemathesis.Case.call = _counted


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"{SAID} {_sent}")
