"""Eight clients in a process of their own: python -m tests.bench.clients < plan.json > measured.json.

The plan names the port, seconds and most requests of each phase, and for each client its bearer token and the
references it may read. Imports the standard library alone, so that it takes as little of the machine as it can.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

WARM_SECONDS = 1.0
Ask = Callable[[int], tuple[str, str, str | None]]


@dataclass
class Seen:
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Client:
    """One keep-alive connection and the person it speaks for."""

    port: int
    token: str
    references: list[str]
    body: str
    number: int

    def asks(self) -> dict[str, tuple[Ask, int]]:
        """By phase: what to send (method, path, body) and the status that is right."""
        chance = random.Random(self.number)
        return {
            "create": (lambda _: ("POST", "/v1/complaints", self.body), 201),
            "read": (lambda _: ("GET", f"/v1/complaints/{chance.choice(self.references)}", None), 200),
            "list of 25": (lambda _: ("GET", "/v1/complaints", None), 200),
        }

    def run(self, phase: str, until: float, most: int, seen: Seen) -> None:
        ask, right = self.asks()[phase]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            for count in range(most):
                method, path, body = ask(count)
                begun = time.perf_counter()
                if begun >= until:
                    break
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                seen.seconds.append(time.perf_counter() - begun)
                if answer.status != right:
                    seen.wrong.append(f"{phase}: {answer.status} {content[:200]!r}")
                    break
        except (OSError, http.client.HTTPException) as error:
            seen.wrong.append(f"{phase}: {error!r}")
        finally:
            connection.close()


def together(clients: list[Client], phase: str, seconds: float, most: int) -> tuple[Seen, float]:
    """All clients at once; what they saw, and for how long they ran."""
    seen = [Seen() for _ in clients]
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=client.run, args=(phase, begun + seconds, most, each))
        for client, each in zip(clients, seen, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Seen([s for each in seen for s in each.seconds], [w for each in seen for w in each.wrong])
    return whole, time.perf_counter() - begun


def measured(plan: dict[str, Any]) -> dict[str, Any]:
    clients = [
        Client(plan["port"], each["token"], each["references"], json.dumps(plan["body"]), number)
        for number, each in enumerate(plan["clients"])
    ]
    told: dict[str, Any] = {}
    for phase in ("create", "read", "list of 25"):
        together(clients, phase, WARM_SECONDS, plan["most"])
        cpu = time.process_time()
        seen, elapsed = together(clients, phase, plan["seconds"], plan["most"])
        told[phase] = {
            "seconds": seen.seconds,
            "wrong": seen.wrong[:5],
            "elapsed": elapsed,
            "own_cpu": time.process_time() - cpu,
        }
    return told


if __name__ == "__main__":
    json.dump(measured(json.load(sys.stdin)), sys.stdout)
