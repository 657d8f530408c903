"""The session that a log-in or a registration begins."""

from cgraph.accounts.auth import attempts, queries
from cgraph.accounts.auth.attempts import KNOWN_SECONDS
from cgraph.accounts.auth.models import NewSession
from cgraph.accounts.auth.sessions.tokens import Tokens, new_tokens, remember_tokens, token_pair
from cgraph.accounts.people.models import Me
from cgraph.core import clock, ids
from cgraph.core.caller import Sender
from cgraph.core.database import Transaction
from cgraph.core.ids import SessionId, UserId
from cgraph.core.tokens import Kind, new_token


async def begin_session(
    tx: Transaction, *, me: Me, device: str, sender: Sender, verified_hash: str | None = None
) -> NewSession | None:
    """`verified_hash`: of the password that was right. Returns None if it has changed since, or the
    account is gone.
    """
    now = clock.now()
    tokens = new_tokens(user_id=UserId(me.id), session_id=SessionId(ids.uuid7(now)))
    inserted = await queries.insert_session(
        tx, user_id=me.id, verified_hash=verified_hash, now=now, tokens=tokens, device=device
    )
    return await new_session(me, tokens=tokens, sender=sender) if inserted else None


async def new_session(me: Me, *, tokens: Tokens, sender: Sender) -> NewSession:
    """From now on the account knows the device and the address."""
    known, (token, _) = sender.voucher, tokens
    user_id, session_id = token.user_id, token.session_id
    if known is None or known.user_id != user_id:
        known = new_token(Kind.DEVICE, user_id=user_id, session_id=session_id)
    await remember_tokens(tokens, {known: KNOWN_SECONDS})
    await attempts.remember_network(sender.network, user_id=user_id)
    return NewSession(
        user=me.with_urls(), device_token=str(known), **token_pair(tokens).model_dump()
    )
