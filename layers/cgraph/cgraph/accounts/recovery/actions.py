"""How a user whose password is lost gets into their account again."""

from cgraph.accounts import account_mail
from cgraph.accounts.auth import rules
from cgraph.accounts.auth.sessions.actions import end_tokens_and_sockets
from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.errors import InvalidMailToken
from cgraph.accounts.one_time_tokens.actions import access_token
from cgraph.accounts.people.actions import announce_profile_update
from cgraph.accounts.recovery import mails, pages, queries
from cgraph.accounts.recovery.models import PasswordReset
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.mail.posting import is_configured


async def forgot_password(tx: Transaction, *, login: str) -> None:
    """Says nothing of whether there is such an account. Raises MailNotConfigured,
    MailUnavailable.
    """
    account_mail.require_mail()
    await mails.post_reset(tx, login=login)


async def show_reset_page(tx: Transaction, *, token: str) -> str:
    """Raises InvalidMailToken."""
    row = await access_token(tx, text=token, resets=True)
    return pages.form(row.username)


async def reset_password(tx: Transaction, *, reset: PasswordReset) -> None:
    """Ends all sessions; the second factor stays, unless the address was not verified before:
    then it may be somebody else's. Raises InvalidMailToken, WeakPassword.
    """
    from cgraph.accounts.auth import passwords

    now = clock.now()
    row = await access_token(tx, text=reset.token, resets=True)
    rules.require_strong_password(
        reset.new_password, username=row.username, email=row.email, field="new_password"
    )
    new_hash = passwords.hash_password(reset.new_password)
    done = await queries.reset_password(tx, text=reset.token, new_hash=new_hash, now=now)
    if done is None:  # another request has used it meanwhile
        raise InvalidMailToken
    me = announce_profile_update(tx, profile=done.profile, now=now)
    await end_tokens_and_sockets(UserId(me.id), EndedSessions(done.session_ids, done.access_hashes))
    if is_configured():
        await account_mail.try_post(mails.confirmation_mail(me))
