"""Evidence as clients announce and see it. The files themselves never pass through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.common import Body, Line, Shown

SHA256 = r"^[0-9a-fA-F]{64}$"


class NewEvidence(Body):
    """What the file to be uploaded is said to be."""

    name: Annotated[Line | None, Field(description="The file's own name", examples=["receipt.jpg"])] = None
    media_type: Annotated[str, Field(min_length=3, max_length=100, examples=["image/jpeg"])]
    bytes: Annotated[int, Field(ge=1, description="The file's size", examples=[482_113])]
    sha256: Annotated[
        str | None,
        Field(pattern=SHA256, description="Of the whole file, in hexadecimal: it is compared"),
    ] = None


class UploadForm(Shown):
    """Send these fields as multipart/form-data to `url`, unchanged, and the file after them as `file`."""

    url: str
    fields: dict[str, str]


class EvidenceUpload(Shown):
    """Where the file goes. It counts once its completion was asked for, and not before."""

    evidence: Annotated[str, Field(examples=["e-0123456789abcdef"])]
    upload: UploadForm
    expires_at: datetime = Field(description="The form is taken until then")
    most_bytes: int


class EvidenceShown(Shown):
    evidence: str
    kind: str
    media_type: str = Field(description="As the file itself shows, whatever it was announced as")
    bytes: int
    sha256: str | None = None
    name: str | None = Field(description="null when none was given, or it was erased")
    at: datetime


class EvidenceList(Shown):
    """All of them, oldest first: a case holds few enough for one answer."""

    items: tuple[EvidenceShown, ...]


class EvidenceLink(Shown):
    """A way to the file, for whoever holds it: it is not to be passed on."""

    url: str
    expires_at: datetime
