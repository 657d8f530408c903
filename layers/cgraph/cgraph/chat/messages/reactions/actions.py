"""Reactions: counted at once, published in batches.

A message has at most one `message.reacted` in `WINDOW_SECONDS`. Changes within the window are
stored in Postgres, and the first of them schedules a job that publishes all of them. The job is
sent before the commit, under the stream's lock: if the commit fails, the job finds nothing to
publish; if it succeeds, the job, which takes the same lock, cannot run too early.
"""

from datetime import UTC, datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.errors import MessageDeleted, TooManyReactions
from cgraph.chat.messages.actions import access_message, select_message_for_update
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.reactions import queries
from cgraph.chat.messages.reactions.emoji import fully_qualified
from cgraph.chat.messages.reactions.models import ReactedRow, Reactions
from cgraph.chat.messages.visibility import announce_to_members
from cgraph.core import clock, queues
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.log import logger
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.core.settings import settings
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream
from cgraph.media.public_urls import fill_public
from cgraph.realtime.coalescing import flush_job

REACTIONS_AT_MOST = 20
"""Different reactions on one message."""

BEGINNING_OF_TIME = datetime(1, 1, 2, tzinfo=UTC)
"""Before every reaction, for the first page of a list."""

WINDOW_SECONDS = 2
JOB_TIMEOUT_SECONDS = 10
"""A job that has not run by then counts as lost: the next change publishes instead."""


async def add_reaction(tx: Transaction, *, caller: Caller, id: UUID, emoji: str) -> Reactions:
    """`emoji` in any of its forms. Raises NotAnEmoji, MessageNotFound, MessageDeleted, Blocked,
    TooManyReactions.
    """
    emoji = fully_qualified(emoji)
    access = await select_message_for_update(tx, id=id, caller=caller)
    message = access.message
    if message.deleted_at is not None:
        raise MessageDeleted
    if emoji in message.my_reactions:
        return _reactions_of(message)
    if access.is_blocked:
        raise Blocked
    if emoji not in message.reactions and len(message.reactions) >= REACTIONS_AT_MOST:
        raise TooManyReactions(f"A message has at most {REACTIONS_AT_MOST} different reactions")
    return await _change_reaction(tx, message, caller=caller, emoji=emoji, added=True)


async def remove_reaction(tx: Transaction, *, caller: Caller, id: UUID, emoji: str) -> Reactions:
    """`emoji` in any of its forms. Raises NotAnEmoji, MessageNotFound, Blocked."""
    emoji = fully_qualified(emoji)
    access = await select_message_for_update(tx, id=id, caller=caller)
    message = access.message
    if emoji not in message.my_reactions:
        return _reactions_of(message)
    if access.is_blocked:
        raise Blocked
    return await _change_reaction(tx, message, caller=caller, emoji=emoji, added=False)


async def list_reactions(
    tx: Transaction, *, caller: Caller, id: UUID, emoji: str, cursor: str | None, limit: int
) -> str:
    """Returns a page of Reaction as JSON, oldest first; `emoji` in any of its forms. Raises
    NotAnEmoji, MessageNotFound, InvalidCursor.
    """
    emoji = fully_qualified(emoji)
    await access_message(tx, id=id, caller=caller)
    scope = f"reactions:{id}:{emoji}"
    after = BEGINNING_OF_TIME, FIRST_ID
    if cursor is not None:
        after = tuple(decode_cursor(scope, cursor, datetime, UUID))
    rows = await queries.list_reactions(tx, id=id, emoji=emoji, after=after, limit=limit + 1)
    return fill_public(
        page_json(
            rows, limit=limit, scope=scope, position=lambda row: (row.created_at, row.user_id)
        )
    )


async def publish_reactions(tx: Transaction, *, message_id: UUID) -> None:
    """Publishes the stored changes of a message, if there are any."""
    await queries.lock_stream(tx, id=message_id)
    await _publish(tx, message_id=message_id)


async def _change_reaction(
    tx: Transaction, message: Message, *, caller: Caller, emoji: str, added: bool
) -> Reactions:
    now = clock.now()
    row = await queries.change_reaction(
        tx,
        id=message.id,
        user_id=caller.id,
        emoji=emoji,
        added=added,
        window=WINDOW_SECONDS,
        job_timeout=JOB_TIMEOUT_SECONDS,
        now=now,
    )
    _announce(tx, row, now=now)
    if row.must_schedule and not _schedule(message):
        await _publish(tx, message_id=message.id)
    own = [each for each in message.my_reactions if each != emoji] + [emoji] * added
    return Reactions(message_id=message.id, reactions=row.reactions, my_reactions=own)


def _schedule(message: Message) -> bool:
    """Sends the job that publishes the stored changes. Returns False if SQS is unavailable."""
    stream = conversation_stream(message.conversation_id)
    job = flush_job("reactions", stream, message_id=message.id)
    try:
        queues.send(
            settings().socket_queue_url,
            [job],
            delay_seconds=WINDOW_SECONDS,
            timeout=1,  # other requests wait for the stream's lock, at most 3 s
        )
    except queues.QueueUnavailable as error:
        logger.warning("reaction_job_failed", extra={"reason": str(error)})
        return False
    return True


async def _publish(tx: Transaction, *, message_id: UUID) -> None:
    """The stream is locked."""
    now = clock.now()
    _announce(tx, await queries.publish_reactions(tx, id=message_id, now=now), now=now)


def _announce(tx: Transaction, row: ReactedRow, *, now: datetime) -> None:
    """Does nothing without an event."""
    if row.conversation_id is None or row.payload is None or row.seq is None:
        return
    stream = conversation_stream(row.conversation_id)
    event = Event(stream, row.seq, "message.reacted", row.payload, now)
    announce_to_members(tx, event, audience=row.audience or [], limits=row.history_limits)


def _reactions_of(message: Message) -> Reactions:
    return Reactions(
        message_id=message.id, reactions=message.reactions, my_reactions=message.my_reactions
    )
