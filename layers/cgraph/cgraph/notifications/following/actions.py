"""What a user follows, and how much of it they want to hear.

A conversation that is muted has the level `nothing`, and one with that level is muted: the mute is
the one truth, the other levels are beside it.
"""

from dataclasses import replace
from uuid import UUID

from cgraph.chat import policies as chat_policies
from cgraph.chat.conversations.mutes import actions as mutes
from cgraph.chat.conversations.mutes.models import MuteRequest
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import ValidationFailed
from cgraph.core.ids import UserId
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.notifications.errors import NothingToFollow
from cgraph.notifications.following import queries
from cgraph.notifications.following.models import (
    Follow,
    FollowDraft,
    FollowFilter,
    FollowKind,
    FollowLevel,
)


async def put_follow(
    tx: Transaction,
    *,
    caller: Caller,
    kind: FollowKind,
    target_id: UUID,
    tag: str | None,
    draft: FollowDraft,
) -> Follow:
    """Raises NothingToFollow, ValidationFailed."""
    name = _tag_name(kind, tag)
    if not await queries.may_follow(tx, user_id=caller.id, kind=kind, target_id=target_id):
        raise NothingToFollow
    now = clock.now()
    followed = await queries.set_follow(
        tx,
        user_id=caller.id,
        kind=kind,
        target_id=target_id,
        tag=name,
        level=draft.level,
        now=now,
    )
    if kind is FollowKind.CONVERSATION:
        await _set_mute(tx, caller, target_id, muted=draft.level is FollowLevel.NOTHING)
    return followed


async def delete_follow(
    tx: Transaction, *, caller: Caller, kind: FollowKind, target_id: UUID, tag: str | None
) -> None:
    """From now on the defaults apply. What is not followed is left as it is. Raises
    ValidationFailed.
    """
    name = _tag_name(kind, tag)
    await queries.delete_follow(
        tx, user_id=caller.id, kind=kind, target_id=target_id, tag=name, now=clock.now()
    )
    if kind is FollowKind.CONVERSATION and await queries.may_follow(
        tx, user_id=caller.id, kind=kind, target_id=target_id
    ):
        await _set_mute(tx, caller, target_id, muted=False)


async def list_follows(tx: Transaction, *, user_id: UserId, filter: FollowFilter) -> str:
    """A page of Follow, as JSON, by kind and id. Raises InvalidCursor."""
    scope = f"follows:{user_id}:{filter.kind or ''}"
    after = "", FIRST_ID, ""
    if filter.cursor is not None:
        after = tuple(decode_cursor(scope, filter.cursor, str, UUID, str))
    rows = await queries.list_follows(
        tx, user_id=user_id, kind=filter.kind, after=after, limit=filter.limit + 1
    )
    return page_json(
        rows,
        limit=filter.limit,
        scope=scope,
        position=lambda row: (row.kind, row.target_id, row.tag),
    )


async def _set_mute(tx: Transaction, caller: Caller, conversation_id: UUID, *, muted: bool) -> None:
    member = replace(caller, policy=chat_policies.MEMBER)
    if muted:
        await mutes.mute_conversation(
            tx, caller=member, conversation_id=conversation_id, mute=MuteRequest()
        )
    else:
        await mutes.unmute_conversation(tx, caller=member, conversation_id=conversation_id)


def _tag_name(kind: FollowKind, tag: str | None) -> str:
    """Raises ValidationFailed."""
    if (kind is FollowKind.TAG) != (tag is not None):
        message = "must be given where the kind is `tag`, and only there"
        raise ValidationFailed([{"field": "tag", "code": "value_error", "message": message}])
    return tag or ""
