"""What Lambda would hold of the app: its event functions by name, and the way each is called."""

from __future__ import annotations

import importlib
import os
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.tables import LOCAL_ACCOUNT, LOCAL_REGION

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "app:app"
HTTP_SECONDS, EVENT_SECONDS = 29, 900


class UnknownFunctionError(Exception):
    """No scheduled function, or more than one, has this name; the message lists them."""


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Lambda passes beside the event."""

    function_name: str
    seconds: int = EVENT_SECONDS
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "512"

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{LOCAL_REGION}:{LOCAL_ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.seconds - (time.monotonic() - self.started)) * 1000))


@dataclass(frozen=True, slots=True)
class Function:
    """One event function: its Chalice name, its Lambda handler string, and its trigger's configuration."""

    name: str
    handler: str
    source: Any

    def invoke(self, event: dict[str, Any]) -> Any:
        """Call it as Lambda does: import the handler string, pass the raw event and a context."""
        module, _, attribute = self.handler.rpartition(".")
        call: Callable[[Any, Any], Any] = getattr(importlib.import_module(module), attribute)
        return call(event, LambdaContext(self.name))


def load_app() -> Any:
    """Import the Chalice app; KHIDMAT_APP names another than app:app for the runner's own tests."""
    module, _, attribute = os.environ.get("KHIDMAT_APP", APP).partition(":")
    return getattr(importlib.import_module(module), attribute)


def functions(app: Any, kind: str) -> list[Function]:
    """Return the app's functions of a Chalice source, such as "ScheduledEventConfig"."""
    return [
        Function(source.name, source.handler_string, source)
        for source in app.event_sources
        if type(source).__name__ == kind
    ]


def scheduled(app: Any) -> list[Function]:
    return functions(app, "ScheduledEventConfig")


def named(candidates: list[Function], name: str) -> Function:
    """Find a function by its name or a part of it. UnknownFunctionError lists the names there are."""
    exact = [function for function in candidates if function.name == name]
    found = exact or [function for function in candidates if name in function.name]
    if len(found) == 1:
        return found[0]
    problem = "is more than one of" if found else "is none of"
    names = ", ".join(sorted(function.name for function in found or candidates)) or "(none)"
    raise UnknownFunctionError(f"{name!r} {problem} the scheduled functions: {names}.")
