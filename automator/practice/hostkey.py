"""A computer's adb key: read one, check what it signed. Must not know of connections or phones.

The format is AOSP's libcrypto_utils/android_pubkey.cpp: little-endian words, base64, then a comment.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

_MODULUS_SIZE = 256
_MODULUS_WORDS = _MODULUS_SIZE // 4
_BLOB = struct.Struct(f"<II{_MODULUS_SIZE}s{_MODULUS_SIZE}sI")  # words, -1/n mod 2^32, n, R^2 mod n, exponent

# PKCS #1 v1.5: adb signs its 20-byte token as if it were a SHA-1 digest.
_SHA1_HEAD = bytes.fromhex("3021300906052b0e03021a05000414")


@dataclass(frozen=True)
class HostKey:
    """An RSA-2048 public key."""

    modulus: int
    exponent: int

    @classmethod
    def parse(cls, text: bytes) -> HostKey:
        """The key in an AUTH message, or in `adbkey.pub`; raises ValueError when there is none."""
        encoded = text.rstrip(b"\0").partition(b" ")[0]
        try:
            words, _, modulus, _, exponent = _BLOB.unpack(base64.b64decode(encoded, validate=True))
        except struct.error as error:
            raise ValueError(str(error)) from error
        key = cls(int.from_bytes(modulus, "little"), exponent)
        if words != _MODULUS_WORDS or key.modulus == 0:
            raise ValueError(f"{words} words")
        return key

    def signed(self, token: bytes, signature: bytes) -> bool:
        """Whether the signature over the token was made with this key."""
        opened = pow(int.from_bytes(signature, "big"), self.exponent, self.modulus)
        tail = b"\0" + _SHA1_HEAD + token
        padded = b"\0\1" + b"\xff" * (_MODULUS_SIZE - 2 - len(tail)) + tail
        return opened.to_bytes(_MODULUS_SIZE, "big") == padded
