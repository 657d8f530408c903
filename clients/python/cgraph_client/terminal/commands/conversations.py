"""Commands about conversations: listing, opening, creating, muting, leaving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cgraph_client.core.errors import ApiError, NotFound
from cgraph_client.models.conversations import Conversation
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.conversation_view import HISTORY_LIMIT
from cgraph_client.terminal.formatting import format_time, truncate

MAX_HISTORY = 100
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


async def list_conversations(context: CommandContext, which: str) -> None:
    inbox = context.view.inbox
    if which not in ("", "unread", "muted"):
        raise UsageError("/list, /list unread, /list muted")
    if which:
        page = await context.client.conversations(
            unread=which == "unread", muted=True if which == "muted" else None
        )
        inbox.load(page.items)
    now = datetime.now(UTC)
    shown = 0
    for number, conversation in enumerate(inbox.list_conversations(), start=1):
        is_listed = {"unread": conversation.is_unread, "muted": conversation.is_muted(now)}
        if is_listed.get(which, True):
            context.screen.show(_conversation_line(context, number, conversation))
            shown += 1
    if not shown:
        empty = "No conversation yet: /new NAME begins one."
        context.screen.show(f"No conversation is {which}." if which else empty)


async def open_conversation(context: CommandContext, text: str) -> None:
    found = context.view.inbox.find(text)
    if found is not None:
        await context.view.open(found)
    elif not text or text.isdecimal():
        raise UsageError("Which one? /list shows their numbers.")
    else:
        await _open_unlisted(context, text)


async def _open_unlisted(context: CommandContext, text: str) -> None:
    """Opens a conversation that is not in the list by its id, or by the username of the other
    member."""
    try:
        await context.view.open(text)
    except ApiError as error:
        if not isinstance(error, NotFound) and error.status != 422:
            raise
        await context.view.create(text)


async def create_conversation(context: CommandContext, arguments: str) -> None:
    usernames = arguments.replace(",", " ").split()
    if not usernames:
        raise UsageError("With whom? /new NAME, or /new NAME NAME…")
    await context.view.create(*usernames)


async def open_notes(context: CommandContext, _: str) -> None:
    await context.view.create(context.view.inbox.me.username)


async def mark_unread(context: CommandContext, _: str) -> None:
    """Closes the conversation too, because an open one is read."""
    conversation_id = context.open_conversation()
    marker = await context.view.activity.mark_unread(conversation_id)
    context.view.inbox.timeline(conversation_id).apply_read_marker(marker)
    context.view.switch_to(None)
    context.screen.show("This conversation is marked as unread, and closed.")


async def set_history(context: CommandContext, which: str) -> None:
    history = {"all": "all", "joining": "from_joining"}.get(which)
    if history is None:
        raise UsageError("What do people see who are added later? /newcomers all|joining")
    await context.client.set_history(context.open_conversation(), history)


async def show_history(context: CommandContext, arguments: str) -> None:
    count = int(arguments) if arguments.isdecimal() else HISTORY_LIMIT
    limit = max(1, min(count, MAX_HISTORY))
    await context.view.open(context.open_conversation(), limit=limit)


async def mute(context: CommandContext, duration: str) -> None:
    if duration == "off":
        await context.client.unmute(context.open_conversation())
        context.screen.show("This conversation is no longer muted.")
        return
    until = _parse_end(duration)
    await context.client.mute(context.open_conversation(), until=until)
    end = "until /mute off" if until is None else f"until {format_time(until)}"
    context.screen.show(f"This conversation is muted {end}: only mentions of you are shown.")


async def rename(context: CommandContext, name: str) -> None:
    await context.client.rename(context.open_conversation(), name or None)


async def leave(context: CommandContext, _: str) -> None:
    await context.client.remove_member(context.open_conversation(), context.view.inbox.me.id)


def _conversation_line(context: CommandContext, number: int, conversation: Conversation) -> str:
    formatter = context.screen.formatter
    title = truncate(context.view.inbox.title(conversation.id), width=24)
    count = conversation.unread_count
    unread = formatter.bold(f"{count} unread  ") if count else ""
    if conversation.marked_unread and not count:
        unread = formatter.bold("marked unread  ")
    if conversation.mention_count:
        unread += formatter.bold(f"@{conversation.mention_count}  ")
    muted = formatter.dim("muted  ") if conversation.is_muted(datetime.now(UTC)) else ""
    last, message = "", conversation.last_message
    if message is not None:
        time = format_time(message.created_at)
        last = formatter.dim(f"{time}  {truncate(message.content, width=40)}")
    return f"{number:3}  {title:24}  {unread}{muted}{last}"


def _parse_end(duration: str) -> datetime | None:
    """Returns the end of a mute, None for no end. Raises UsageError."""
    if not duration:
        return None
    number, unit = duration[:-1], UNITS.get(duration[-1:])
    if unit is None or not number.isdecimal() or len(number) > 4:
        raise UsageError("For how long? /mute, /mute 30m, /mute 8h, /mute 7d, /mute off")
    return datetime.now(UTC) + timedelta(**{unit: int(number)})


COMMANDS = (
    Command(
        "/list",
        "[unread|muted]",
        "lists the conversations, the last active first",
        list_conversations,
    ),
    Command("/open", "N|NAME", "opens one: its number, its name or a username", open_conversation),
    Command("/new", "NAME…", "begins one, with several people a group", create_conversation),
    Command("/notes", "", "opens your notes, which only you see", open_notes),
    Command("/history", "[N]", "shows the last N messages again", show_history),
    Command("/unread", "", "marks the conversation as unread, and closes it", mark_unread),
    Command("/mute", "[8h|off]", "shows only messages that mention you", mute),
    Command("/rename", "NAME", "changes the name of a group", rename),
    Command(
        "/newcomers", "all|joining", "what people see who are added to a group later", set_history
    ),
    Command("/leave", "", "leaves a group", leave),
)
