"""What a file really is, by its first bytes. Pure.

A table of our own: thirteen types, each looked at as closely as it deserves. The libraries for it know
hundreds of types by two or four bytes each, which is too little to tell a recording from a program.
Everything is matched at the very first byte, so nothing that a browser would take for markup passes.
Sources: ISO/IEC 10918-1 (JPEG), RFC 2083 (PNG), 9649 (WebP), ISO/IEC 14496-12 and 23008-12 (MP4, HEIC),
ISO/IEC 11172-3 and 13818-7 (MP3, AAC), RFC 3533 (Ogg), 4867 (AMR), 9559 (WebM), ISO 32000 (PDF).
"""

from __future__ import annotations

from collections.abc import Callable

HEAD_BYTES = 4096
"""As much as any of these needs: two whole MP3 frames, and a box of brands."""
BRANDS = {
    "image/heic": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"),
    "audio/mp4": (b"M4A ", b"M4B "),
    "video/mp4": (
        *(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"),
        *(b"M4V ", b"M4VH", b"MSNV", b"dash", b"mmp4"),
    ),
    "video/3gpp": (b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3ge6", b"3gg6", b"3gs7"),
}
"""The first brand of an ISO media file says who wrote it for what. QuickTime's own is none of these."""
STILLS = b"mif1"
"""A picture of any coding: what it is stands among the brands that follow."""
LONGEST_BRANDS_BYTES = 512
CHUNKS = (b"fmt ", b"bext", b"JUNK", b"LIST", b"fact")
PICTURE_CHUNKS = (b"VP8 ", b"VP8L", b"VP8X")
JPEG_MARKERS = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
VOICES = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
KILOBITS = {
    # (MPEG-1, layer III) and (MPEG-2 and 2.5, layer III), by the header's bit-rate index.
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
HERTZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def media_type_of(head: bytes) -> str | None:
    """The media type of a file that begins with `head` (up to HEAD_BYTES); None for all we do not take."""
    return next((found for look in LOOKS if (found := look(head)) is not None), None)


def _jpeg(head: bytes) -> str | None:
    # After the start of the image comes a marker, and a marker begins with FF.
    begins = head[:3] == b"\xff\xd8\xff" and len(head) > 3 and head[3] in JPEG_MARKERS
    return "image/jpeg" if begins else None


def _png(head: bytes) -> str | None:
    return "image/png" if head[:16] == b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" else None


def _riff(head: bytes) -> str | None:
    if head[:4] != b"RIFF":
        return None
    if head[8:12] == b"WEBP" and head[12:16] in PICTURE_CHUNKS:
        return "image/webp"
    return "audio/wav" if head[8:12] == b"WAVE" and head[12:16] in CHUNKS else None


def _iso_media(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    if size % 4 or not 16 <= size <= min(len(head), LONGEST_BRANDS_BYTES):
        return None
    first, others = head[8:12], [head[at : at + 4] for at in range(16, size, 4)]
    if first == STILLS:
        return "image/heic" if any(each in BRANDS["image/heic"] for each in others) else None
    return next((kind for kind, brands in BRANDS.items() if first in brands), None)


def _webm(head: bytes) -> str | None:
    """An EBML header naming WebM; Matroska, which may hold anything, is another type."""
    if head[:4] != b"\x1aE\xdf\xa3":
        return None
    return "video/webm" if b"\x42\x82\x84webm" in head[4:64] else None


def _ogg(head: bytes) -> str | None:
    """A first page that begins a stream of sound."""
    begins = head[:6] == b"OggS\x00\x02" and len(head) > 27
    voice = head[27 + head[26] :] if begins else b""
    return "audio/ogg" if voice.startswith(VOICES) else None


def _amr(head: bytes) -> str | None:
    return "audio/amr" if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")) else None


def _tagged_mp3(head: bytes) -> str | None:
    """An ID3v2 tag: version, revision, flags, and a length of four times seven bits."""
    if head[:3] != b"ID3" or len(head) < 10:
        return None
    sane = (
        head[3] in (2, 3, 4) and head[4] != 0xFF and not head[5] & 0x0F and all(b < 0x80 for b in head[6:10])
    )
    return "audio/mpeg" if sane else None


def _mp3(head: bytes) -> str | None:
    length = _mp3_frame(head)
    # Twelve bits alone are found in anything: a second frame has to stand where the first one ends.
    return "audio/mpeg" if length and _mp3_frame(head[length:]) else None


def _mp3_frame(head: bytes) -> int:
    """Bytes of the MPEG layer III frame that `head` begins with; 0 when it does not."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in HERTZ or not 0 < rate < 15 or hertz == 3:
        return 0
    is_first = version == 3
    samples = 144_000 if is_first else 72_000
    return samples * KILOBITS[is_first][rate] // HERTZ[version][hertz] + (head[2] >> 1 & 1)


def _aac(head: bytes) -> str | None:
    length = _aac_frame(head)
    return "audio/aac" if length and _aac_frame(head[length:]) else None


def _aac_frame(head: bytes) -> int:
    """Bytes of the ADTS frame that `head` begins with; 0 when it does not."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def _pdf(head: bytes) -> str | None:
    sane = head[:5] == b"%PDF-" and head[5:6] in (b"1", b"2") and head[6:7] == b"." and head[7:8].isdigit()
    return "application/pdf" if sane else None


LOOKS: tuple[Callable[[bytes], str | None], ...] = (
    *(_jpeg, _png, _riff, _iso_media, _webm, _ogg, _amr),
    *(_tagged_mp3, _mp3, _aac, _pdf),
)
