"""The mock of DynamoDB without its web server: what boto3 sends is answered by the same code of moto, sooner.

Nothing of ours is shortened: boto3 checks, writes and reads every request and answer as ever, and what moto
does to its tables it does. Left out are moto's own doors (URLs, web requests, IAM), which a call of the database
spends most of its time in, its look for every type that an attribute could have had, the signature, which moto
does not look at, and its mock of the library `requests`, which nothing here uses.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import HTTPException, ServiceException
from moto.core.model_instances import reset_model_data
from moto.core.models import MockAWS, botocore_stubber
from moto.core.parse import PROTOCOL_PARSERS, BaseJSONParser
from moto.core.responses import ActionContext, ActionResult
from moto.core.serialize import BaseJSONSerializer, get_serializer_class
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import bytesize
from moto.dynamodb.responses import DynamoHandler

from infra.tables import LOCAL_ACCOUNT, LOCAL_REGION

TARGET = b"DynamoDB_20120810."
HOST = f"://dynamodb.{LOCAL_REGION}.amazonaws.com"
AS_IT_IS = frozenset({"S", "N", "BOOL", "NULL"})
NEAR_THE_LIMIT = 200_000
"""Half of what an item may hold."""
_touched = threading.local()


def make(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone. Whatever is not a call of the database goes moto's whole way."""
    for (owner, name), shorter in SHORTER.items():
        patch.setattr(owner, name, shorter)
    patch.setattr(Table, "__deepcopy__", _as_it_was, raising=False)


def undo(patch: pytest.MonkeyPatch) -> None:
    """Moto's whole way again, until `patch` is undone."""
    for (owner, name), whole in WHOLE.items():
        if owner is not MockAWS:  # begun one way, it ends the same way
            patch.setattr(owner, name, whole)
    patch.delattr(Table, "__deepcopy__")


def _process(self: Any, request: Any) -> Any:
    target = request.headers.get("X-Amz-Target") or b""
    if isinstance(target, bytes) and target.startswith(TARGET) and HOST in request.url:
        return _answered(target.removeprefix(TARGET).decode(), request)
    return WHOLE[BotocoreStubber, "process_request"](self, request)


def _unsigned(self: Any, operation_name: Any = None, request: Any = None, **more: Any) -> Any:
    if botocore_stubber.enabled and self._service_id == "DynamoDB":
        return None
    return WHOLE[RequestSigner, "handler"](self, operation_name, request, **more)


@cache
def _operation(name: str) -> tuple[Any, str]:
    return get_service_model("dynamodb").operation_model(name), camelcase_to_underscores(name)


def _answered(name: str, request: Any) -> tuple[int, dict[str, str], Any]:
    model, action = _operation(name)
    handler = DynamoHandler()
    handler.region, handler.current_account = LOCAL_REGION, LOCAL_ACCOUNT
    handler.partition, handler.headers, handler.querystring = "aws", request.headers, {}
    given = {"method": "POST", "headers": request.headers, "body": request.body, "url_path": "/"}
    handler.params = handler.body = PROTOCOL_PARSERS["json"](model, map_type=dict).parse(given)
    try:
        result = getattr(handler, action)()
    except ServiceException as refused:
        result = ActionResult(refused)
    except HTTPException as refused:
        return refused.code, dict(refused.get_headers()), refused.description
    service = get_service_model("dynamodb")
    context = ActionContext(service, model, get_serializer_class("dynamodb", "json"), handler)
    status, headers, body = result.execute_result(context)
    return status, {**headers, "x-amzn-requestid": "quick"}, body


