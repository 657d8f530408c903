"""Opaque tokens: `cga_<person>_<session>_<secret>` and alike; only their hashes are stored.

The prefix tells secret scanners and people what they look at (cga access, cgr refresh, cgt ticket).
The person's id is in the token so that the session and the limiter share one Valkey slot. The
secret has 256 bits, so a fast hash is enough.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from cgraph.core.errors import InvalidToken
from cgraph.core.ids import SessionId, UserId, from_short, short

_SHAPE = re.compile(r"(cga|cgr)_([0-9A-Za-z]{22})_([0-9A-Za-z]{22})_([0-9a-f]{64})")
"""Each token has one spelling: what matches, and whose ids have 128 bits, is written so again."""


class Kind(StrEnum):
    ACCESS = "cga"
    REFRESH = "cgr"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    user_id: UserId
    session_id: SessionId
    secret: bytes  # 32

    def __str__(self) -> str:
        person, session = short(self.user_id), short(self.session_id)
        return f"{self.kind}_{person}_{session}_{self.secret.hex()}"

    @property
    def hash(self) -> bytes:
        """SHA-256 of all its parts, so a token cut up and put together anew is another one."""
        parts = self.kind.encode(), self.user_id.bytes, self.session_id.bytes, self.secret
        return hashlib.sha256(b"".join(parts)).digest()


def new_token(kind: Kind, *, user_id: UserId, session_id: SessionId) -> Token:
    return Token(kind, user_id, session_id, secrets.token_bytes(32))


def parse_token(text: str, *, kind: Kind) -> Token:
    """Raises InvalidToken; says nothing of whether the token was ever issued."""
    parts = _SHAPE.fullmatch(text)
    if parts is None or parts[1] != kind:
        raise InvalidToken
    try:
        user_id, session_id = UserId(from_short(parts[2])), SessionId(from_short(parts[3]))
    except ValueError:
        raise InvalidToken from None
    return Token(kind, user_id, session_id, bytes.fromhex(parts[4]))


def seal(pair: tuple[Token, Token], *, under: Token) -> bytes:
    """The pair's secrets, readable only with the token they replaced: XOR with a pad of that
    token's own 256 bits.
    """
    return _xor(b"".join(token.secret for token in pair), _pad(under))


def unseal(sealed: bytes, *, under: Token) -> tuple[Token, Token]:
    """What `seal` hid, (access, refresh), for the person and session of `under`."""
    secret = _xor(sealed, _pad(under))
    return (
        Token(Kind.ACCESS, under.user_id, under.session_id, secret[:32]),
        Token(Kind.REFRESH, under.user_id, under.session_id, secret[32:]),
    )


def _pad(token: Token) -> bytes:
    return hashlib.shake_256(b"cgraph refresh grace " + token.secret).digest(64)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
