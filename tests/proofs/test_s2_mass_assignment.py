"""S2: every write is sent what only the system may say: it is ignored or refused, never kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cgraph.chat.policies import ConversationRole
from tests.conftest import Report, Size
from tests.person import Document
from tests.proofs.cast import ROLES, Cast, Persona, gathered, in_turn
from tests.proofs.declared import declared, expected
from tests.proofs.recipes import RECIPES, Recipe
from tests.proofs.scenes import Stage, Things, put_back
from tests.system import LocalSystem, System

TEXT = "5e17ed-by-the-client"
ID = "5e175e17-5e17-7e17-8e17-5e175e175e17"
NUMBER = 519_551_955_195
TIME = "1955-05-19T19:55:19.551Z"
MARKS = (TEXT, ID, str(NUMBER), "1955-05-19")
"""As they would be found again."""

PRIVILEGED: Mapping[str, Any] = {
    "id": ID,
    "user_id": ID,
    "author_id": ID,
    "session_id": ID,
    "created_by": ID,
    "pinned_by": ID,
    "last_message_id": ID,
    "stream_id": ID,
    "mentions": [ID],
    "attachments": [{"id": ID}],
    "quoted": {"id": ID, "author_id": ID, "content": TEXT, "deleted": False},
    "seq": NUMBER,
    "ordinal": NUMBER,
    "version": NUMBER,
    "head": NUMBER,
    "reply_count": NUMBER,
    "member_count": NUMBER,
    "message_count": NUMBER,
    "last_read_seq": NUMBER,
    "read_count": NUMBER,
    "unread_count": NUMBER,
    "reactions": {TEXT: NUMBER},
    "my_reactions": [TEXT],
    "created_at": TIME,
    "edited_at": TIME,
    "deleted_at": TIME,
    "pinned_at": TIME,
    "active_at": TIME,
    "joined_at": TIME,
    "expires_at": TIME,
    "ended_at": TIME,
    "password_hash": TEXT,
    "access_hash": TEXT,
    "totp_secret": TEXT,
    "backup_codes": [TEXT],
    "device": TEXT,
    "role": "owner",
    "owner": True,
    "is_admin": True,
    "large": True,
    "forum_id": ID,
    "post_id": ID,
    "accepted_comment_id": ID,
    "claimed_by": ID,
    "moved_from": [ID],
    "path": [ID],
    "body_html": f"<p>{TEXT}</p>",
    "score": NUMBER,
    "ups": NUMBER,
    "downs": NUMBER,
    "hot": NUMBER,
    "karma": NUMBER,
    "priority": NUMBER,
    "comment_count": NUMBER,
    "post_count": NUMBER,
    "removed_at": TIME,
    "locked_at": TIME,
    "banned_until": TIME,
    "shadowed": True,
    "totp": True,
    "totp_active": True,
}
LEAST_FIRST = (Persona.MEMBER, Persona.AUTHOR, Persona.ADMIN, Persona.OWNER)
PUBLIC_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Write:
    """`by`: the one with the least rights of those who may."""

    name: str
    recipe: Recipe
    by: Persona
    privileged: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def test_what_only_the_system_says_is_never_kept(
    system: System, size: Size, report: Report
) -> None:
    some = writes()
    one_by_one = bool(size(0, 1))
    async with gathered(system, LEAST_FIRST) as cast:
        stage = await Stage.make(cast, LEAST_FIRST)
        tally = await send_all(stage, some, one_by_one=one_by_one)
        tally.wrong += await shown(stage)
    if isinstance(system, LocalSystem):
        tally.wrong += stored(system, stage)
    report(
        "S2 mass assignment",
        writes=len(some),
        fields=len(PRIVILEGED),
        requests=tally.outcomes.total(),
        **tally.outcomes,
        kept=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong)
    assert len(PRIVILEGED) >= 30


def writes() -> list[Write]:
    asked = declared()
    found = []
    for name, recipe in RECIPES.items():
        if recipe.about or recipe.ask.startswith("GET ") or name not in asked:
            continue
        who = [p for p in LEAST_FIRST if expected(name, recipe, asked[name].policy, p) is None]
        left = tuple(each for each in PRIVILEGED if each not in asked[name].fields)
        found.append(Write(name, recipe, who[0], left))
    return found


async def send_all(stage: Stage, some: Sequence[Write], *, one_by_one: bool) -> Tally:
    """All the fields at once, and then one by one."""
    tally = Tally()

    async def one_after_the_other(persona: Persona) -> list[str]:
        for write in some:
            if write.by is persona:
                await send(stage, write, write.privileged, tally)
                for name in write.privileged if one_by_one else ():
                    await send(stage, write, (name,), tally)
        return tally.wrong

    await in_turn(LEAST_FIRST, one_after_the_other)
    return tally


async def send(stage: Stage, write: Write, names: Sequence[str], tally: Tally) -> None:
    """In the body, and in the address too."""
    actor = stage.cast[write.by]
    if write.recipe.alone:
        actor = await actor.with_session_of_its_own()
    things = Things(stage, actor, fresh=True)
    ask, body = await things.fill(write.recipe.ask), await things.fill(write.recipe.body)
    added = {name: PRIVILEGED[name] for name in names}
    if write.recipe.action is None:
        ask += "?" + "&".join(f"{name}={added[name]}" for name in names)
    answer = await actor.call(ask, {**added, **(body or {})})
    outcome = "ignored" if answer.refusal is None else f"{answer.status} {answer.code}"
    tally.outcomes[outcome] += 1
    if outcome not in ("ignored", "422 unknown_field"):
        tally.wrong.append(f"{write.name} with {', '.join(names)}: {outcome}")
    if answer.refusal is None and (told := marks_in(answer.text)):
        tally.wrong.append(f"{write.name} answers {', '.join(told)}")
    if answer.refusal is None:
        await put_back(write.name, things, answer)


async def shown(stage: Stage) -> list[str]:
    """What the API shows of it afterwards."""
    owner = stage.owner
    conversation = await owner.get(f"/conversations/{stage.group}")
    history = await owner.history(stage.group)
    wrong = [f"read back: {mark}" for mark in marks_in(str([conversation, *history]))]
    roles = {member["id"]: member["role"] for member in conversation["members"]}
    for persona in LEAST_FIRST:
        person = stage.cast[persona].person
        me = await person.get("/me")
        wrong += [f"/me of {persona}: {mark}" for mark in marks_in(str(me))]
        if roles[person.id] != ROLES[persona]:
            wrong.append(f"the {persona} has become {roles[person.id]}")
        if me["totp"]:
            wrong.append(f"the {persona} has a second factor")
    return wrong + _owners(stage.cast, conversation)


def stored(system: LocalSystem, stage: Stage) -> list[str]:
    """What the tables have."""
    wrong = marked_tables(system)
    large = f"SELECT count(*) FROM conversation_members WHERE conversation_id = '{stage.group}'"
    if system.count(f"{large} AND large"):
        wrong.append("the group was said to be large")
    return wrong


def marked_tables(system: LocalSystem) -> list[str]:
    wrong = []
    for (table,) in system.query(PUBLIC_TABLES):
        for mark in MARKS:
            sql = f"SELECT count(*) FROM {table} WHERE strpos({table}::text, '{mark}') > 0"
            if rows := system.count(sql):
                wrong.append(f"{table} has {mark} in {rows} rows")
    return wrong


def marks_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def _owners(cast: Cast, conversation: Document) -> list[str]:
    owners = {
        each["id"] for each in conversation["members"] if each["role"] == ConversationRole.OWNER
    }
    right = {cast[Persona.OWNER].person.id}
    return [] if owners == right else [f"the owners are {owners}"]