def _attribute(value: dict[str, Any], other: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The same again, as far as JSON knows it; `other` makes what it does not."""
    said: dict[str, Any] = {}
    for kind, inner in value.items():
        if kind == "M":
            said[kind] = {name: _attribute(each, other) for name, each in inner.items()}
        elif kind == "L":
            said[kind] = [_attribute(each, other) for each in inner]
        else:
            said[kind] = inner if kind in AS_IT_IS and isinstance(inner, str | bool) else other(kind, inner)
    return said


def _serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    def other(kind: str, inner: Any) -> Any:
        said: dict[str, Any] = {}
        self._serialize(said, inner, shape.members[kind], kind)
        return said[kind]

    if key and shape.name == "AttributeValue" and type(value) is dict:
        self._default_serialize(serialized, _attribute(value, other), shape, key)
    else:
        WHOLE[BaseJSONSerializer, "_serialize_type_structure"](self, serialized, value, shape, key)


def _parse(self: Any, shape: Any, value: Any) -> Any:
    if shape.name != "AttributeValue" or type(value) is not dict or not value.keys() <= shape.members.keys():
        return WHOLE[BaseJSONParser, "_parse_structure"](self, shape, value)
    return _attribute(value, lambda kind, inner: self._parse_shape(shape.members[kind], inner))


def _keep(self: Any, key: str, value: Any) -> None:
    """The size of an item is added up, and gone through attribute by attribute where it comes near the limit."""
    if not hasattr(self, "most"):
        self.most = sum(_bytes(each) for pair in self.items() for each in pair)
    self.most += _bytes(key) + _bytes(value)
    if self.most > NEAR_THE_LIMIT:
        WHOLE[LimitedSizeDict, "__setitem__"](self, key, value)
    else:
        dict.__setitem__(self, key, value)


def _bytes(value: Any) -> int:
    return value.size() if type(value) is DynamoType else bytesize(str(value))


def _transact(self: Any, transact_items: list[dict[str, Any]]) -> None:
    """Moto copies whole tables, to come back to; what comes back is what a transaction may change."""
    _touched.keys = [
        (op.get("TableName"), op.get("Key") or op.get("Item") or {})
        for item in transact_items
        for op in item.values()
    ]
    try:
        WHOLE[DynamoDBBackend, "transact_write_items"](self, transact_items)
    finally:
        _touched.keys = []


def _as_it_was(self: Any, memo: dict[int, Any]) -> Any:
    made = memo[id(self)] = copy.copy(self)
    made.items = copy.copy(self.items)
    for key in [key for name, key in _touched.keys if name == self.name and self.hash_key_attr in key]:
        first = DynamoType(key[self.hash_key_attr])
        if first in made.items:
            made.items[first] = copy.deepcopy(self.items[first])
    if self.stream_shard is not None:
        shard = made.stream_shard = copy.copy(self.stream_shard)
        shard.table, shard.items = made, list(shard.items)
    return made


def _enable(self: Any, reset: bool = True) -> None:
    botocore_stubber.enabled = True
    if reset:
        self.reset()


def _disable(self: Any, remove_data: bool) -> None:
    botocore_stubber.enabled = False
    if remove_data:
        self.reset()
        reset_model_data()


WHOLE = {
    (BotocoreStubber, "process_request"): BotocoreStubber.process_request,
    (RequestSigner, "handler"): RequestSigner.handler,
    (UserAgentString, "to_string"): UserAgentString.to_string,
    (BaseJSONSerializer, "_serialize_type_structure"): BaseJSONSerializer._serialize_type_structure,
    (BaseJSONParser, "_parse_structure"): BaseJSONParser._parse_structure,
    (LimitedSizeDict, "__setitem__"): LimitedSizeDict.__setitem__,
    (DynamoDBBackend, "transact_write_items"): DynamoDBBackend.transact_write_items,
    (MockAWS, "_enable_patching"): MockAWS._enable_patching,
    (MockAWS, "_disable_patching"): MockAWS._disable_patching,
}
SHORTER = dict(
    zip(
        WHOLE,
        (_process, _unsigned, lambda _: "tests", _serialize, _parse, _keep, _transact, _enable, _disable),
        strict=True,
    )
)
