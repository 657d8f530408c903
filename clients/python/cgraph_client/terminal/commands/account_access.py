"""Commands about the address and the password of the user, and invitations of others."""

from __future__ import annotations

from cgraph_client.terminal.commands.command import Command, CommandContext
from cgraph_client.terminal.formatting import sanitize


async def verify(context: CommandContext, code: str) -> None:
    if not code:
        await context.client.send_verification()
        context.screen.show("A mail with a code is on its way: /verify CODE")
        return
    await context.client.verify_email(code)
    context.screen.show("Your e-mail address is verified.")


async def reset_password(context: CommandContext, _: str) -> None:
    """A password that was typed into a chat would stay on the screen."""
    me = await context.client.me()
    await context.client.forgot_password(me.username)
    context.screen.show("A mail with a link is on its way: choose a new password there.")


async def invite(context: CommandContext, note: str) -> None:
    invitation = await context.client.create_invitation(note=note)
    context.screen.show(f"It admits one new account: {sanitize(invitation.invitation or '')}")


COMMANDS = (
    Command(
        "/verify", "[CODE]", "sends you a mail with a code; then verifies your address", verify
    ),
    Command("/password", "", "sends you a mail with a link for a new password", reset_password),
    Command("/invite", "[NOTE]", "shows an invitation for one new account", invite),
)
