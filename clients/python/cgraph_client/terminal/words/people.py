"""Words about people: who is in the open conversation, and whom one does not want to hear of."""

from __future__ import annotations

from cgraph_client.models import Member
from cgraph_client.terminal.paint import harmless
from cgraph_client.terminal.words.word import Desk, Misspoken, Word

ROLES = ("member", "admin", "owner")


async def list_members(desk: Desk, _: str) -> None:
    talk = desk.room.inbox.talk(desk.where())
    for member in talk.members:
        status = desk.room.aside.status_of(member.id)
        about = [member.role if talk.kind == "group" else "", status]
        said = ", ".join(filter(None, about))
        desk.screen.show(
            f"  {harmless(member.username):24}  {desk.screen.paint.dim(said)}".rstrip()
        )
    if talk.member_count > len(talk.members):
        desk.screen.show(f"  and {talk.member_count - len(talk.members)} more")
    if seen := desk.room.aside.seen():
        desk.screen.show(desk.screen.paint.dim(f"  (your last message: {seen})"))


async def add(desk: Desk, rest: str) -> None:
    for name in _names(rest, "Whom? /add NAME…"):
        user = await desk.client.user(name)
        await desk.client.add_member(desk.where(), user.id)


async def remove(desk: Desk, rest: str) -> None:
    for name in _names(rest, "Whom? /remove NAME…"):
        await desk.client.remove_member(desk.where(), _member(desk, name).id)


async def give_role(desk: Desk, rest: str) -> None:
    name, _, role = rest.partition(" ")
    if role.strip() not in ROLES:
        raise Misspoken(f"Who is to be what? /role NAME {'|'.join(ROLES)}")
    await desk.client.give_role(desk.where(), _member(desk, name).id, role.strip())


async def block(desk: Desk, rest: str) -> None:
    for name in _names(rest, "Whom? /block NAME"):
        await desk.client.block((await desk.client.user(name)).id)
        desk.screen.show(f"{harmless(name)} can no longer write to you alone or mention you.")


async def unblock(desk: Desk, rest: str) -> None:
    for name in _names(rest, "Whom? /unblock NAME"):
        await desk.client.unblock((await desk.client.user(name)).id)
        desk.screen.show(f"{harmless(name)} may write to you again.")


async def list_blocks(desk: Desk, _: str) -> None:
    blocked = (await desk.client.blocks()).items
    for user in blocked:
        desk.screen.show(f"  {harmless(user.username)}")
    if not blocked:
        desk.screen.show("You block nobody.")


def _names(rest: str, hint: str) -> list[str]:
    """Raises Misspoken."""
    names = [name.removeprefix("@") for name in rest.replace(",", " ").split()]
    if not names:
        raise Misspoken(hint)
    return names


def _member(desk: Desk, name: str) -> Member:
    """Raises Misspoken."""
    member = desk.room.inbox.member(desk.where(), name)
    if member is None:
        raise Misspoken("Nobody here has that name; /members lists them.")
    return member


WORDS = (
    Word("/members", "", "who is in the conversation, and who is here just now", list_members),
    Word("/add", "NAME…", "adds people to a group", add),
    Word("/remove", "NAME…", "removes people from a group", remove),
    Word("/role", "NAME ROLE", "makes somebody member, admin or owner", give_role),
    Word("/block", "NAME", "no direct messages, no mentions; /unblock NAME, /blocks", block),
    Word("/unblock", "NAME", "", unblock),
    Word("/blocks", "", "", list_blocks),
)
