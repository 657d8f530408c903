"""Opaque tokens, `cga_<user>_<session>_<secret>`; only their hashes are stored.

The prefix tells secret scanners and people what it is (cga access, cgr refresh, cgd device, cgt
ticket). API tokens, which end up in files, are written `cgraph_pat_<user><id><secret><checksum>`:
the checksum (CRC-32, as in GitHub's) tells a scanner that it is one. The user's id is in the token
so that the session and the rate limit share one Valkey slot. The secret has 256 bits, so a fast
hash is enough.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

from cgraph.core.errors import InvalidToken
from cgraph.core.ids import SessionId, UserId, from_short, short

_SHAPE = re.compile(r"(cga|cgr|cgd|cgt)_([0-9A-Za-z]{22})_([0-9A-Za-z]{22})_([0-9a-f]{64})")
"""Each token has one spelling: a text that matches, with ids of 128 bits, is written the same
again.
"""

_API_SHAPE = re.compile(
    r"(cgraph_pat)_([0-9A-Za-z]{22})([0-9A-Za-z]{22})([0-9a-f]{64})([0-9a-f]{8})"
)


class Kind(StrEnum):
    ACCESS = "cga"
    REFRESH = "cgr"
    DEVICE = "cgd"
    TICKET = "cgt"
    API = "cgraph_pat"


@dataclass(frozen=True, slots=True)
class Token:
    """`session_id`: of an API token its own id, which stands where a session's does."""

    kind: Kind
    user_id: UserId
    session_id: SessionId
    secret: bytes  # 32

    def __str__(self) -> str:
        user, session = short(self.user_id), short(self.session_id)
        if self.kind is Kind.API:
            body = f"{user}{session}{self.secret.hex()}"
            return f"{self.kind}_{body}{_checksum(body)}"
        return f"{self.kind}_{user}_{session}_{self.secret.hex()}"

    @property
    def hash(self) -> bytes:
        """SHA-256 of all its parts, so that parts of two tokens make a third one."""
        parts = self.kind.encode(), self.user_id.bytes, self.session_id.bytes, self.secret
        return hashlib.sha256(b"".join(parts)).digest()


def new_token(kind: Kind, *, user_id: UserId, session_id: SessionId) -> Token:
    return Token(kind, user_id, session_id, secrets.token_bytes(32))


def parse_token(text: str, *, kind: Kind) -> Token:
    """Raises InvalidToken. Does not check whether the token was issued."""
    parts = (_API_SHAPE if kind is Kind.API else _SHAPE).fullmatch(text)
    if parts is None or parts[1] != kind:
        raise InvalidToken
    if kind is Kind.API and parts[5] != _checksum("".join(parts.groups()[1:4])):
        raise InvalidToken
    try:
        user_id, session_id = UserId(from_short(parts[2])), SessionId(from_short(parts[3]))
    except ValueError:
        raise InvalidToken from None
    return Token(kind, user_id, session_id, bytes.fromhex(parts[4]))


def parse_bearer_token(text: str) -> Token:
    """An access token or an API token. Raises InvalidToken."""
    return parse_token(text, kind=Kind.API if text.startswith(Kind.API) else Kind.ACCESS)


def seal(pair: tuple[Token, Token], *, under: Token) -> bytes:
    """The secrets of the pair, readable only with the token that they replaced: XOR with a pad made
    of that token's 256 bits.
    """
    return _xor(b"".join(token.secret for token in pair), _pad(under))


def unseal(sealed: bytes, *, under: Token) -> tuple[Token, Token]:
    """The pair that `seal` was given, (access, refresh), for the user and session of `under`."""
    secret = _xor(sealed, _pad(under))
    return (
        Token(Kind.ACCESS, under.user_id, under.session_id, secret[:32]),
        Token(Kind.REFRESH, under.user_id, under.session_id, secret[32:]),
    )


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _pad(token: Token) -> bytes:
    return hashlib.shake_256(b"cgraph refresh grace " + token.secret).digest(64)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
