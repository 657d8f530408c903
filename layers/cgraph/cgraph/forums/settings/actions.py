"""Changing the settings of a forum."""

from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import ValidationFailed
from cgraph.forums import actions as forums
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.events import record_forum_event
from cgraph.forums.models import Forum, ForumAccess, ForumSettings
from cgraph.forums.settings import queries
from cgraph.forums.settings.models import ForumChange
from cgraph.media.pictures.actions import take_picture
from cgraph.media.pictures.models import Picture
from cgraph.media.public_urls import fill_public
from cgraph.media.uploads.models import Purpose

PICTURES = {"icon": Purpose.ICON, "banner": Purpose.BANNER}


async def change_forum(tx: Transaction, *, caller: Caller, slug: str, change: ForumChange) -> str:
    """A ForumView, as JSON. Raises ForumNotFound, NotAllowed, ValidationFailed, UploadNotFound,
    UploadNotReady.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    before = await queries.forum_settings(tx, id=forum.id)
    pictures = await _pictures(tx, change, owner_id=caller.id)
    after = _apply_change(before, change).model_copy(update=pictures)
    if after != before:
        await queries.update_settings(tx, id=forum.id, settings=after)
        await _audit_update(tx, forum, before, after, actor=caller.id)
        changed = await access_forum(tx, slug=slug, caller=caller)
        await _record_update(tx, changed, reader=caller.id)
    return fill_public(await forums.forum_json(tx, id=forum.id, reader=caller.id))


async def _pictures(
    tx: Transaction, change: ForumChange, *, owner_id: UUID
) -> dict[str, Picture | None]:
    """Those that change, by their field. Raises UploadNotFound, UploadNotReady."""
    pictures: dict[str, Picture | None] = {}
    for field in change.model_fields_set & PICTURES.keys():
        id = getattr(change, field)
        pictures[field] = None
        if id is not None:
            pictures[field] = await take_picture(
                tx, owner_id=owner_id, upload_id=id, purpose=PICTURES[field]
            )
    return pictures


async def _record_update(tx: Transaction, access: ForumAccess, *, reader: UUID) -> None:
    forum = Forum.model_validate_json(await forums.forum_json(tx, id=access.id, reader=reader))
    data = {"forum": forum.model_dump(mode="json")}
    await record_forum_event(tx, access, type="forum.updated", data=data, now=clock.now())


async def _audit_update(
    tx: Transaction,
    forum: ForumAccess,
    before: ForumSettings,
    after: ForumSettings,
    *,
    actor: UUID,
) -> None:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=actor,
        action="change_forum",
        target=None,
        detail={"changed": [name for name in new if new[name] != old[name]]},
        now=clock.now(),
    )


def _apply_change(before: ForumSettings, change: ForumChange) -> ForumSettings:
    """Raises ValidationFailed."""
    changed = change.model_dump(exclude_none=True, exclude=set(PICTURES))
    after = before.model_copy(update=changed)
    if after.visibility.allows(after.posting):
        return after
    if change.posting is None:
        return after.model_copy(update={"posting": after.visibility.default_posting})
    message = "everyone may post in public forums only"
    raise ValidationFailed([{"field": "posting", "code": "value_error", "message": message}])
