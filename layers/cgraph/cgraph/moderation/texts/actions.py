"""Removes, or restores, everything that one user wrote in a forum, a bounded part in each call.

The streams of all posts are locked first, the lesser id first, and the user's own stream last.
"""

from collections.abc import Sequence
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.forums.models import ForumAccess
from cgraph.moderation.approvals.actions import approve_target
from cgraph.moderation.removals.actions import remove_target, restore_target
from cgraph.moderation.targets.actions import select_target_for_update
from cgraph.moderation.targets.models import TargetAccess, TargetKind
from cgraph.moderation.texts import queries
from cgraph.moderation.texts.models import TextRow, TextsRemoved, TextsRestored, WrittenWithin

TEXTS_AT_ONCE = 30
"""Each takes about fifteen statements, under the lock of the forum."""

VOTES_AT_ONCE = 300


async def remove_texts_of(
    tx: Transaction,
    forum: ForumAccess,
    *,
    caller: Caller,
    user_id: UUID,
    written: WrittenWithin,
    reason: str,
) -> TextsRemoved:
    """The caller has locked the forum, and may judge the user."""
    age = written.age
    rows = await queries.texts_to_remove(
        tx,
        forum_id=forum.id,
        user_id=user_id,
        since=None if age is None else clock.now() - age,
        limit=TEXTS_AT_ONCE + 1,
    )
    texts = rows[:TEXTS_AT_ONCE]
    await _lock(tx, texts)
    for text in texts:
        access = await _access(tx, text, caller=caller)
        await remove_target(tx, access, by=caller.id, reason=reason, with_ban=True)
    return TextsRemoved(removed=len(texts), more=len(rows) > len(texts))


async def restore_texts_of(
    tx: Transaction, forum: ForumAccess, *, caller: Caller, user_id: UUID, lift_removals: bool
) -> TextsRestored:
    """The caller has locked the forum, and may judge the user, who is not under a shadow ban, or
    not for longer than this transaction.
    """
    rows = await queries.texts_to_restore(
        tx,
        forum_id=forum.id,
        user_id=user_id,
        lift_removals=lift_removals,
        limit=TEXTS_AT_ONCE + 1,
    )
    texts = rows[:TEXTS_AT_ONCE]
    await _lock(tx, texts)
    for text in texts:
        access = await _access(tx, text, caller=caller)
        if text.withheld:
            await approve_target(tx, access, by=caller.id)
        else:
            await restore_target(tx, access, by=caller.id, with_ban=True)
    votes = await queries.count_votes(tx, forum_id=forum.id, user_id=user_id, at_most=VOTES_AT_ONCE)
    more = len(rows) > len(texts) or votes >= VOTES_AT_ONCE
    return TextsRestored(restored=len(texts), votes=votes, more=more)


async def _lock(tx: Transaction, texts: Sequence[TextRow]) -> None:
    await queries.lock_post_streams(tx, ids=[text.post_id for text in texts])


async def _access(tx: Transaction, text: TextRow, *, caller: Caller) -> TargetAccess:
    kind = TargetKind(text.kind)
    not_found = PostNotFound if kind is TargetKind.POST else CommentNotFound
    return await select_target_for_update(
        tx, kind=kind, id=text.id, caller=caller, not_found=not_found
    )
