"""What becomes of one call to a provider of messages: taken, surely not, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProxyConnectionError,
    SSLError,
)

ONCE = Config(connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 1})
"""A repeat after a lost answer would be a second message: whoever asks decides what comes next."""
NEVER_ARRIVED = (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProxyConnectionError,
    SSLError,
)
SERVER_FAILED = 500


class NotTakenError(Exception):
    """The provider refused, or was never reached: nothing was sent."""


class UncertainError(Exception):
    """The request went out and no answer told what became of it."""


@contextmanager
def told_apart() -> Iterator[None]:
    """AWS's failures as one or the other. Without their words, which quote whom the message is for."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_FAILED)
        kind = UncertainError if status >= SERVER_FAILED else NotTakenError
        raise kind(error.response.get("Error", {}).get("Code", "")) from None
    except NEVER_ARRIVED as error:
        raise NotTakenError(type(error).__name__) from None
    except BotoCoreError as error:
        raise UncertainError(type(error).__name__) from None
