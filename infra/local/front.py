"""The process that serves HTTP: the app behind the gateway, and the demonstration's issuer beside it.

Started by the runner, which holds the listening socket: python -m infra.local.front SOCKET_DESCRIPTOR
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import waitress

from infra.local import functions, outbox, tokens
from infra.local.environment import STAGE, refuse_other_stages
from infra.local.gateway import Gateway
from infra.local.home import Home, home, write_privately
from infra.local.issuer import Issuer
from infra.local.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8  # a process; more only wait for its interpreter lock
DAY_TOKEN_HOURS = 12
# The gateway says "too large" itself from 6 MB; this only bounds what is read before it can.
MOST_REQUEST_BYTES = 64 * 1024 * 1024


def site(gateway: WSGIApplication, issuer: WSGIApplication, sent: WSGIApplication) -> WSGIApplication:
    """Return one application: issuer and outbox under their paths, the gateway everywhere else."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == outbox.PATH:
            return sent(environ, start_response)
        inside = path.startswith(tokens.ISSUER_PATH + "/")
        return (issuer if inside else gateway)(environ, start_response)

    return serve


def leave_day_token(place: Home, base_url: str, now: datetime) -> None:
    """Write a product owner's token, so that a shell can use the board's API without asking for one."""
    person = tokens.person_of("product_owner")
    token = tokens.access_token(place, person, base_url, now, timedelta(hours=DAY_TOKEN_HOURS))
    write_privately(place.tokens / person.role, token)


def main(arguments: list[str], serve: Callable[..., None] = waitress.serve) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    refuse_other_stages()
    signal.signal(signal.SIGTERM, _leave)
    place, base_url = home(), os.environ["KHIDMAT_BASE_URL"]
    leave_day_token(place, base_url, datetime.now(UTC))
    gateway = Gateway(functions.load_app(), STAGE)
    listening = socket.socket(fileno=int(arguments[0]))
    serve(
        site(gateway, Issuer(place, base_url), Outbox(place)),
        sockets=[listening],
        threads=THREADS,
        ident=None,
        max_request_body_size=MOST_REQUEST_BYTES,
        clear_untrusted_proxy_headers=False,
    )
    return 0


def _leave(_number: int, _frame: FrameType | None) -> None:
    # As a Lambda instance goes: at once. What it had acknowledged is in the engine.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
