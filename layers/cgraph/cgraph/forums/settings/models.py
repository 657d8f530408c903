from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body, Description, DisplayName, Rules
from cgraph.forums.models import (
    JOIN_REQUESTS,
    LINK_PREVIEWS,
    SLOW_MODE,
    TAG_REQUIRED,
    TAGS,
    ForumTags,
    Posting,
    SlowModeSeconds,
    Visibility,
)


def _picture(purpose: str) -> Any:
    return Field(
        default=None,
        description=f"An upload of the caller, with `purpose` `{purpose}` and ready. Null removes "
        f"the {purpose}.",
    )


class ForumChange(Body):
    """Settings to be changed. A field that is left out keeps its value, and so does each that is
    null but `icon` and `banner`.

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
    link_previews: bool | None = Field(default=None, description=LINK_PREVIEWS)
    icon: UUID | None = _picture("icon")
    banner: UUID | None = _picture("banner")
