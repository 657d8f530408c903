"""Reactions: counted at once, told together.

Of one message there is at most one `message.reacted` in `WINDOW_SECONDS`. What changes in between
waits in Postgres, and the first to wait sends a job that tells all of it. The job is sent before
the commit, under the stream's lock: where the commit then fails it finds nothing to tell, and where
it succeeds the job, which takes the same lock, cannot have come too early.
"""

from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.errors import MessageDeleted, TooManyReactions
from cgraph.chat.messages.actions import select_message_for_update
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.reactions import queries
from cgraph.chat.messages.reactions.models import Counted, Reacted, Reactions
from cgraph.core import clock, queues
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.streams import conversation_stream
from cgraph.realtime.announcements import record_event
from cgraph.realtime.coalescing import flush_job

REACTIONS_AT_MOST = 20
"""Different ones, on one message."""

WINDOW_SECONDS = 2
PATIENCE_SECONDS = 10
"""A job that has not told by then is lost: the next reaction tells in its place."""


async def add_reaction(tx: Transaction, *, caller: Caller, id: UUID, emoji: str) -> Reactions:
    """Raises MessageNotFound, MessageDeleted, Blocked, TooManyReactions."""
    found = await select_message_for_update(tx, id=id, caller=caller)
    message = found.message
    if message.deleted_at is not None:
        raise MessageDeleted
    if found.is_blocked:
        raise Blocked
    if emoji in message.my_reactions:
        return _answer(message)
    if emoji not in message.reactions and len(message.reactions) >= REACTIONS_AT_MOST:
        raise TooManyReactions(f"A message has at most {REACTIONS_AT_MOST} different reactions")
    return await _change(tx, message, caller=caller, emoji=emoji, added=True)


async def remove_reaction(tx: Transaction, *, caller: Caller, id: UUID, emoji: str) -> Reactions:
    """Raises MessageNotFound."""
    message = (await select_message_for_update(tx, id=id, caller=caller)).message
    if emoji not in message.my_reactions:
        return _answer(message)
    return await _change(tx, message, caller=caller, emoji=emoji, added=False)


async def publish_reactions(tx: Transaction, *, message_id: UUID) -> None:
    """What has been waiting; nothing, where somebody has told it already."""
    await queries.lock_stream_around(tx, id=message_id)
    await _tell(tx, message_id=message_id)


async def _change(
    tx: Transaction, message: Message, *, caller: Caller, emoji: str, added: bool
) -> Reactions:
    counted = await queries.change_reaction(
        tx,
        id=message.id,
        user_id=caller.id,
        emoji=emoji,
        added=added,
        window=WINDOW_SECONDS,
        patience=PATIENCE_SECONDS,
    )
    if not counted.is_awaited and not _told_later(message, counted):
        await _tell(tx, message_id=message.id)
    mine = [each for each in message.my_reactions if each != emoji] + [emoji] * added
    return Reactions(message_id=message.id, reactions=counted.reactions, my_reactions=mine)


def _told_later(message: Message, counted: Counted) -> bool:
    if not counted.is_recent:
        return False
    stream = conversation_stream(message.conversation_id)
    job = flush_job("reactions", stream, message_id=message.id)
    try:
        queues.send(
            settings().socket_queue_url,
            [job],
            delay_seconds=WINDOW_SECONDS,
            timeout=1,  # others wait for the stream's lock, and no longer than 3 s
        )
    except queues.QueueUnavailable as error:
        logger.warning("reaction_told_at_once", extra={"reason": str(error)})
        return False
    return True


async def _tell(tx: Transaction, *, message_id: UUID) -> None:
    told = await queries.take_pending_reactions(tx, id=message_id)
    if told is None:
        return
    reacted = Reacted.model_validate(
        {"message_id": message_id, "reactions": told.reactions, "changes": told.changes}
    )
    await record_event(
        tx,
        stream=conversation_stream(told.conversation_id),
        type="message.reacted",
        data=reacted.model_dump(mode="json"),
        audience=told.audience,
        now=clock.now(),
    )


def _answer(message: Message) -> Reactions:
    return Reactions(
        message_id=message.id, reactions=message.reactions, my_reactions=message.my_reactions
    )
