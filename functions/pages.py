"""Pages for everybody: the front, and the API reference."""

from __future__ import annotations

from functions import openapi, reference
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.rendering import page

door = Door("functions.pages", tag="Pages")


@door.declare("GET", "/", Permission.PUBLIC, "The front page", kind="page")
def front(request: Request) -> Answer:
    return page(request, "front.html")


@door.declare("GET", "/docs", Permission.PUBLIC, "The API reference", kind="page")
def docs(request: Request) -> Answer:
    document = openapi.document(openapi.ROUTES)
    return page(
        request, "docs.html", operations=reference.operations(document), models=reference.models(document)
    )
