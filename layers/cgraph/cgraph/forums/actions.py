"""Forums: creating, showing and listing them."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import decode_cursor, page_json
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.models import Event
from cgraph.events.streams import user_stream
from cgraph.forums import queries
from cgraph.forums.access import is_slug
from cgraph.forums.errors import ForumNotFound, SlugTaken
from cgraph.forums.models import (
    ForumDraft,
    ForumSort,
    ForumView,
    WriteResult,
)
from cgraph.forums.policies import ForumRole
from cgraph.media.public_urls import fill_public
from cgraph.realtime.announcements import announce


async def create_forum(tx: Transaction, *, owner_id: UserId, draft: ForumDraft) -> WriteResult:
    """A ForumView. Raises SlugTaken, NonceConflict."""
    body = draft.model_dump(mode="json", exclude={"nonce"})
    request_hash = nonces.request_hash("create_forum", body)
    forum = _new_forum(draft, owner_id=owner_id)
    try:
        seq = await queries.insert_forum(tx, forum=forum, nonce=draft.nonce, body_hash=request_hash)
    except AlreadyExists:
        return await _created_before(
            tx, owner_id=owner_id, nonce=draft.nonce, request_hash=request_hash
        )
    data = {"forum": forum.model_dump(mode="json")}
    event = Event(user_stream(owner_id), seq, "forum.joined", data, forum.created_at)
    announce(tx, event, audience=[owner_id])
    return WriteResult(forum.model_dump_json(), replayed=False)


async def show_forum(tx: Transaction, *, slug: str, caller: Caller) -> str:
    """A ForumView, as JSON. Raises ForumNotFound."""
    row = None
    if is_slug(slug):
        row = await queries.forum_json_by_slug(tx, slug=slug, reader=caller.id)
    context = AccessContext(ForumRole(row.role)) if row else None
    policies.require(caller.policy, context, not_found=ForumNotFound)
    assert row is not None, "or the policy had refused"
    return fill_public(row.json)


async def forum_json(tx: Transaction, *, id: UUID, reader: UUID) -> str:
    """A ForumView, as JSON without URLs, for a reader who is known to be allowed to see the
    forum.
    """
    return await queries.forum_json_by_id(tx, id=id, reader=reader)


async def list_forums(
    tx: Transaction,
    *,
    reader: UserId,
    text: str | None,
    mine: bool,
    sort: ForumSort,
    cursor: str | None,
    limit: int,
) -> str:
    """A page of ForumView, as JSON. Raises InvalidCursor."""
    scope = f"forums:{reader}:{sort}:{mine}:{text}"
    after = None
    if cursor is not None:
        active_at, name, id = decode_cursor(scope, cursor, datetime, str, UUID)
        after = (active_at, name, id)
    rows = await queries.list_forums(
        tx, reader=reader, text=text, mine=mine, sort=sort, after=after, limit=limit + 1
    )
    by_name = sort is ForumSort.NAME
    page = page_json(
        rows,
        limit=limit,
        scope=scope,
        position=lambda row: (row.active_at, row.name if by_name else "", row.id),
    )
    return fill_public(page)


def _new_forum(draft: ForumDraft, *, owner_id: UserId) -> ForumView:
    now = clock.now()
    return ForumView(
        **draft.model_dump(exclude={"nonce"}),
        id=ids.uuid7(now),
        created_by=owner_id,
        created_at=now,
        active_at=now,
        member_count=1,
        post_count=0,
        head=0,
        role=ForumRole.OWNER,
        banned=False,
        banned_until=None,
    )


async def _created_before(
    tx: Transaction, *, owner_id: UserId, nonce: str | None, request_hash: bytes
) -> WriteResult:
    """The forum that the same nonce created. Raises SlugTaken, NonceConflict."""
    if nonce is None:
        raise SlugTaken
    id = await nonces.created_id(tx, user_id=owner_id, nonce=nonce, request_hash=request_hash)
    if id is None:
        raise SlugTaken
    json = fill_public(await forum_json(tx, id=id, reader=owner_id))
    return WriteResult(json, replayed=True)
