"""Path parameters of the room's endpoints, as the API documents describe them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.core.fields import Slug

ForumSlug = Annotated[str, Path(description="Slug of the forum; its case does not matter.")]
PostingSlug = Annotated[Slug, Path(description="Slug of the forum, in lower case.")]
PostId = Annotated[UUID, Path(description="Id of the post.")]
CommentId = Annotated[UUID, Path(description="Id of the comment.")]
UserId = Annotated[UUID, Path(description="Id of the user.")]
