"""Files to upload, and the upload itself as the store would do it of a form. All invented, none of them whole."""

from __future__ import annotations

import base64
import json
from typing import Any

from functions.storage import cases, evidence
from tests.factories import complaint_body
from tests.http import Reply, send


def box(brand: bytes, *others: bytes) -> bytes:
    """The box of brands that an ISO media file begins with."""
    brands = brand + b"\x00\x00\x02\x00" + b"".join(others)
    return (len(brands) + 8).to_bytes(4, "big") + b"ftyp" + brands


def ogg(codec: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13" + codec + bytes(20)


def frames(header: bytes, length: int, times: int = 2) -> bytes:
    return (header + bytes(length - len(header))) * times


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24)
HEIC = box(b"heic", b"mif1", b"heic") + bytes(40)
MP3 = frames(b"\xff\xfb\x90\x00", 417)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(24)
MP4 = box(b"isom", b"iso2", b"mp41") + bytes(40)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
BUCKET = "khidmat-test-evidence-000000000000"
PHOTO = {"name": "receipt.jpg", "media_type": "image/jpeg", "bytes": len(JPEG)}


def policy(announced: Reply) -> dict[str, Any]:
    """What the store would hold the upload against."""
    return dict(json.loads(base64.b64decode(announced.json["upload"]["fields"]["policy"])))


def upload(announced: Reply, content: bytes) -> None:
    """What S3 stores of a form that was taken: the fields under their own names."""
    fields = announced.json["upload"]["fields"]
    bucket = next(each["bucket"] for each in policy(announced)["conditions"] if "bucket" in each)
    prefix = "x-amz-meta-"
    evidence.client().put_object(
        Bucket=bucket,
        Key=fields["key"],
        Body=content,
        ContentType=fields["Content-Type"],
        Metadata={
            name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)
        },
    )


def lodge(**changes):
    return send("POST", "/v1/complaints", body=complaint_body(**changes)).json["reference"]


def announce(reference, key="piece-1", subject="citizen-1", **changes):
    body = {name: value for name, value in (PHOTO | changes).items() if value is not None}
    headers = {"Idempotency-Key": key}
    return send("POST", f"/v1/complaints/{reference}/evidence", subject=subject, headers=headers, body=body)


def complete(reference, piece, **more):
    return send("POST", f"/v1/complaints/{reference}/evidence/{piece}/completion", **more)


def add(reference, content=JPEG, key="piece-1", **changes):
    announced = announce(reference, key, **changes)
    upload(announced, content)
    return announced.json["evidence"], complete(reference, announced.json["evidence"])


def fetch(reference, piece, **more):
    return send("GET", f"/v1/complaints/{reference}/evidence/{piece}", **more)


def stored(prefix=""):
    listed = evidence.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return {row["Key"]: row["Size"] for row in listed.get("Contents", ())}


def fault(reply):
    (error,) = reply.json["errors"]
    return error["pointer"], error["detail"]


def entries(reference):
    return [entry for entry in cases.get(reference).history if entry.action == "evidence"]


def listed(reference, **more):
    return send("GET", f"/v1/complaints/{reference}/evidence", **more)
