"""The mails that prove an address."""

from uuid import UUID

from cgraph.accounts import account_mail
from cgraph.accounts.one_time_tokens.tokens import OneTimeToken, Purpose, new_one_time_token
from cgraph.accounts.verification import queries
from cgraph.accounts.verification.models import VerificationRow
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.settings import settings
from cgraph.mail.models import MailJob
from cgraph.mail.posting import is_configured, mail_job

CONFIRM_PATH = "/auth/email/confirm?token="


async def verify_new_account(tx: Transaction, *, user_id: UUID) -> None:
    """Where accounts are to verify their address. The account exists, and its user can have the
    mail sent again.
    """
    if settings().unverified_may == "read" and is_configured():
        mail = await verification_mail(tx, user_id=user_id)
        await account_mail.try_post(*([mail] if mail else []))


async def verification_mail(tx: Transaction, *, user_id: UUID) -> MailJob | None:
    """With a token that is stored already. None where the address is verified."""
    token = new_one_time_token(Purpose.VERIFY_EMAIL, now=clock.now())
    row = await queries.issue_verification(tx, user_id=user_id, token=token)
    return await proving_mail(row, token) if row is not None else None


async def proving_mail(row: VerificationRow, token: OneTimeToken) -> MailJob:
    """To the address that is to be verified. If it is another account's, its owner learns of it
    instead; the request takes as long.
    """
    known = {"name": row.known or "", "username": row.username, "known": row.known or ""}
    letters = (
        account_mail.letter(
            token.purpose,
            name=row.name,
            username=row.username,
            code=token.code,
            link=f"{CONFIRM_PATH}{token.text}",
        ),
        account_mail.letter("address_known", **known),
    )
    is_sent = await account_mail.may_send(row.email) and not row.suppressed
    return mail_job(letters[row.known is not None], to=row.email if is_sent else "")
