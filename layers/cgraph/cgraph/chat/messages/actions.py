"""Messages: sending, showing, editing and deleting. `history` lists them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.errors import (
    ConversationNotFound,
    MessageDeleted,
    MessageNotFound,
    ReplyTargetNotFound,
)
from cgraph.chat.messages import queries
from cgraph.chat.messages.models import (
    ChangedMessageRow,
    LoggedChangeRow,
    Message,
    MessageAccess,
    MessageDraft,
    MessageEdit,
    MessageResult,
    SendMessageRow,
)
from cgraph.chat.messages.rules import (
    described,
    edited_attachments,
    require_content,
    require_delete_window,
    require_edit_window,
)
from cgraph.chat.messages.visibility import announce_to_members
from cgraph.chat.policies import ADMINS
from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import Refusal, StaleVersion
from cgraph.core.ids import UserId
from cgraph.core.markdown import Rendered, render
from cgraph.core.mentions import broadcast_mention
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.log import append_event
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream
from cgraph.media.uploads.actions import remove_objects_of
from cgraph.media.urls import fill
from cgraph.media.uses import rules as uses

REFUSALS: Mapping[str, type[Refusal]] = {
    "blocked": Blocked,
    "reply_target_not_found": ReplyTargetNotFound,
    **uses.REFUSALS,
}


async def send_message(tx: Transaction, *, caller: Caller, draft: MessageDraft) -> MessageResult:
    """Raises ValidationFailed, ConversationNotFound, Blocked, ReplyTargetNotFound, UploadNotFound,
    UploadNotReady, NonceConflict.
    """
    require_content(draft.content, draft.attachments)
    now = clock.now()
    request_hash = _request_hash(draft)
    try:
        row = await queries.send_message(
            tx,
            id=ids.uuid7(now),
            author=caller.id,
            policy=caller.policy,
            draft=draft,
            rendered=render(draft.content),
            request_hash=request_hash,
            now=now,
        )
    except AlreadyExists:
        return await _replay(tx, author=caller.id, draft=draft, request_hash=request_hash)
    if row.payload is None:
        return _replay_or_refuse(row, caller=caller, request_hash=request_hash)
    message = Message.model_validate(row.payload["message"])
    stream = conversation_stream(message.conversation_id)
    event = Event(stream, message.seq, "message.created", row.payload, now)
    announce_to_members(
        tx,
        event,
        audience=row.audience or [],
        limits=row.history_limits,
        ends_typing_of=caller.id,
    )
    return MessageResult(message, replayed=False)


async def access_message(
    tx: Transaction, *, id: UUID, caller: Caller, for_update: bool = False
) -> MessageAccess:
    """Raises MessageNotFound, also if the caller is not a member of its conversation;
    NotAllowed.
    """
    access = await queries.message_access(tx, id=id, reader=caller.id, for_update=for_update)
    context = _access_context(access, caller=caller)
    policies.require(caller.policy, context, not_found=MessageNotFound)
    assert access is not None, "or the policy had refused"
    return access


async def select_message_for_update(tx: Transaction, *, id: UUID, caller: Caller) -> MessageAccess:
    """Like `access_message`, and locks the stream of the conversation before it reads: the message
    does not change until the transaction ends. Raises MessageNotFound, NotAllowed.
    """
    return await access_message(tx, id=id, caller=caller, for_update=True)


async def show_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """With the URLs of its attachments. Raises MessageNotFound."""
    message = (await access_message(tx, id=id, caller=caller)).message
    if not message.attachments:
        return message
    return Message.model_validate_json(fill(message.model_dump_json()))


async def edit_message(
    tx: Transaction, *, caller: Caller, id: UUID, edit: MessageEdit
) -> MessageResult:
    """Keeps the version before, and gives earlier events the new content. Raises ValidationFailed,
    MessageNotFound, NotAllowed, MessageDeleted, StaleVersion, EditWindowOver, Blocked,
    UploadNotFound.
    """
    require_content(edit.content, edit.attachments)
    rendered = render(edit.content)
    while True:
        access = await access_message(tx, id=id, caller=caller)
        message, now = access.message, clock.now()
        if message.deleted_at is not None:
            raise MessageDeleted
        attachments = edited_attachments(message, edit)
        edited = (edit.version + 1, edit.content, attachments)
        if (message.version, message.content, described(message.attachments)) == edited:
            return MessageResult(message, replayed=True)
        if message.version != edit.version:
            raise StaleVersion(f"The message is at version {message.version}")
        require_edit_window(message, now=now)
        if access.is_blocked:
            raise Blocked
        row = await _edit(
            tx,
            access,
            caller=caller,
            edit=edit,
            rendered=rendered,
            attachments=attachments,
            now=now,
        )
        if row.payload is not None:
            changed = _announce_change(tx, row, type="message.updated", now=now)
            return MessageResult(with_own_reactions(changed, before=message), replayed=False)


async def delete_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Turns the message into a tombstone, which it returns, and erases the content from the log.
    Raises MessageNotFound, NotAllowed, DeleteWindowOver.
    """
    while True:
        access = await access_message(tx, id=id, caller=caller)
        now = clock.now()
        if access.message.deleted_at is not None:
            return access.message
        require_delete_window(access.message, role=access.role, now=now)
        row = await queries.delete_message(tx, access=access, caller=caller.id, now=now)
        if row.payload is not None:
            deleted = _announce_change(tx, row, type="message.deleted", now=now)
            remove_objects_of(tx, [each.id for each in access.message.attachments])
            return Message.model_validate(deleted)


