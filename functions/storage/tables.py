"""What every table here shares: its name by stage, its time-outs, and failures under names of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import Model

from functions.settings import stage

if TYPE_CHECKING:
    from pynamodb.connection import TableConnection

STALE_CODES = frozenset(
    {
        "ConditionalCheckFailedException",
        "ConditionalCheckFailed",
        "TransactionConflictException",
        "TransactionConflict",
    }
)


class StoreFailureError(Exception):
    """The store refused, throttled or did not answer: nothing may be taken as written."""


class StaleError(Exception):
    """The row is no longer the version the change was made on; nothing was written."""


class TableMeta:
    """Base of every model's own `Meta`, which cannot be shared: the table's name is kept in it."""

    table_name = ""
    # A citizen waits behind each call: three quick tries, then an honest 503.
    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 2
    max_pool_connections = 32


class Table(Model):
    """A model of the table khidmat-{stage}-{noun}; the stage is read at first use, not at import."""

    noun: ClassVar[str]

    class Meta(TableMeta):
        pass

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if not cls.Meta.table_name:
            cls.Meta.table_name = f"khidmat-{stage()}-{cls.noun}"
        return super()._get_connection()


@contextmanager
def named_failures() -> Iterator[None]:
    """The library's exceptions as StaleError (a failed condition) or StoreFailureError, cause kept."""
    try:
        yield
    except PynamoDBException as error:
        if isinstance(error, Model.DoesNotExist):
            raise
        if _is_stale(error):
            raise StaleError from error
        raise StoreFailureError(error.cause_response_code or type(error).__name__) from error


def _is_stale(error: PynamoDBException) -> bool:
    """Whether somebody else's change came first: a failed condition, alone or inside a transaction."""
    reasons = error.cancellation_reasons if isinstance(error, TransactWriteError) else ()
    codes = {error.cause_response_code, *(reason.code for reason in reasons if reason)}
    return bool(codes & STALE_CODES)


def instant_key(instant: datetime) -> str:
    """An instant as text that sorts as time does: UTC, microseconds, fixed width."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
