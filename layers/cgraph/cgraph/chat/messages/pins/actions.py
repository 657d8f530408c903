"""Pins: messages that a conversation highlights for all its members."""

from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.access import access_conversation
from cgraph.chat.errors import MessageDeleted, TooManyPins
from cgraph.chat.messages.actions import (
    record_change,
    select_message_for_update,
    with_own_reactions,
)
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import queries
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import page_json
from cgraph.media.urls import fill

PINS_AT_MOST = 50


async def pin_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Raises MessageNotFound, NotAllowed, MessageDeleted, Blocked, TooManyPins."""
    access = await select_message_for_update(tx, id=id, caller=caller)
    message = access.message
    if message.deleted_at is not None:
        raise MessageDeleted
    if message.pinned_at is not None:
        return message
    if access.is_blocked:
        raise Blocked
    count = await queries.count_pins(tx, conversation_id=message.conversation_id)
    if count >= PINS_AT_MOST:
        raise TooManyPins(f"A conversation has at most {PINS_AT_MOST} pins")
    now = clock.now()
    changed = await queries.set_pin(tx, id=id, by=caller.id, now=now)
    await record_change(tx, changed, type="message.updated", now=now)
    return with_own_reactions(changed.message, before=message)


async def unpin_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Raises MessageNotFound, NotAllowed, Blocked."""
    access = await select_message_for_update(tx, id=id, caller=caller)
    message = access.message
    if message.pinned_at is None:
        return message
    if access.is_blocked:
        raise Blocked
    changed = await queries.set_pin(tx, id=id, by=None, now=None)
    await record_change(tx, changed, type="message.updated", now=clock.now())
    return with_own_reactions(changed.message, before=message)


async def list_pins(tx: Transaction, *, caller: Caller, conversation_id: UUID) -> str:
    """Returns all pinned messages as one page of Message as JSON, last pinned first. Raises
    ConversationNotFound.
    """
    await access_conversation(tx, id=conversation_id, caller=caller)
    rows = await queries.list_pins(tx, reader=caller.id, conversation_id=conversation_id)
    scope = f"pins:{conversation_id}"
    return fill(page_json(rows, limit=PINS_AT_MOST, scope=scope, position=lambda row: (row.seq,)))
