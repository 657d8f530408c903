"""Forums: who may what there, and who is told."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cgraph import ids, nonces, policies
from cgraph.auth.caller import Caller
from cgraph.cursors import decode_cursor, encode_cursor
from cgraph.database import AlreadyExists, Transaction
from cgraph.errors import (
    ForumNotFound,
    InvalidCursor,
    NotAllowed,
    RateLimited,
    Refusal,
    SlugTaken,
    ValidationFailed,
)
from cgraph.events import forum_stream, own_stream, record
from cgraph.fields import page_of
from cgraph.forums import queries
from cgraph.forums.models import (
    Forum,
    ForumChange,
    ForumDraft,
    Founded,
    Listed,
    Order,
    Place,
    Posting,
    SeenForum,
    Settings,
    Visibility,
)
from cgraph.ids import UserId
from cgraph.policies import ForumRole, Standing
from cgraph.streams import Announcement, Event

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,30}", re.ASCII)


async def access_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> Place:
    """`about`: whom the caller is about to do something to. Raises ForumNotFound, NotAllowed."""
    place = await _place(tx, slug=slug, reader=caller.id)
    return require(place, caller=caller, about=about)


async def access_place(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    hidden: type[Refusal] = ForumNotFound,
) -> Place:
    """By the forum's id; `author`: of the post or comment it is about. Raises `hidden`,
    NotAllowed.
    """
    place = await queries.place_by_id(tx, id=id, reader=caller.id)
    return require(place, caller=caller, author=author, hidden=hidden)


async def lock_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> Place:
    """`access_forum` for whoever changes it or writes in it: first in a transaction, and until its
    end nothing else does. Raises ForumNotFound, NotAllowed.
    """
    place = await _place(tx, slug=slug, reader=caller.id)
    if place is None:
        raise ForumNotFound  # strangers lock nothing
    await queries.lock(tx, id=place.id)
    return await access_forum(tx, slug=slug, caller=caller, about=about)


def require(
    place: Place | None,
    *,
    caller: Caller,
    author: UUID | None = None,
    about: UUID | None = None,
    hidden: type[Refusal] = ForumNotFound,
) -> Place:
    """Raises `hidden`, NotAllowed."""
    standing = None
    if place is not None:
        is_author = author == caller.id and place.role is not ForumRole.BANNED
        standing = Standing(place.role, is_author=is_author, is_oneself=about == caller.id)
    policies.require(caller.policy, standing, hidden=hidden)
    assert place is not None, "or the policy had refused"
    return place


def require_posting(place: Place) -> None:
    """To post, comment or vote. Raises NotAllowed."""
    if place.moderates or place.posting is Posting.EVERYONE:
        return
    if place.posting is Posting.MODERATORS or place.role is ForumRole.VISITOR:
        raise NotAllowed(f"In this forum only {place.posting} may write")


async def require_pace(tx: Transaction, place: Place, *, user_id: UUID) -> None:
    """Before somebody posts or comments, with the streams locked: in slow mode this is now their
    last write there. Raises RateLimited.
    """
    pause = place.slow_mode_seconds
    if pause == 0 or place.moderates:
        return
    now = ids.now()
    if await queries.take_turn(tx, id=place.id, user_id=user_id, pause_seconds=pause, now=now):
        return
    last = await queries.last_write(tx, id=place.id, user_id=user_id)
    raise RateLimited(
        f"In this forum one writes once in {pause} s",
        retry_after=max(0.0, pause - (now - last).total_seconds()),
    )


async def audience_of(tx: Transaction, place: Place) -> Sequence[UUID] | None:
    """Whom an event there is for, so that a private forum's reaches nobody who has left it."""
    if place.visibility is not Visibility.PRIVATE:
        return None
    return await queries.members_of(tx, id=place.id)


