"""Commands about the user's own account: presence, the avatar and sessions."""

from __future__ import annotations

import asyncio

from cgraph_client.core.errors import CGraphError
from cgraph_client.models.credentials import ActiveSession
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.commands.files import path_and_rest
from cgraph_client.terminal.formatting import format_time, sanitize, truncate


async def set_away(context: CommandContext, _: str) -> None:
    context.connection.set_presence("away")


async def set_online(context: CommandContext, _: str) -> None:
    context.connection.set_presence("online")


async def change_avatar(context: CommandContext, arguments: str) -> None:
    if arguments == "none":
        await context.client.remove_avatar()
        context.screen.show("You have no avatar any more.")
        return
    path, _ = path_and_rest(arguments)
    if not await asyncio.to_thread(path.is_file):
        raise UsageError("/avatar FILE, /avatar none")
    try:
        upload = await context.client.uploads.upload(path, purpose="avatar")
        await context.client.change_me(avatar=upload.id)
    except (CGraphError, OSError, TimeoutError) as error:
        raise UsageError(f"Your avatar is as before: {sanitize(str(error))}") from error
    context.screen.show("Everybody sees your new avatar.")


async def set_status(context: CommandContext, text: str) -> None:
    try:
        await context.client.set_status(text or None)
    except CGraphError as error:
        raise UsageError(f"Your status is as before: {sanitize(str(error))}") from error
    context.screen.show("Everybody sees your new status." if text else "You have no status now.")


async def change_username(context: CommandContext, name: str) -> None:
    if not name:
        raise UsageError("/username NAME")
    try:
        user = await context.client.change_me(username=name)
    except CGraphError as error:
        raise UsageError(f"Your username is as before: {sanitize(str(error))}") from error
    context.screen.show(
        f"You are @{user.username} now. Your former name reaches you for 90 days more."
    )


async def manage_sessions(context: CommandContext, arguments: str) -> None:
    verb, _, number = arguments.partition(" ")
    sessions = (await context.client.sessions()).items
    if not arguments:
        for index, session in enumerate(sessions, start=1):
            context.screen.show(_session_line(index, session))
    elif arguments == "end others":
        await context.client.revoke_sessions()
        context.screen.show("All other sessions have ended.")
    elif verb == "end" and number.isdecimal() and 0 < int(number) <= len(sessions):
        await context.client.revoke_session(sessions[int(number) - 1].id)
        context.screen.show("The session has ended.")
    else:
        raise UsageError("/sessions, /sessions end N, /sessions end others")


def _session_line(index: int, session: ActiveSession) -> str:
    used_at = format_time(session.last_used_at) if session.last_used_at else ""
    device = truncate(session.device or "unknown device", width=40)
    mark = "  (this one)" if session.current else ""
    return f"{index:3}  {used_at:16}  {device}{mark}"


COMMANDS = (
    Command("/away", "", "shows you as away to others; /back ends it", set_away),
    Command("/back", "", "", set_online),
    Command("/avatar", "FILE", "changes your avatar; /avatar none removes it", change_avatar),
    Command("/status", "[TEXT]", "says what you are doing; without a text, removes it", set_status),
    Command("/username", "NAME", "changes your username", change_username),
    Command(
        "/sessions",
        "[end N]",
        "lists your sessions; ends one, or all others: end others",
        manage_sessions,
    ),
)
