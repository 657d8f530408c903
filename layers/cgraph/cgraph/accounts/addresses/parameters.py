from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from cgraph.core.fields import Token

MailToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Token("mail token"),
    Query(description="What the link in the mail has here."),
]
