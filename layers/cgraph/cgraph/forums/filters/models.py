from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.forums.filters.rules import as_domain, as_word

Word = Annotated[str, StringConstraints(min_length=2, max_length=60), AfterValidator(as_word)]
Domain = Annotated[str, StringConstraints(min_length=3, max_length=253), AfterValidator(as_domain)]


class FilterAction(StrEnum):
    """Reject: it is not taken. Report: it is, and moderators find it among the reports."""

    REJECT = "reject"
    REPORT = "report"


class FiltersDraft(Body):
    """`words`: whole ones, or beginnings that end with `*`, whatever their case. `domains`: of
    links, with all below them.
    """

    words: list[Word] = Field(default=[], max_length=500)
    domains: list[Domain] = Field(default=[], max_length=500)
    action: FilterAction = FilterAction.REPORT


class Filters(Model):
    """`updated_at`: null where there never were any."""

    words: list[str]
    domains: list[str]
    action: FilterAction
    updated_at: Timestamp | None
