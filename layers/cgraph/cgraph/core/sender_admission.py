"""The rate limit of a request without a session.

It is counted by the address, where strangers share it. So a client that has been here before sends
a token that was issued to it, and has a budget of its own.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cgraph.core import address_limits, issued_tokens
from cgraph.core.addresses import Network
from cgraph.core.caller import Sender
from cgraph.core.errors import InvalidToken
from cgraph.core.limits import UNKNOWN_TOKEN, Allowance, Limit
from cgraph.core.tokens import Kind, Token, parse_token

_FIELDS = {Kind.REFRESH: "refresh_token", Kind.DEVICE: "device_token"}
"""Of the body, by the kind of token that vouches for the sender."""


@asynccontextmanager
async def admit_sender(
    network: Network, *, limit: Limit, vouched_by: Kind | None, body: bytes
) -> AsyncIterator[tuple[Sender, Allowance]]:
    """Counts the request for as long as the block runs. A refresh token that may be forged is also
    counted as an unknown token, unless the block proves that it is not. Raises RateLimited.
    """
    token = _token_in(body, kind=vouched_by) if vouched_by else None
    allowance = await issued_tokens.take(limit, token=token) if token else None
    if allowance is not None:
        allowance.require()
        yield Sender(network, voucher=token), allowance
        return
    is_checked = token is not None and token.kind is Kind.REFRESH  # in Postgres, by the block
    several = (limit, UNKNOWN_TOKEN) if is_checked else (limit,)
    allowance = await address_limits.take(*several, network=network)
    allowance.require()
    if not is_checked:
        yield Sender(network), allowance
        return
    async with address_limits.given_back(UNKNOWN_TOKEN, network=network, unless=InvalidToken):
        yield Sender(network), allowance


def _token_in(body: bytes, *, kind: Kind) -> Token | None:
    try:
        document = json.loads(body)
        text = document[_FIELDS[kind]]
        return parse_token(text, kind=kind) if isinstance(text, str) else None
    except (ValueError, LookupError, TypeError, RecursionError, InvalidToken):
        return None  # the endpoint says what is wrong with it
