"""Passkeys (WebAuthn): how they are added and removed, and the log-in with one."""

from typing import Any
from uuid import UUID

from cgraph.accounts.auth.models import NewSession
from cgraph.accounts.auth.new_session import begin_session
from cgraph.accounts.auth.sessions.confirmation import require_fresh_login
from cgraph.accounts.errors import InvalidPasskey, PasskeyExists, PasskeyNotFound, TooManyPasskeys
from cgraph.accounts.passkeys import queries
from cgraph.accounts.passkeys.models import (
    PASSKEYS_MAX,
    KnownCredentialRow,
    Passkey,
    PasskeyChange,
    PasskeyDraft,
    PasskeyOptions,
)
from cgraph.accounts.people.models import Me
from cgraph.accounts.webauthn.assertions import use_passkey
from cgraph.accounts.webauthn.challenges import CHALLENGE_SECONDS, new_challenge, spend_challenge
from cgraph.accounts.webauthn.models import PasskeyRow, Purpose
from cgraph.accounts.webauthn.responses import (
    encode,
    parse_response,
    require_domain,
    verify_registration,
)
from cgraph.core import clock, ids
from cgraph.core.caller import Caller, Sender
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.pagination import page_json

ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA, RS256: those that `verify_registration` takes, as COSE numbers them."""

SITE = "CGraph"


async def start_passkey(tx: Transaction, *, caller: Caller) -> PasskeyOptions:
    """Raises FreshLoginRequired, PasskeysNotAvailable, PasskeysUnavailable."""
    domain = require_domain()
    await require_fresh_login(tx, caller=caller)
    name = await queries.name_of(tx, user_id=caller.id)
    assert name is not None, "a session has a user"
    known = await queries.credentials_of(tx, user_id=caller.id)
    challenge = await new_challenge(Purpose.REGISTER, user_id=caller.id)
    user = {"id": encode(caller.id.bytes), "name": name.username, "displayName": name.display_name}
    return PasskeyOptions(
        public_key={
            "rp": {"id": domain, "name": SITE},
            "user": user,
            "challenge": encode(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
            "timeout": CHALLENGE_SECONDS * 1000,
            "excludeCredentials": [_descriptor(each) for each in known],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "attestation": "none",
        }
    )


async def create_passkey(tx: Transaction, *, caller: Caller, draft: PasskeyDraft) -> Passkey:
    """Raises FreshLoginRequired, InvalidPasskey, PasskeyExists, TooManyPasskeys,
    PasskeysNotAvailable, PasskeysUnavailable.
    """
    await require_fresh_login(tx, caller=caller)
    response = parse_response(draft.response)
    await spend_challenge(response.challenge, purpose=Purpose.REGISTER, user_id=caller.id)
    verified = verify_registration(response)
    now = clock.now()
    row = PasskeyRow(
        ids.uuid7(now),
        caller.id,
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
    )
    synced, second_factor = verified.credential_backed_up, draft.second_factor
    try:
        created = await queries.create_passkey(
            tx,
            passkey=row,
            name=draft.name,
            transports=response.transports,
            synced=synced,
            second_factor=second_factor,
            now=now,
        )
    except AlreadyExists:
        raise PasskeyExists from None
    if not created:
        raise TooManyPasskeys
    return Passkey(
        id=row.id,
        name=draft.name,
        second_factor=second_factor,
        synced=synced,
        created_at=now,
        last_used_at=None,
    )


async def list_passkeys(tx: Transaction, *, caller: Caller) -> str:
    """Returns a page of Passkey as JSON, which has all of them."""
    rows = await queries.list_passkeys(tx, user_id=caller.id)
    return page_json(
        rows, limit=PASSKEYS_MAX, scope=f"passkeys:{caller.id}", position=lambda row: (row.id,)
    )


async def change_passkey(
    tx: Transaction, *, caller: Caller, id: UUID, change: PasskeyChange
) -> str:
    """Returns a Passkey as JSON. Raises FreshLoginRequired, PasskeyNotFound."""
    if change.second_factor is not None:
        await require_fresh_login(tx, caller=caller)
    row = await queries.change_passkey(
        tx, user_id=caller.id, id=id, name=change.name, second_factor=change.second_factor
    )
    if row is None:
        raise PasskeyNotFound
    return row.json


async def delete_passkey(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises FreshLoginRequired, PasskeyNotFound."""
    if not await queries.has_passkey(tx, user_id=caller.id, id=id):
        raise PasskeyNotFound
    await require_fresh_login(tx, caller=caller)
    if not await queries.delete_passkey(tx, user_id=caller.id, id=id):
        raise PasskeyNotFound


async def start_passkey_login(purpose: Purpose) -> PasskeyOptions:
    """Raises PasskeysNotAvailable, PasskeysUnavailable."""
    domain = require_domain()
    challenge = await new_challenge(purpose)
    verification = "preferred" if purpose is Purpose.SECOND_FACTOR else "required"
    return PasskeyOptions(
        public_key={
            "challenge": encode(challenge),
            "timeout": CHALLENGE_SECONDS * 1000,
            "rpId": domain,
            "allowCredentials": [],
            "userVerification": verification,
        }
    )


async def log_in_with_passkey(
    tx: Transaction, *, response: str, device: str, sender: Sender
) -> NewSession:
    """Raises InvalidPasskey, PasskeysNotAvailable, PasskeysUnavailable."""
    account = await use_passkey(tx, response=response, purpose=Purpose.LOG_IN)
    me = Me.model_validate(account.me)
    session = await begin_session(tx, me=me, device=device, sender=sender)
    if session is None:
        raise InvalidPasskey
    return session


def _descriptor(credential: KnownCredentialRow) -> dict[str, Any]:
    reached_by = {"transports": credential.transports} if credential.transports else {}
    return {"type": "public-key", "id": encode(credential.credential_id), **reached_by}
