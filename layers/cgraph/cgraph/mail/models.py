from typing import Literal

from pydantic import Field

from cgraph.core.fields import Model

Language = Literal["en", "de"]
"""Those with a module in `texts`."""


class MailJob(Model):
    """One mail to one address. `to`: empty where nobody is to get it, so that the request takes as
    long either way. `unsubscribe_url`: of what the reader may end; empty for mail that an account
    needs. `attempt`: 1 for the first. `correlation_id`: of the request that wrote it.
    """

    to: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str = ""
    attempt: int = Field(default=1)
    correlation_id: str = ""
