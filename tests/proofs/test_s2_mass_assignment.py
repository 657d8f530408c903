"""S2: every write is called with fields that only the system may set: it is refused, and stores
none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import Report, Size
from tests.proofs.cast import Cast
from tests.proofs.conversation_scene import ConversationScene
from tests.proofs.expectations import declared_functions, expected_refusal, function_of
from tests.proofs.personas import LEAST_RIGHTS_FIRST, Persona
from tests.proofs.route_cases import RouteCase
from tests.proofs.scenes import INPUT_KINDS, Scene, SceneKind
from tests.system import LocalSystem, System

TEXT = "5e17ed-by-the-client"
ID = "5e175e17-5e17-7e17-8e17-5e175e175e17"
NUMBER = 519_551_955_195
TIME = "1955-05-19T19:55:19.551Z"
MARKS = (TEXT, ID, str(NUMBER), "1955-05-19")
"""As they would be found in a response or a table."""

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
    "mentions_everyone": TEXT,
    "attachments": [{"id": ID}],
    "previews": [{"url": TEXT, "title": TEXT}],
    "avatar": ID,
    "icon": ID,
    "banner": ID,
    "picture": {"id": ID, "path": TEXT},
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
    "content_html": f"<p>{TEXT}</p>",
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
    "withheld": "approval",
    "ready_at": TIME,
    "claimed_until": TIME,
    "stored_bytes": NUMBER,
    "objects": [{"name": TEXT}],
    "multipart_id": TEXT,
    "placeholder": TEXT,
    "plan": TEXT,
    "totp": True,
    "totp_active": True,
    "email_verified_at": TIME,
    "approved_at": TIME,
    "hash": TEXT,
    "sign_count": NUMBER,
    "credential_id": TEXT,
    "used_by": ID,
}
PUBLIC_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
"""


ONCE = {"withdraw_membership_request"}
"""Who has withdrawn a request may ask again after days only."""


@dataclass(frozen=True, slots=True)
class Write:
    """`persona`: the one with the least rights of those who may."""

    name: str
    case: RouteCase
    persona: Persona
    privileged: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def test_no_write_stores_a_field_that_only_the_system_may_set(
    system: System, cast: Cast, kind: SceneKind, size: Size, report: Report
) -> None:
    """All fields at once; with `--full` also one by one."""
    writes, tally = writes_of(kind), Tally()
    async with cast.acting(kind.personas) as personas:
        if isinstance(system, LocalSystem):  # each field is an upload more
            system.query(
                "INSERT INTO upload_plans SELECT id, 'large' FROM users ON CONFLICT DO NOTHING"
            )
        scene = await cast.scene(kind, personas)
        before = await scene.roles()
        for write in writes:
            await send(scene, write, write.privileged, tally)
            one_by_one = size(False, True) and write.name not in ONCE
            for name in write.privileged if one_by_one else ():
                await send(scene, write, (name,), tally)
        if (after := await scene.roles()) != before:
            tally.wrong.append(f"roles from {before} to {after}")
        tally.wrong += await changed_responses(scene)
    if isinstance(system, LocalSystem):
        tally.wrong += marked_tables(system)
        if isinstance(scene, ConversationScene):
            tally.wrong += large_groups(system, scene)
    report(
        f"S2 mass assignment in {kind.title}",
        writes=len(writes),
        fields=len(PRIVILEGED),
        requests=tally.outcomes.total(),
        **tally.outcomes,
        kept=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong)
    assert len(PRIVILEGED) >= 30


def writes_of(kind: SceneKind) -> list[Write]:
    declared, writes = declared_functions(), []
    for name, case in kind.cases.items():
        function = declared[function_of(name)]
        if case.target or case.is_read:
            continue
        allowed = [
            persona
            for persona in LEAST_RIGHTS_FIRST
            if expected_refusal(name, case, function.policy, kind=kind, persona=persona) is None
        ]
        privileged = tuple(each for each in PRIVILEGED if each not in function.fields)
        if allowed:  # otherwise nobody may in such a scene
            writes.append(Write(name, case, allowed[0], privileged))
    return sorted(writes, key=lambda write: write.case.moves_caller)


def test_each_write_succeeds_in_one_of_the_scenes() -> None:
    written = {write.name for kind in INPUT_KINDS for write in writes_of(kind)}
    writes = {
        name
        for kind in INPUT_KINDS
        for name, case in kind.cases.items()
        if not (case.target or case.is_read)
    }
    assert written == writes


async def send(scene: Scene, write: Write, names: Sequence[str], tally: Tally) -> None:
    """In the body and in the query: refused, and it is the same write that succeeds without."""
    actor = scene.personas[write.persona]
    if write.case.own_session:
        actor = await actor.with_own_session()
    placeholders = scene.placeholders(actor, fresh=True)
    operation = await placeholders.fill(write.case.operation)
    body = await placeholders.fill(write.case.body)
    added = {name: PRIVILEGED[name] for name in names}
    query = "?" + "&".join(f"{name}={added[name]}" for name in names)
    with_fields = operation if write.case.action else operation + query
    refused = await actor.call(with_fields, {**added, **(body or {})})
    tally.outcomes[f"{refused.status} {refused.code}"] += 1
    if (refused.status, refused.code) != (422, "unknown_field"):
        tally.wrong.append(f"{write.name} with {', '.join(names)}: {refused.status}")
    response = await actor.call(operation, body)
    if response.refusal is not None:
        tally.wrong.append(f"{write.name} without them: {response.status} {response.code}")
    else:
        tally.wrong += [
            f"the response of {write.name} has {mark}" for mark in marks_in(response.text)
        ]
        await placeholders.restore(write.name, response)


async def changed_responses(scene: Scene) -> list[str]:
    """What the API shows afterwards of what was sent."""
    wrong = [f"a response has {mark}" for mark in marks_in(str(await scene.snapshot()))]
    for actor in scene.personas.present(*LEAST_RIGHTS_FIRST):
        me = await actor.person.get("/me")
        wrong += [f"/me of the {actor.persona} has {mark}" for mark in marks_in(str(me))]
        if me["totp"]:
            wrong.append(f"the {actor.persona} has a second factor")
    return wrong


def large_groups(system: LocalSystem, scene: ConversationScene) -> list[str]:
    large = f"SELECT count(*) FROM conversation_members WHERE conversation_id = '{scene.group}'"
    return ["the group is stored as large"] if system.count(f"{large} AND large") else []


def marked_tables(system: LocalSystem) -> list[str]:
    counts = ", ".join(f"count(*) FILTER (WHERE strpos(row, '{mark}') > 0)" for mark in MARKS)
    wrong = []
    for (table,) in system.query(PUBLIC_TABLES):
        (found,) = system.query(f"SELECT {counts} FROM (SELECT t::text AS row FROM {table} t) r")
        for mark, rows in zip(MARKS, found, strict=True):
            if rows:
                wrong.append(f"{table} has {mark} in {rows} rows")
    return wrong


def marks_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]