async def found_forum(tx: Transaction, *, founder: UserId, draft: ForumDraft) -> Founded:
    """Raises SlugTaken, NonceConflict."""
    asked = nonces.body_hash("create_forum", draft.model_dump(mode="json", exclude={"nonce"}))
    forum = _new_forum(draft, founder=founder)
    try:
        seq = await queries.insert_forum(tx, forum=forum, nonce=draft.nonce, body_hash=asked)
    except AlreadyExists:
        return await _founded_before(tx, founder=founder, nonce=draft.nonce, asked=asked)
    data = {"forum": forum.model_dump(mode="json")}
    event = Event(own_stream(founder), seq, "forum.joined", data, forum.created_at)
    tx.announce(Announcement(event, audience=[founder]))
    return Founded(forum.model_dump_json(), existed=False)


async def show_forum(tx: Transaction, *, slug: str, caller: Caller) -> str:
    """A SeenForum, as JSON. Raises ForumNotFound."""
    found = await queries.forum_of(tx, slug=slug, reader=caller.id) if _is_slug(slug) else None
    standing = Standing(ForumRole(found.role)) if found else None
    policies.require(caller.policy, standing, hidden=ForumNotFound)
    assert found is not None, "or the policy had refused"
    return found.shown


async def as_seen_by(tx: Transaction, *, id: UUID, reader: UUID) -> str:
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
    return page_of([item.shown for item in items[:limit]], next=more)


async def change_forum(tx: Transaction, *, caller: Caller, slug: str, change: ForumChange) -> str:
    """A SeenForum, as JSON. Raises ForumNotFound, NotAllowed, ValidationFailed."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    before = await queries.settings_of(tx, id=place.id)
    after = _changed(before, change)
    if after != before:
        await queries.change_settings(tx, id=place.id, settings=after)
        await _log_change(tx, place, before, after, by=caller.id)
        await _tell_change(tx, await access_forum(tx, slug=slug, caller=caller), reader=caller.id)
    return await as_seen_by(tx, id=place.id, reader=caller.id)


async def _tell_change(tx: Transaction, place: Place, *, reader: UUID) -> None:
    forum = Forum.model_validate_json(await as_seen_by(tx, id=place.id, reader=reader))
    await record(
        tx,
        stream=forum_stream(place.id),
        type="forum.updated",
        data={"forum": forum.model_dump(mode="json")},
        audience=await audience_of(tx, place),
        now=ids.now(),
    )


async def _log_change(
    tx: Transaction, place: Place, before: Settings, after: Settings, *, by: UUID
) -> None:
    from cgraph.moderation.audit import actions as audit  # which knows about forums

    had, has = before.model_dump(mode="json"), after.model_dump(mode="json")
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action="change_forum",
        target=None,
        detail={"changed": [name for name in has if has[name] != had[name]]},
        now=ids.now(),
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


def _new_forum(draft: ForumDraft, *, founder: UserId) -> SeenForum:
    now = ids.now()
    return SeenForum(
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


async def _founded_before(
    tx: Transaction, *, founder: UserId, nonce: str | None, asked: bytes
) -> Founded:
    """As it is now. Raises SlugTaken, NonceConflict."""
    made = await nonces.made_with(tx, user_id=founder, nonce=nonce) if nonce else None
    if made is None:
        raise SlugTaken
    id = nonces.require_same(made, asked=asked)
    return Founded(await as_seen_by(tx, id=id, reader=founder), existed=True)


def _position(scope: str, cursor: str) -> Listed:
    """Raises InvalidCursor."""
    at, name, id = (str(value) for value in decode_cursor(scope, cursor, str, str, str))
    try:
        if "\0" in name.encode().decode():
            raise InvalidCursor
        return Listed(UUID(id), datetime.fromisoformat(at).astimezone(UTC), name, "")
    except (ValueError, OverflowError):
        raise InvalidCursor from None


def _is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None


async def _place(tx: Transaction, *, slug: str, reader: UUID) -> Place | None:
    """What no forum can be called, Postgres is not asked for."""
    return await queries.place_of(tx, slug=slug, reader=reader) if _is_slug(slug) else None
