"""The session of the monolith's users: a signed token, which is checked without asking anybody."""

from __future__ import annotations

import time
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Header, HTTPException

from cgraph.core.caller import Caller
from cgraph.core.ids import SessionId, UserId
from cgraph.core.policies import Policy

ALGORITHM = "HS256"
LIFETIME_SECONDS = 3600.0
_NO_SESSION = SessionId(UUID(int=0))


class Identity:
    """Issues tokens and checks them, with a secret that all workers know."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def token(self, user_id: str) -> str:
        claims = {"sub": user_id, "exp": time.time() + LIFETIME_SECONDS}
        return jwt.encode(claims, self._secret, ALGORITHM)

    def user(self, token: str) -> UserId:
        """Raises HTTPException."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, [ALGORITHM])
        except jwt.InvalidTokenError as error:
            raise HTTPException(401) from error
        return UserId(UUID(claims["sub"]))

    def caller(self, authorization: str, policy: Policy) -> Caller:
        """Raises HTTPException."""
        return Caller(self.user(authorization.removeprefix("Bearer ")), _NO_SESSION, policy)


Authorization = Annotated[str, Header()]
