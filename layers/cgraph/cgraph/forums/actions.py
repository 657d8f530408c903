"""Forums: who may what there, and who is told."""

from datetime import UTC, datetime
from uuid import UUID

from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import InvalidCursor, ValidationFailed
from cgraph.core.ids import UserId
from cgraph.core.pagination import decode_cursor, encode_cursor, items_page_json
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.models import Event
from cgraph.events.streams import forum_stream, user_stream
from cgraph.forums import queries
from cgraph.forums.access import _is_slug, access_forum, audience_of, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.errors import ForumNotFound, SlugTaken
from cgraph.forums.models import (
    CreatedForum,
    Forum,
    ForumAccess,
    ForumChange,
    ForumDraft,
    ForumRow,
    ForumView,
    Order,
    Settings,
)
from cgraph.forums.policies import ForumRole
from cgraph.realtime.announcements import announce, record_event


async def create_forum(tx: Transaction, *, founder: UserId, draft: ForumDraft) -> CreatedForum:
    """Raises SlugTaken, NonceConflict."""
    asked = nonces.request_hash("create_forum", draft.model_dump(mode="json", exclude={"nonce"}))
    forum = _new_forum(draft, founder=founder)
    try:
        seq = await queries.insert_forum(tx, forum=forum, nonce=draft.nonce, body_hash=asked)
    except AlreadyExists:
        return await _created_before(tx, founder=founder, nonce=draft.nonce, asked=asked)
    data = {"forum": forum.model_dump(mode="json")}
    event = Event(user_stream(founder), seq, "forum.joined", data, forum.created_at)
    announce(tx, event, audience=[founder])
    return CreatedForum(forum.model_dump_json(), existed=False)


async def show_forum(tx: Transaction, *, slug: str, caller: Caller) -> str:
    """A SeenForum, as JSON. Raises ForumNotFound."""
    found = await queries.forum_of(tx, slug=slug, reader=caller.id) if _is_slug(slug) else None
    context = AccessContext(ForumRole(found.role)) if found else None
    policies.require(caller.policy, context, not_found=ForumNotFound)
    assert found is not None, "or the policy had refused"
    return found.shown


async def forum_json(tx: Transaction, *, id: UUID, reader: UUID) -> str:
    """A SeenForum, as JSON, for somebody known to be allowed to see it."""
    return await queries.as_seen_by(tx, id=id, reader=reader)


async def list_forums(
    tx: Transaction,
    *,
    reader: UserId,
    said: str | None,
    mine: bool,
    order: Order,
    cursor: str | None,
    limit: int,
) -> str:
    """A page of SeenForum, as JSON. Raises InvalidCursor."""
    scope = f"forums:{reader}:{order}:{mine}:{said}"
    after = None if cursor is None else _position(scope, cursor)
    items = await queries.forums_of(
        tx, reader=reader, said=said, mine=mine, order=order, after=after, limit=limit + 1
    )
    more = None
    if len(items) > limit:
        last = items[limit - 1]
        name = last.name if order is Order.NAME else ""
        more = encode_cursor(scope, last.active_at.isoformat(), name, str(last.id))
    return items_page_json([item.shown for item in items[:limit]], next=more)


async def change_forum(tx: Transaction, *, caller: Caller, slug: str, change: ForumChange) -> str:
    """A SeenForum, as JSON. Raises ForumNotFound, NotAllowed, ValidationFailed."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    before = await queries.settings_of(tx, id=place.id)
    after = _changed(before, change)
    if after != before:
        await queries.change_settings(tx, id=place.id, settings=after)
        await _audit_update(tx, place, before, after, by=caller.id)
        await _record_update(tx, await access_forum(tx, slug=slug, caller=caller), reader=caller.id)
    return await forum_json(tx, id=place.id, reader=caller.id)


async def _record_update(tx: Transaction, place: ForumAccess, *, reader: UUID) -> None:
    forum = Forum.model_validate_json(await forum_json(tx, id=place.id, reader=reader))
    await record_event(
        tx,
        stream=forum_stream(place.id),
        type="forum.updated",
        data={"forum": forum.model_dump(mode="json")},
        audience=await audience_of(tx, place),
        now=clock.now(),
    )


async def _audit_update(
    tx: Transaction, place: ForumAccess, before: Settings, after: Settings, *, by: UUID
) -> None:
    had, has = before.model_dump(mode="json"), after.model_dump(mode="json")
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action="change_forum",
        target=None,
        detail={"changed": [name for name in has if has[name] != had[name]]},
        now=clock.now(),
    )


def _changed(before: Settings, change: ForumChange) -> Settings:
    """Raises ValidationFailed."""
    wanted = change.model_dump(exclude_none=True)
    after = before.model_copy(update=wanted)
    if after.visibility.goes_with(after.posting):
        return after
    if change.posting is None:
        return after.model_copy(update={"posting": after.visibility.usual_posting})
    message = "everyone may post in public forums only"
    raise ValidationFailed([{"field": "posting", "code": "value_error", "message": message}])


def _new_forum(draft: ForumDraft, *, founder: UserId) -> ForumView:
    now = clock.now()
    return ForumView(
        **draft.model_dump(exclude={"nonce"}),
        id=ids.uuid7(now),
        created_by=founder,
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
    tx: Transaction, *, founder: UserId, nonce: str | None, asked: bytes
) -> CreatedForum:
    """As it is now. Raises SlugTaken, NonceConflict."""
    id = (
        await nonces.created_id(tx, user_id=founder, nonce=nonce, request_hash=asked)
        if nonce
        else None
    )
    if id is None:
        raise SlugTaken
    return CreatedForum(await forum_json(tx, id=id, reader=founder), existed=True)


def _position(scope: str, cursor: str) -> ForumRow:
    """Raises InvalidCursor."""
    at, name, id = (str(value) for value in decode_cursor(scope, cursor, str, str, str))
    try:
        if "\0" in name.encode().decode():
            raise InvalidCursor
        return ForumRow(UUID(id), datetime.fromisoformat(at).astimezone(UTC), name, "")
    except (ValueError, OverflowError):
        raise InvalidCursor from None
