"""The mails with which a password is reset."""

from cgraph.accounts import account_mail
from cgraph.accounts.one_time_tokens.tokens import Purpose, new_one_time_token
from cgraph.accounts.people.models import Me
from cgraph.accounts.recovery import queries
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.mail.models import MailJob
from cgraph.mail.posting import mail_job

RESET_PATH = "/auth/password/reset?token="


async def post_reset(tx: Transaction, *, login: str) -> None:
    """To the account's address, and to nobody where there is none: that takes as long. Raises
    MailUnavailable.
    """
    await account_mail.post(await reset_mail(tx, login=login))


async def reset_mail(tx: Transaction, *, login: str) -> MailJob:
    """With a token that is stored already."""
    token = new_one_time_token(Purpose.RESET_PASSWORD, now=clock.now())
    row = await queries.issue_reset(tx, login=login, token=token)
    letter = account_mail.letter(
        "reset_password",
        name=row.name if row else login,
        username=row.username if row else login,
        code=token.text,
        link=f"{RESET_PATH}{token.text}",
    )
    is_sent = await account_mail.may_send(row.email if row else login)
    to = row.email if row and is_sent and not row.suppressed else ""
    return mail_job(letter, to=to)


def confirmation_mail(me: Me) -> MailJob:
    """To the address of an account whose password was reset."""
    values = {"name": me.display_name, "username": me.username}
    letter = account_mail.letter("password_reset", **values)
    return mail_job(letter, to=me.email)
