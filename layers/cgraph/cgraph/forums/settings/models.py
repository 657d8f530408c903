from pydantic import Field

from cgraph.core.fields import Body, Description, DisplayName, Rules
from cgraph.forums.models import (
    JOIN_REQUESTS,
    SLOW_MODE,
    TAG_REQUIRED,
    TAGS,
    ForumTags,
    Posting,
    SlowModeSeconds,
    Visibility,
)


class ForumChange(Body):
    """Settings to be changed. A field that is left out, or null, keeps its value.

    If the forum is no longer public and `everyone` could post, `posting` becomes `members`.
    """

    name: DisplayName | None = None
    description: Description | None = None
    rules: Rules | None = Field(default=None, description="Rules of the forum, in Markdown.")
    visibility: Visibility | None = None
    posting: Posting | None = Field(default=None, description="Who may post, comment and vote.")
    slow_mode_seconds: SlowModeSeconds | None = Field(default=None, description=SLOW_MODE)
    tags: ForumTags | None = Field(default=None, description=TAGS)
    tag_required: bool | None = Field(default=None, description=TAG_REQUIRED)
    join_requests: bool | None = Field(default=None, description=JOIN_REQUESTS)
