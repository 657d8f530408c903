"""The emoji of a forum: pictures that its moderators add, by name."""

import json
from datetime import datetime

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import page_json
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.emoji import queries
from cgraph.forums.emoji.models import EmojiDraft, EmojiRemoved
from cgraph.forums.errors import EmojiNotFound, TooManyEmoji
from cgraph.forums.events import record_forum_event
from cgraph.forums.models import ForumAccess
from cgraph.media.pictures.actions import take_picture
from cgraph.media.public_urls import fill_public
from cgraph.media.uploads.models import Purpose

EMOJI_AT_MOST = 100
"""In a forum, so that a list of them needs no pages."""


async def list_emoji(tx: Transaction, *, caller: Caller, slug: str) -> str:
    """All of them as one page of Emoji, as JSON. Raises ForumNotFound."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    rows = await queries.list_emoji(tx, forum_id=forum.id)
    scope = f"emoji:{forum.id}"
    return fill_public(
        page_json(rows, limit=EMOJI_AT_MOST, scope=scope, position=lambda row: (row.name,))
    )


async def put_emoji(
    tx: Transaction, *, caller: Caller, slug: str, name: str, draft: EmojiDraft
) -> str:
    """An Emoji, as JSON. Raises ForumNotFound, NotAllowed, TooManyEmoji, UploadNotFound,
    UploadNotReady.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    if await queries.count_others(tx, forum_id=forum.id, name=name) >= EMOJI_AT_MOST:
        raise TooManyEmoji(f"A forum has at most {EMOJI_AT_MOST} emoji")
    picture = await take_picture(
        tx, owner_id=caller.id, upload_id=draft.upload, purpose=Purpose.EMOJI
    )
    now = clock.now()
    emoji = await queries.put_emoji(
        tx,
        id=ids.uuid7(now),
        forum_id=forum.id,
        name=name,
        picture=picture,
        created_by=caller.id,
        now=now,
    )
    await _audit(tx, forum, caller=caller, action="put_emoji", name=name, now=now)
    data = {"emoji": json.loads(emoji)}
    await record_forum_event(tx, forum, type="emoji.updated", data=data, now=now)
    return fill_public(emoji)


async def remove_emoji(tx: Transaction, *, caller: Caller, slug: str, name: str) -> None:
    """Raises ForumNotFound, NotAllowed, EmojiNotFound."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    if not await queries.delete_emoji(tx, forum_id=forum.id, name=name):
        raise EmojiNotFound
    now = clock.now()
    await _audit(tx, forum, caller=caller, action="remove_emoji", name=name, now=now)
    data = EmojiRemoved(name=name).model_dump()
    await record_forum_event(tx, forum, type="emoji.removed", data=data, now=now)


async def _audit(
    tx: Transaction, forum: ForumAccess, *, caller: Caller, action: str, name: str, now: datetime
) -> None:
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=caller.id,
        action=action,
        target=None,
        detail={"name": name},
        now=now,
    )
