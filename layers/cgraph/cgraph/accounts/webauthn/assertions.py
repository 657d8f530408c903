"""The use of a passkey: it proves that somebody has it now, and may use it for this purpose."""

from uuid import UUID

from cgraph.accounts.errors import InvalidPasskey
from cgraph.accounts.webauthn import queries
from cgraph.accounts.webauthn.challenges import spend_challenge
from cgraph.accounts.webauthn.models import Purpose, UsedPasskeyRow
from cgraph.accounts.webauthn.responses import parse_response, verify_authentication
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.log import logger


async def use_passkey(
    tx: Transaction, *, response: str, purpose: Purpose, user_id: UUID | None = None
) -> UsedPasskeyRow:
    """Returns the account. `user_id`: whose passkey it must be; None for a log-in with it alone,
    where the passkey says whose it is. Raises InvalidPasskey, PasskeysNotAvailable,
    PasskeysUnavailable.
    """
    parsed = parse_response(response)
    await spend_challenge(parsed.challenge, purpose=purpose)
    passkey = await queries.passkey_of(tx, credential_id=parsed.credential_id)
    if passkey is None or user_id not in (None, passkey.user_id):
        raise InvalidPasskey
    if parsed.user_id != passkey.user_id and (user_id is None or parsed.user_id is not None):
        raise InvalidPasskey
    verifies_user = purpose is not Purpose.SECOND_FACTOR  # there the password is the other factor
    verified = verify_authentication(parsed, passkey=passkey, verifies_user=verifies_user)
    used = await queries.note_use(
        tx, id=passkey.id, sign_count=verified.new_sign_count, now=clock.now()
    )
    if used is None:  # a request at the same time was later by the authenticator's count
        logger.warning("passkey_count_repeated", extra={"passkey": str(passkey.id)})
        raise InvalidPasskey
    return used
