"""Challenges: random bytes that an authenticator signs. Each is good for one attempt, for one
purpose and, where somebody is signed in, for one user.
"""

import hashlib
import secrets
from uuid import UUID

from cgraph.accounts.errors import InvalidPasskey, PasskeysUnavailable
from cgraph.accounts.webauthn.models import Purpose
from cgraph.core import cache

CHALLENGE_SECONDS = 300


async def new_challenge(purpose: Purpose, *, user_id: UUID | None = None) -> bytes:
    """Raises PasskeysUnavailable."""
    challenge = secrets.token_bytes(32)
    held = _held(purpose, user_id=user_id)
    await _run(("SET", _key(challenge), held, "EX", CHALLENGE_SECONDS))
    return challenge


async def spend_challenge(
    challenge: bytes, *, purpose: Purpose, user_id: UUID | None = None
) -> None:
    """Also one for something else is spent. Raises InvalidPasskey, PasskeysUnavailable."""
    if await _run(("GETDEL", _key(challenge))) != _held(purpose, user_id=user_id):
        raise InvalidPasskey


async def _run(command: cache.Command) -> object:
    try:
        (answer,) = await cache.run(command)
    except cache.CacheUnavailable as error:
        raise PasskeysUnavailable(retry_after=1) from error
    return answer


def _held(purpose: Purpose, *, user_id: UUID | None) -> str:
    return f"{purpose} {user_id or '-'}"


def _key(challenge: bytes) -> str:
    return f"challenge:{hashlib.sha256(challenge).hexdigest()}"
