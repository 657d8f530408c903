"""The two tokens of a session, and how long they live."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cgraph.accounts.auth.sessions.models import TokenPair
from cgraph.core import issued_tokens
from cgraph.core.ids import SessionId, UserId
from cgraph.core.tokens import Kind, Token, new_token

Tokens = tuple[Token, Token]
"""The access token and the refresh token."""

ACCESS_TOKEN_LIFETIME = timedelta(hours=1)
SESSION_LIFETIME = timedelta(days=60)
REFRESH_GRACE = timedelta(seconds=30)
"""How long a client whose reply was lost may repeat a refresh; it gets the same pair. As long lives
the access token that the refresh has replaced.
"""


def new_tokens(*, user_id: UserId, session_id: SessionId) -> Tokens:
    return (
        new_token(Kind.ACCESS, user_id=user_id, session_id=session_id),
        new_token(Kind.REFRESH, user_id=user_id, session_id=session_id),
    )


def token_pair(tokens: Tokens) -> TokenPair:
    access_token, refresh_token = tokens
    return TokenPair(
        access_token=str(access_token),
        refresh_token=str(refresh_token),
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


async def remember_tokens(tokens: Tokens, others: Mapping[Token, int] | None = None) -> None:
    lifetimes = ACCESS_TOKEN_LIFETIME, SESSION_LIFETIME
    seconds = (int(lifetime.total_seconds()) for lifetime in lifetimes)
    await issued_tokens.remember({**dict(zip(tokens, seconds, strict=True)), **(others or {})})


def session_values(*, now: datetime, tokens: Tokens, device: str) -> dict[str, object]:
    """The values of a statement that writes a session."""
    access, refresh = tokens
    return {
        "now": now,
        "session_id": access.session_id,
        "access": access.hash,
        "refresh": refresh.hash,
        "access_life": ACCESS_TOKEN_LIFETIME,
        "session_life": SESSION_LIFETIME,
        "device": device,
    }
