"""Notifications, and how much of a conversation the user wants to hear."""

from __future__ import annotations

from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import format_time
from cgraph_client.terminal.notification_text import describe_notification

SHOWN = 20
LEVELS = ("everything", "mentions", "nothing")


async def notifications(context: CommandContext, which: str) -> None:
    if which not in ("", "all", "mentions", "read"):
        raise UsageError("/notifications, /notifications all, mentions or read")
    client, screen = context.client.notifications, context.screen
    page = await client.list(unread=which != "all", mentions=which == "mentions", limit=SHOWN)
    if which == "read":
        if page.items:
            await client.mark_read(up_to=page.items[0].id)
        screen.show("You have read all notifications.")
        return
    for item in page.items:
        time = format_time(item.updated_at) if item.updated_at else ""
        line = f"  {screen.formatter.dim(time)}  {describe_notification(item)}"
        screen.show(line if item.read else screen.formatter.bold("*") + line[1:])
    if not page.items:
        screen.show("Nothing new.")
    elif page.next is not None:
        screen.show("(and more)")
    badge = await client.mark_seen(up_to=page.items[0].id if page.items else None)
    context.view.status_line.set_badge(badge)


async def set_level(context: CommandContext, level: str) -> None:
    if level not in LEVELS:
        raise UsageError(f"How much of this conversation? /notify {', '.join(LEVELS)}")
    conversation = context.open_conversation()
    await context.client.notifications.follow("conversation", conversation, level=level)
    context.screen.show(f"You are notified of {level} here.")


COMMANDS = (
    Command(
        "/notifications",
        "[all|mentions|read]",
        "shows what is new for you; read marks all as read",
        notifications,
    ),
    Command("/notify", "LEVEL", "everything, mentions or nothing of this conversation", set_level),
)
