"""Pins: messages that a conversation keeps at hand."""

from uuid import UUID

from cgraph.chat.access import access_conversation
from cgraph.chat.errors import MessageDeleted, TooManyPins
from cgraph.chat.messages.actions import as_read, record_change, select_message_for_update
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import queries
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import Page

PINS_AT_MOST = 50


async def pin_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Raises MessageNotFound, NotAllowed, MessageDeleted, TooManyPins."""
    message = (await select_message_for_update(tx, id=id, caller=caller)).message
    if message.deleted_at is not None:
        raise MessageDeleted
    if message.pinned_at is not None:
        return message
    number = await queries.number_of_pins(tx, conversation_id=message.conversation_id)
    if number >= PINS_AT_MOST:
        raise TooManyPins(f"A conversation has at most {PINS_AT_MOST} pins")
    now = clock.now()
    changed = await queries.pin(tx, id=id, by=caller.id, now=now)
    await record_change(tx, changed, type="message.updated", now=now)
    return as_read(changed, before=message)


async def unpin_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Raises MessageNotFound, NotAllowed."""
    message = (await select_message_for_update(tx, id=id, caller=caller)).message
    if message.pinned_at is None:
        return message
    changed = await queries.pin(tx, id=id, by=None, now=None)
    await record_change(tx, changed, type="message.updated", now=clock.now())
    return as_read(changed, before=message)


async def list_pins(tx: Transaction, *, caller: Caller, conversation_id: UUID) -> Page[Message]:
    """The last pinned first; there are never more than one page. Raises ConversationNotFound."""
    await access_conversation(tx, id=conversation_id, caller=caller)
    rows = await queries.pinned(tx, reader=caller.id, conversation_id=conversation_id)
    return Page(items=[row.message for row in rows], next=None)
