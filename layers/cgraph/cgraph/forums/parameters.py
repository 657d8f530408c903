"""Parameters of the room's endpoints, as the API documents describe them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from cgraph.core.fields import Search, Slug, Token
from cgraph.forums.models import MAX_NAME_CURSOR_LENGTH

ForumSlug = Annotated[
    str, Token("slug"), Path(description="Slug of the forum; its case does not matter.")
]
PostingSlug = Annotated[Slug, Path(description="Slug of the forum, in lower case.")]
PostId = Annotated[UUID, Path(description="Id of the post.")]
PostVersionNumber = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="Number of an earlier version of the post.")
]
CommentId = Annotated[UUID, Path(description="Id of the comment.")]
UserId = Annotated[UUID, Path(description="Id of the user.")]

ForumSearch = Annotated[
    Search | None,
    Query(
        description="Search text: every word of it must match a word of the forum's name or slug, "
        "or the beginning of one."
    ),
]
OnlyMine = Annotated[bool, Query(description="Only forums of which the caller is a member.")]
ForumCursor = Annotated[
    Annotated[str, Field(max_length=MAX_NAME_CURSOR_LENGTH), Token("cursor")] | None,
    Query(
        description="`next` of the page before; left out, the first page.",
    ),
]
OnlyModerators = Annotated[bool, Query(description="Only the owner and the moderators.")]

ParentId = Annotated[
    UUID | None, Query(description="Comment whose replies are listed; left out, those of the post.")
]
LevelLimit = Annotated[
    int, Query(ge=1, le=50, description="Comments of the first level in a page.")
]
