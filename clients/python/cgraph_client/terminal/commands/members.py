"""Commands about people: members of the open conversation, and blocks."""

from __future__ import annotations

from cgraph_client.models.conversations import Member
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import sanitize

MEMBERS_LIMIT = 100
ROLES = ("member", "admin", "owner")


async def list_members(context: CommandContext, _: str) -> None:
    screen, view = context.screen, context.view
    conversation = view.inbox.conversation(context.open_conversation())
    page = await context.client.members(conversation.id, limit=MEMBERS_LIMIT)
    for member in page.items:
        role = member.role if conversation.kind == "group" else ""
        details = ", ".join(filter(None, [role, view.status_line.status_of(member.id)]))
        line = f"  {sanitize(member.username):24}  {screen.formatter.dim(details)}"
        screen.show(line.rstrip())
    if conversation.member_count > len(page.items):
        screen.show(f"  and {conversation.member_count - len(page.items)} more")
    if seen := view.status_line.seen_text():
        screen.show(screen.formatter.dim(f"  (your last message: {seen})"))


async def add(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /add NAME…"):
        user = await context.client.user(username)
        await context.client.add_member(context.open_conversation(), user.id)


async def remove(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /remove NAME…"):
        member = _find_member(context, username)
        await context.client.remove_member(context.open_conversation(), member.id)


async def set_role(context: CommandContext, arguments: str) -> None:
    username, _, role = arguments.partition(" ")
    if role.strip() not in ROLES:
        raise UsageError(f"Whose role, and which? /role NAME {'|'.join(ROLES)}")
    member = _find_member(context, username)
    await context.client.set_role(context.open_conversation(), member.id, role.strip())


async def block(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /block NAME"):
        await context.client.block((await context.client.user(username)).id)
        name = sanitize(username)
        context.screen.show(f"{name} can no longer send you direct messages or mention you.")


async def unblock(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /unblock NAME"):
        await context.client.unblock((await context.client.user(username)).id)
        context.screen.show(f"{sanitize(username)} can send you messages again.")


async def add_contact(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /contact NAME"):
        state = await context.client.put_contact((await context.client.user(username)).id)
        name = sanitize(username)
        is_mutual = state == "contact"
        context.screen.show(f"{name} is your contact." if is_mutual else f"{name} is asked.")


async def remove_contact(context: CommandContext, arguments: str) -> None:
    for username in _parse_usernames(arguments, usage="Whom? /uncontact NAME"):
        await context.client.remove_contact((await context.client.user(username)).id)
        context.screen.show(f"{sanitize(username)} is no contact of yours.")


async def list_contacts(context: CommandContext, _: str) -> None:
    shown = False
    for state, note in (("contact", ""), ("received", "  asks you"), ("requested", "  is asked")):
        for contact in (await context.client.contacts(state=state)).items:
            context.screen.show(f"  {sanitize(contact.user.username)}{note}")
            shown = True
    if not shown:
        context.screen.show("You have no contacts; /contact NAME asks somebody.")


async def list_blocks(context: CommandContext, _: str) -> None:
    blocked = (await context.client.blocks()).items
    for user in blocked:
        context.screen.show(f"  {sanitize(user.username)}")
    if not blocked:
        context.screen.show("You have not blocked anybody.")


def _parse_usernames(arguments: str, *, usage: str) -> list[str]:
    """Raises UsageError where there are none."""
    usernames = [name.removeprefix("@") for name in arguments.replace(",", " ").split()]
    if not usernames:
        raise UsageError(usage)
    return usernames


def _find_member(context: CommandContext, username: str) -> Member:
    """Raises UsageError where the conversation has no such member."""
    member = context.view.inbox.member(context.open_conversation(), username)
    if member is None:
        raise UsageError("No member has that name; /members lists them.")
    return member


COMMANDS = (
    Command("/members", "", "lists the members, and who is present", list_members),
    Command("/add", "NAME…", "adds people to a group", add),
    Command("/remove", "NAME…", "removes people from a group", remove),
    Command("/role", "NAME ROLE", "makes somebody member, admin or owner", set_role),
    Command("/contact", "NAME", "asks, or accepts; /uncontact NAME, /contacts", add_contact),
    Command("/uncontact", "NAME", "", remove_contact),
    Command("/contacts", "", "", list_contacts),
    Command("/block", "NAME", "no direct messages, no mentions; /unblock NAME, /blocks", block),
    Command("/unblock", "NAME", "", unblock),
    Command("/blocks", "", "", list_blocks),
)
