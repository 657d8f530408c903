"""Mail about notifications, as its reader ends it: without a log-in, by a signed link."""

from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.mail import links
from cgraph.notifications.delivery.mail import pages, queries


async def unsubscribe_mail(tx: Transaction, *, token: str) -> str:
    """Returns a page that says so. Repeating it changes nothing. Raises InvalidMailLink."""
    user_id = links.read_token(token, signer=await links.signer(tx))
    await queries.unsubscribe_mail(tx, user_id=user_id, now=clock.now())
    return pages.confirmation()


async def show_unsubscribe_page(tx: Transaction, *, token: str) -> str:
    """A page with a button, because programs that check links open them too. Raises
    InvalidMailLink.
    """
    links.read_token(token, signer=await links.signer(tx))
    return pages.question(token)