async def record_change(
    tx: Transaction, changed: ChangedMessageRow, *, type: str, now: datetime, **data: object
) -> None:
    """Logs and announces an event with the whole message, and with `data`. The stream is locked."""
    stream = conversation_stream(UUID(changed.message["conversation_id"]))
    payload = {"message": changed.message, **data}
    event = await append_event(tx, stream=stream, type=type, data=payload, now=now)
    announce_to_members(tx, event, audience=changed.audience, limits=changed.history_limits)


def with_own_reactions(changed: Mapping[str, Any], *, before: Message) -> Message:
    """The changed message, as it is in the event, for the caller, whose own reactions are not."""
    return Message.model_validate({**changed, "my_reactions": before.my_reactions})


async def _edit(
    tx: Transaction,
    access: MessageAccess,
    *,
    caller: Caller,
    edit: MessageEdit,
    rendered: Rendered,
    attachments: list[dict[str, Any]],
    now: datetime,
) -> LoggedChangeRow:
    may_broadcast = access.role in ADMINS and not access.is_direct
    return await queries.edit_message(
        tx,
        access=access,
        editor=caller.id,
        content=edit.content,
        rendered=rendered,
        broadcast=broadcast_mention(rendered.mentions) if may_broadcast else None,
        attachments=attachments,
        now=now,
    )


def _announce_change(
    tx: Transaction, row: LoggedChangeRow, *, type: str, now: datetime
) -> dict[str, Any]:
    """Returns the message as it is in the event."""
    assert row.payload is not None and row.seq is not None, "the change was written"
    message: dict[str, Any] = row.payload["message"]
    stream = conversation_stream(UUID(message["conversation_id"]))
    event = Event(stream, row.seq, type, row.payload, now)
    announce_to_members(tx, event, audience=row.audience or [], limits=row.history_limits)
    return message


def _access_context(access: MessageAccess | None, *, caller: Caller) -> AccessContext | None:
    if access is None:
        return None
    is_author = access.message.author_id == caller.id
    return AccessContext(access.role, is_author=is_author, is_direct=access.is_direct)


def _request_hash(draft: MessageDraft) -> bytes:
    """Empty without a nonce: nobody asks for it then."""
    if draft.nonce is None:
        return b""
    return nonces.request_hash("send", draft.model_dump(mode="json", exclude={"nonce"}))


async def _replay(
    tx: Transaction, *, author: UserId, draft: MessageDraft, request_hash: bytes
) -> MessageResult:
    """Returns what a concurrent request with the same nonce has sent; it has committed while this
    one waited. Raises NonceConflict.
    """
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=author, nonce=draft.nonce)
    assert first is not None, "the transaction that used the nonce has committed"
    return _replayed(first, request_hash=request_hash)


def _replay_or_refuse(row: SendMessageRow, *, caller: Caller, request_hash: bytes) -> MessageResult:
    """Returns what the first request with the nonce has sent. Raises NonceConflict,
    ConversationNotFound, Blocked, ReplyTargetNotFound, UploadNotFound, UploadNotReady.
    """
    if row.first_hash is not None and row.first_payload is not None:
        first = nonces.FirstResult(row.first_hash, row.first_payload)
        return _replayed(first, request_hash=request_hash)
    context = AccessContext(row.role) if row.role else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row.refusal is not None, "something was written"
    raise REFUSALS[row.refusal]


def _replayed(first: nonces.FirstResult, *, request_hash: bytes) -> MessageResult:
    """Raises NonceConflict."""
    payload = nonces.replay(first, request_hash=request_hash)
    return MessageResult(Message.model_validate(payload["message"]), replayed=True)
