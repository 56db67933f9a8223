"""The keys of what is encrypted at rest: several side by side, the first one in use.

A sealed text is `e1.<key>.<nonce and AES-256-GCM>`, a mark `<key><HMAC>`: each says by which key it
was made, so that a change of keys takes its time while people work.
"""

import base64
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORM = "e1"
NONCE = 12  # bytes, as NIST SP 800-38D has it
ID_LENGTH, MARK_LENGTH = 8, 32  # characters


class KeyProblem(RuntimeError):
    """What is stored cannot be read with the keys that are there, or may not be written."""


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"banjie {purpose}".encode()).derive(secret.encode())


@dataclass(frozen=True)
class Key:
    """One key: its name, what it encrypts with, what it marks with, what it seals backups with."""

    id: str
    cipher: AESGCM
    marker: bytes
    sealer: bytes

    @classmethod
    def of(cls, secret: str) -> Self:
        """Return the key that a secret text stands for."""
        key_id = _derived(secret, "name")[: ID_LENGTH // 2].hex()
        cipher = AESGCM(_derived(secret, "seal"))
        return cls(key_id, cipher, _derived(secret, "mark"), _derived(secret, "backup"))

    @property
    def check(self) -> str:
        """Return what shows, beside the data, that this is the key they were sealed with."""
        return self.mark("check", "")

    def seal(self, text: str) -> str:
        """Return the text encrypted under a fresh nonce."""
        nonce = os.urandom(NONCE)
        sealed = nonce + self.cipher.encrypt(nonce, text.encode(), FORM.encode())
        return f"{self.prefix}{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, body: str) -> str:
        """Return the text; raises InvalidTag when a sign of it was changed."""
        sealed = base64.urlsafe_b64decode(body)
        return self.cipher.decrypt(sealed[:NONCE], sealed[NONCE:], FORM.encode()).decode()

    def mark(self, kind: str, text: str) -> str:
        """Return the same for the same text, and nothing that tells the text without the key."""
        digest = hmac.digest(self.marker, f"{kind}:{text}".encode(), "sha256").hex()
        return f"{self.id}{digest[: MARK_LENGTH - ID_LENGTH]}"

    @property
    def prefix(self) -> str:
        """Return what every text sealed by it begins with."""
        return f"{FORM}.{self.id}."


class KeyRing:
    """The keys in use; whatever is written is sealed by the first."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.keys = tuple(Key.of(secret) for secret in secrets)
        self.active = self.keys[0]
        self._by_id = {key.id: key for key in self.keys}

    def find(self, key_id: str) -> Key | None:
        """Return the key of that name, if it is there."""
        return self._by_id.get(key_id)


_source: list[Callable[[], KeyRing]] = []


def use(source: Callable[[], KeyRing]) -> None:
    """Take the keys from there from now on; it is asked anew before everything that is sealed."""
    _source[:] = [source]


def ring() -> KeyRing:
    """Return the keys as they are now."""
    return _source[0]()


def seal(text: str) -> str:
    """Return the text encrypted; an empty one stays empty."""
    return ring().active.seal(text) if text else ""


def unseal(sealed: str) -> str:
    """Return the text; raises KeyProblem for what is not sealed, or not by a key that is here."""
    if not sealed:
        return ""
    form, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    key = ring().find(key_id) if form == FORM else None
    if key is None:
        raise KeyProblem(f"sealed by an unknown key: {form}.{key_id}")
    try:
        return key.open(body)
    except (InvalidTag, ValueError) as error:
        raise KeyProblem("a sealed text was changed") from error
