"""A forum with a moderator, for tests of what moderators do in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from cgraph.core import ids
from cgraph_local.api_documents.frames import EVENTS
from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class ModeratedForum:
    """A forum of three people, to which tests add posts and comments."""

    world: World
    id: UUID
    slug: str
    owner: Person
    moderator: Person
    member: Person

    async def call(
        self, person: Person, function: str, body: object = None, **options: Any
    ) -> Answer:
        """An endpoint whose path has the forum's slug."""
        return await person.call(function, body, slug=self.slug, **options)

    async def post(
        self, author: Person, *, title: str = "A title", withheld: str | None = None
    ) -> str:
        """Returns the id of a new post, which no event announces."""
        id = ids.uuid7()
        await self.world.sql(
            """
            SELECT write_post(%s, %s, %s, 'text', %s, 'The body', '<p>The body</p>', NULL, '{}',
                              NULL, NULL, NULL, %s, now())
            """,
            id,
            self.id,
            author.id,
            title,
            withheld,
        )
        return str(id)

    async def comment(self, author: Person, *, under: str) -> str:
        """Returns the id of a new comment under a post, which no event announces."""
        id = ids.uuid7()
        await self.world.sql(
            "SELECT write_comment(%s, %s, NULL, %s, 'A word', '<p>A word</p>', NULL, now())",
            id,
            under,
            author.id,
        )
        return str(id)

    async def join(self, person: Person, *, role: str = "member") -> None:
        await self.world.sql(
            "INSERT INTO forum_members VALUES (%s, %s, %s, now())", self.id, person.id, role
        )

    async def report(
        self, person: Person, id: str, *, kind: str = "post", reason: str = "spam", **fields: Any
    ) -> Answer:
        """`fields`: others of the draft, and `many`, see World."""
        many = fields.pop("many", False)
        draft = {"target": {"kind": kind, "id": id}, "reason": reason, **fields}
        return await person.call("file_report", draft, many=many)

    async def new_case(self, author: Person, *, reason: str = "spam") -> Any:
        """A case about a new post: one stranger has reported it."""
        reporter = await self.world.new_person()
        post = await self.post(author)
        assert (await self.report(reporter, post, reason=reason)).status == 201
        return next(case for case in await self.cases() if case["target"]["id"] == post)

    async def cases(self, *, state: str = "open") -> list[Any]:
        """As the moderator lists them."""
        answer = await self.call(self.moderator, "list_forum_reports", query=f"state={state}")
        assert answer.status == 200, answer
        return list(answer.body["items"])

    async def listed(self, post: str) -> tuple[int, int]:
        """How many posts the forum counts, and how many ranks this post has."""
        ((count, ranks),) = await self.world.sql(
            """
            SELECT post_count, (SELECT count(*) FROM post_ranks WHERE post_id = %s)
            FROM forums WHERE id = %s
            """,
            post,
            self.id,
        )
        return count, ranks

    async def audit_log(self) -> list[Any]:
        """Oldest first."""
        answer = await self.call(self.owner, "list_audit")
        assert answer.status == 200, answer
        return list(reversed(answer.body["items"]))

    async def audit_faults(self) -> list[tuple[int, str]]:
        """Number and kind of the first bad entry of the audit log."""
        rows = await self.world.sql("SELECT number, fault FROM audit_faults(%s)", self.id)
        return [(number, fault) for number, fault in rows]


async def resolve_report(person: Person, case: Any, action: str, **fields: Any) -> Answer:
    """`fields`: others of the resolution, and `many`, see World."""
    many = fields.pop("many", False)
    body = {"action": action, **fields}
    return await person.call("resolve_report", body, id=case["id"], many=many)


async def make_appeal(
    person: Person,
    id: object,
    *,
    kind: str = "forum",
    content: object = "Please",
    many: bool = False,
) -> Answer:
    body = {"against": {"kind": kind, "id": str(id)}, "content": content}
    return await person.call("make_appeal", body, many=many)


async def resolve_appeal(
    person: Person, appeal: Any, decision: str, *, many: bool = False
) -> Answer:
    body = {"decision": decision, "note": "So be it"}
    return await person.call("resolve_appeal", body, id=appeal["id"], many=many)


async def moderation_events(person: Person) -> list[Any]:
    """(type, data) of the moderation events in the person's own stream. Asserts that the data is as
    the AsyncAPI document describes it.
    """
    rows = await person.world.sql(
        "SELECT type, payload FROM events"
        " WHERE stream_id = %s AND type ~ '^(moderation|appeal)' ORDER BY seq",
        person.id,
    )
    for type, data in rows:
        documented = EVENTS[type]
        if isinstance(documented, Mapping):
            parts = {name: _parse(model, data[name]) for name, model in documented.items()}
            assert parts == data
        else:
            assert _parse(documented, data) == data
    return rows


async def stream_events(world: World, stream: object) -> list[Any]:
    """(type, data) of the events of a forum or post."""
    return await world.sql(
        "SELECT type, payload FROM events WHERE stream_id = %s ORDER BY seq", stream
    )


def _parse(model: type[BaseModel], data: object) -> object:
    return model.model_validate(data).model_dump(mode="json")


async def start_forum(
    owner: Person, moderator: Person, member: Person, *, visibility: str = "public"
) -> ModeratedForum:
    world, id = owner.world, ids.uuid7()
    forum = ModeratedForum(world, id, f"f-{ids.uuid7().hex[20:]}", owner, moderator, member)
    await world.sql(
        """
        WITH stream AS (INSERT INTO streams (id, kind) VALUES (%s, 'forum'))
        INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at)
        VALUES (%s, %s, 'A forum', %s, 'everyone', %s, now(), now())
        """,
        forum.id,
        forum.id,
        forum.slug,
        visibility,
        owner.id,
    )
    for person, role in ((owner, "owner"), (moderator, "moderator"), (member, "member")):
        await forum.join(person, role=role)
    return forum
