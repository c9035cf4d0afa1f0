"""What a file is, by how it begins; every sample is invented here, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.sniffing import HEAD_BYTES, media_type_of
from schemas.catalogue.reading import file_types
from tests.evidence import HEIC, JPEG, MP3, MP4, PDF, PNG, WAV, WEBP, box, frames, ogg

WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08\x42\x82\x84webm" + bytes(20)
AAC = frames(b"\xff\xf1\x50\x80\x0c\x80\x00", 100)
ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x01TIT2" + bytes(40)
TAKEN = {
    "jpeg with JFIF": (JPEG, "image/jpeg"),
    "jpeg with EXIF": (b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00", "image/jpeg"),
    "jpeg that begins with its tables": (b"\xff\xd8\xff\xdb\x00\x43\x00", "image/jpeg"),
    "png": (PNG, "image/png"),
    "webp": (WEBP, "image/webp"),
    "webp without loss": (b"RIFF\x24\x00\x00\x00WEBPVP8L" + bytes(9), "image/webp"),
    "webp with more": (b"RIFF\x24\x00\x00\x00WEBPVP8X" + bytes(9), "image/webp"),
    "heic": (HEIC, "image/heic"),
    "heic by its second brand": (box(b"mif1", b"mif1", b"heic"), "image/heic"),
    "mp3": (MP3, "audio/mpeg"),
    "mp3 with padding": (frames(b"\xff\xfb\x92\x00", 418), "audio/mpeg"),
    "mp3 of half the rate": (frames(b"\xff\xf3\x80\x00", 208), "audio/mpeg"),
    "mp3 of a quarter of the rate": (frames(b"\xff\xe3\x80\x00", 417), "audio/mpeg"),
    "mp3 with a tag": (ID3, "audio/mpeg"),
    "m4a": (box(b"M4A ", b"isom"), "audio/mp4"),
    "aac": (AAC, "audio/aac"),
    "ogg with opus": (ogg(b"OpusHead"), "audio/ogg"),
    "ogg with vorbis": (ogg(b"\x01vorbis"), "audio/ogg"),
    "wav": (WAV, "audio/wav"),
    "wav with a broadcaster's note": (b"RIFF\x24\x00\x00\x00WAVEbext", "audio/wav"),
    "amr": (b"#!AMR\n\x3c" + bytes(31), "audio/amr"),
    "amr, wide": (b"#!AMR-WB\n" + bytes(31), "audio/amr"),
    "mp4": (MP4, "video/mp4"),
    "mp4, version 2": (box(b"mp42", b"isom"), "video/mp4"),
    "3gp": (box(b"3gp4", b"isom"), "video/3gpp"),
    "webm": (WEBM, "video/webm"),
    "pdf 1.7": (PDF, "application/pdf"),
    "pdf 2.0": (b"%PDF-2.0\n", "application/pdf"),
}
REFUSED = {
    "nothing": b"",
    "one byte": b"\xff",
    "blanks": b" " * 64,
    "zeros": bytes(64),
    "text": b"The station refused to write my report.",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html after blanks": b"\n\n  <html>",
    "html after a mark": b"\xef\xbb\xbf<html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with a prologue": b'<?xml version="1.0"?><svg/>',
    "javascript": b"alert(document.cookie)//",
    "json": b'{"a": 1}',
    "zip": b"PK\x03\x04\x14\x00\x00\x00\x08\x00",
    "office document": b"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml",
    "old office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rtf": b"{\\rtf1\\ansi}",
    "windows program": b"MZ\x90\x00\x03\x00\x00\x00",
    "linux program": b"\x7fELF\x02\x01\x01",
    "android program": b"dex\n035\x00",
    "shell script": b"#!/bin/sh\nrm -rf /\n",
    "script that looks like amr": b"#!AMRsh\n",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "gif and javascript": b"GIF89a/*" + bytes(4) + b"*/=1;alert(1)",
    "tiff": b"II*\x00\x08\x00\x00\x00",
    "bmp": b"BM\x36\x00\x00\x00",
    "avi": b"RIFF\x24\x00\x00\x00AVI LIST",
    "gzip": b"\x1f\x8b\x08\x00",
    "rar": b"Rar!\x1a\x07\x00",
    "seven zip": b"7z\xbc\xaf\x27\x1c",
    "jpeg cut short": b"\xff\xd8\xff",
    "jpeg without a marker": b"\xff\xd8\xff<script>",
    "png cut short": PNG[:10],
    "png and html": b"\x89PNG\r\n\x1a\n<html>",
    "png with line ends changed": b"\x89PNG\n\x1a\n\x00\x00\x00\rIHDR",
    "webp cut short": WEBP[:12],
    "wav and html": b"RIFF\x24\x00\x00\x00WAVE<html>",
    "riff alone": b"RIFF",
    "brands cut short": box(b"isom", b"iso2", b"mp41")[:20],
    "brands of no length": b"\x00\x00\x00\x08ftypisom" + bytes(20),
    "brands of an odd length": b"\x00\x00\x00\x15ftypisom" + bytes(40),
    "brands without end": b"\x00\x01\x00\x00ftypisom" + bytes(80_000),
    "a length that is markup": b"<svgftypisom" + bytes(40),
    "quicktime": box(b"qt  "),
    "avif": box(b"avif", b"mif1"),
    "still of unknown coding": box(b"mif1", b"avif"),
    "flash": box(b"f4v "),
    "matroska": b"\x1aE\xdf\xa3\x93B\x82\x88matroska",
    "ogg with a film": ogg(b"\x80theora"),
    "ogg cut short": b"OggS\x00\x02",
    "ogg that does not begin": b"OggS\x00\x00" + ogg(b"OpusHead")[6:],
    "mp3 of one frame": frames(b"\xff\xfb\x90\x00", 417, 1),
    "mp3 of layer II": frames(b"\xff\xfd\x90\x00", 417),
    "mp3 of no version": frames(b"\xff\xeb\x90\x00", 417),
    "mp3 of no rate": frames(b"\xff\xfb\xf0\x00", 417),
    "mp3 of free rate": frames(b"\xff\xfb\x00\x00", 417),
    "mp3 of no frequency": frames(b"\xff\xfb\x9c\x00", 417),
    "aac of one frame": AAC[:100],
    "aac of no frequency": frames(b"\xff\xf1\x7c\x80\x0c\x80\x00", 100),
    "aac of no length": frames(b"\xff\xf1\x50\x80\x00\x00\x00", 100),
    "tag cut short": b"ID3\x04",
    "tag of no version": b"ID3\x09\x00\x00\x00\x00\x02\x01",
    "tag with markup for a length": b"ID3\x04\x00\x00<\xff<<",
    "tag with unknown flags": b"ID3\x04\x00\x0f\x00\x00\x02\x01",
    "pdf after a line end": b"\n%PDF-1.7\n",
    "pdf after markup": b"<html>%PDF-1.7\n",
    "pdf and zip": b"PK\x03\x04%PDF-1.7\n",
    "pdf of no version": b"%PDF-<script>",
    "pdf of version 9": b"%PDF-9.9\n",
    "postscript": b"%!PS-Adobe-3.0",
}


@pytest.mark.parametrize(("head", "media_type"), TAKEN.values(), ids=TAKEN)
def test_each_type_is_known_by_its_first_bytes(head, media_type):
    assert media_type_of(head) == media_type
    assert media_type in file_types()


@pytest.mark.parametrize("head", REFUSED.values(), ids=REFUSED)
def test_everything_else_is_none_of_them(head):
    assert media_type_of(head) is None


@pytest.mark.parametrize("head", [head for head, _ in TAKEN.values()], ids=TAKEN)
@pytest.mark.parametrize("before", [b"<!-- ", b"<script>//", b"\n", b" ", b"\x00", b"\xef\xbb\xbf"])
def test_no_type_may_stand_behind_something_else(head, before):
    assert media_type_of(before + head) is None


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_get_an_answer(head):
    assert media_type_of(head) is None or media_type_of(head) in file_types()


@given(st.binary(max_size=200))
def test_what_begins_as_markup_is_never_taken(rest):
    assert media_type_of(b"<" + rest) is None
