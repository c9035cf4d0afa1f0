"""Sealing of what people write about themselves: a key a person, a key a case, each field by itself.

Every case has a key of its own, sealed to the public half of its owner's pair (X25519, RFC 7748; HKDF,
RFC 5869). So lodging needs no secret and no look-up, and whoever destroys the private half makes all of
that person's fields unreadable at once. Fields are AES-256-GCM (NIST SP 800-38D) with a random nonce; the
associated data names table, key and field, so that a ciphertext moved elsewhere does not open.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
PLAIN, DEFLATED = b"\x00", b"\x01"
ONE_USE = bytes(NONCE_BYTES)
"""The nonce under a key that is agreed for one message and then forgotten."""
LONGEST_TEXT = 64 * 1024


class UnsealedError(Exception):
    """A ciphertext does not open here: changed, moved from another place, or under another key."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """X25519, raw: 32 bytes each."""

    public: bytes
    private: bytes


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def new_pair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.public_key().public_bytes_raw(), private.private_bytes_raw())


def seal_to(public: bytes, secret: bytes, *place: str) -> bytes:
    """`secret` so that the holder of the private half alone can open it: 32 bytes longer, and a tag of 16."""
    ours = X25519PrivateKey.generate()
    passing = ours.public_key().public_bytes_raw()
    agreed = _agreed(ours.exchange(X25519PublicKey.from_public_bytes(public)), passing, public)
    return passing + AESGCM(agreed).encrypt(ONE_USE, secret, _named(place))


def open_with(pair: KeyPair, sealed: bytes, *place: str) -> bytes:
    """What was sealed to the pair; UnsealedError when it was not, or was for another place."""
    passing, body = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    try:
        shared = X25519PrivateKey.from_private_bytes(pair.private).exchange(
            X25519PublicKey.from_public_bytes(passing)
        )
        return AESGCM(_agreed(shared, passing, pair.public)).decrypt(ONE_USE, body, _named(place))
    except (InvalidTag, ValueError):
        raise UnsealedError from None


def wrap(key: bytes, secret: bytes, *place: str) -> bytes:
    """Nonce | AES-256-GCM of `secret` | tag: 28 bytes longer."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, _named(place))


def unwrap(key: bytes, wrapped: bytes, *place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _named(place))
    except (InvalidTag, ValueError):
        raise UnsealedError from None


def seal(key: bytes, text: str, *place: str) -> bytes:
    """A field: compressed where that is shorter, for an item is paid for by the kilobyte."""
    plain = text.encode()
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = squeezed.compress(plain) + squeezed.flush()
    packed = DEFLATED + small if len(small) < len(plain) else PLAIN + plain
    return wrap(key, packed, *place)


def open_text(key: bytes, sealed: bytes, *place: str) -> str:
    packed = unwrap(key, sealed, *place)
    form, body = packed[:1], packed[1:]
    if form == PLAIN:
        return body.decode()
    return zlib.decompressobj(-15).decompress(body, LONGEST_TEXT).decode()


def derived(root: bytes, use: str) -> bytes:
    """A key of its own for each use of one secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"khidmat {use}".encode()).derive(root)


def _agreed(shared: bytes, passing: bytes, public: bytes) -> bytes:
    # Both public values are bound in, so that no other pair of them leads to the same key.
    info = b"khidmat case key" + passing + public
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(shared)


def _named(place: tuple[str, ...]) -> bytes:
    # A list in JSON, so that no two places can be written the same way.
    return json.dumps(place, ensure_ascii=False).encode()
