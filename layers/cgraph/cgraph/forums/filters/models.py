from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, OneLine
from cgraph.forums.filters.rules import as_domain, as_word

FilterWord = Annotated[str, OneLine(60), AfterValidator(as_word), Field(min_length=2)]
FilterDomain = Annotated[str, OneLine(253), AfterValidator(as_domain), Field(min_length=3)]

WORDS = "Whole words, or the beginning of words if they end with `*`; case does not matter."
DOMAINS = "Domains of links; each includes its subdomains."
ACTION = "What happens to a post or comment that a filter matches."


class FilterAction(StrEnum):
    """`reject`: the request is refused (422 `filtered`). `report`: the text is published, and the
    moderators get a report. `hold`: the moderators get a report, and the text is published when one
    of them approves it; until then only its author and they see it. An edit that a `hold` filter
    matches is refused, unless the text still waits for approval.
    """

    REJECT = "reject"
    REPORT = "report"
    HOLD = "hold"


class ForumFiltersDraft(Body):
    """Filters that replace those of the forum."""

    words: list[FilterWord] = Field(default=[], max_length=500, description=WORDS)
    domains: list[FilterDomain] = Field(default=[], max_length=500, description=DOMAINS)
    action: FilterAction = Field(default=FilterAction.REPORT, description=ACTION)


class ForumFilters(Model):
    """The filters of a forum."""

    words: list[str] = Field(description=WORDS)
    domains: list[str] = Field(description=DOMAINS)
    action: FilterAction = Field(description=ACTION)
    updated_at: Timestamp | None = Field(description="Null if the forum never had filters.")
