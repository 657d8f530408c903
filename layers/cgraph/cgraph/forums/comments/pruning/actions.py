"""Deleted and removed comments without replies leave the tree after a day."""

from uuid import UUID

from cgraph.core import clock, database
from cgraph.core.database import Transaction
from cgraph.events.log import append_event
from cgraph.events.streams import post_stream
from cgraph.forums.comments.models import ParentReplyCount, PostCommentCount
from cgraph.forums.comments.pruning import queries
from cgraph.forums.comments.pruning.models import CommentsPruned

BATCH_SIZE = 500
"""Comments for which posts are looked up at once."""


async def prune_comments() -> int:
    """Prunes what is due, in one transaction for each post, so that no lock is held for long.
    Returns the number of posts.
    """
    count = 0
    while True:
        async with database.reading() as tx:
            posts = await queries.posts_to_prune(tx, now=clock.now(), limit=BATCH_SIZE)
        for post_id in posts:
            async with database.transaction() as tx:
                await _prune(tx, post_id=post_id)
        count += len(posts)
        if not posts:
            return count


async def _prune(tx: Transaction, *, post_id: UUID) -> None:
    """The event is logged and not pushed: it is in no hurry, and subscribers find it at their next
    heartbeat.
    """
    now = clock.now()
    await queries.lock_post_stream(tx, post_id=post_id)
    row = await queries.prune_comments(tx, post_id=post_id, now=now)
    if not row.comment_ids:
        return
    payload = CommentsPruned(
        comment_ids=row.comment_ids,
        parents=[ParentReplyCount.model_validate(each) for each in row.parents],
        post=PostCommentCount(id=post_id, comment_count=row.comment_count),
    )
    data = payload.model_dump(mode="json")
    await append_event(tx, stream=post_stream(post_id), type="comments.pruned", data=data, now=now)
