"""A forum in tests: what its users do, and what it has stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Forum:
    """Posts are given as the API returns them, users as persons or ids."""

    world: World
    owner: Person
    id: str
    slug: str

    async def call(
        self, person: Person, function: str, body: object = None, **options: Any
    ) -> Answer:
        """An endpoint whose path has the forum's slug."""
        return await person.call(function, body, slug=self.slug, **options)

    async def show(self, reader: Person) -> Any:
        answer = await self.call(reader, "show_forum")
        assert answer.status == 200, answer
        return answer.body

    async def change(self, caller: Person, **change: Any) -> Answer:
        return await self.call(caller, "change_forum", change)

    async def join(self, person: Person, *, many: bool = False) -> Answer:
        return await self.call(person, "join_forum", many=many)

    async def leave(self, person: Person, *, many: bool = False) -> Answer:
        return await self.call(person, "leave_forum", many=many)

    async def add(self, caller: Person, user: object) -> Answer:
        return await self.call(caller, "add_forum_member", user_id=_id(user))

    async def remove(self, caller: Person, user: object) -> Answer:
        return await self.call(caller, "remove_forum_member", user_id=_id(user))

    async def appoint(
        self, caller: Person, user: object, *, many: bool = False, **draft: Any
    ) -> Answer:
        return await self.call(
            caller, "appoint_moderator", draft or None, user_id=_id(user), many=many
        )

    async def dismiss(self, caller: Person, user: object) -> Answer:
        return await self.call(caller, "dismiss_moderator", user_id=_id(user))

    async def insert_member(self, person: Person, *, role: str = "member") -> None:
        """Without events and without an entry in the audit log."""
        await self.world.sql(
            "INSERT INTO forum_members (forum_id, user_id, role, joined_at)"
            " VALUES (%s, %s, %s, now())",
            *(self.id, person.id, role),
        )

    async def ban(self, person: Person, *, until: str = "infinity", shadow: bool = False) -> None:
        """Without events and without an entry in the audit log."""
        await self.world.sql(
            "INSERT INTO forum_bans (forum_id, user_id, until, shadow, created_by, created_at)"
            " VALUES (%s, %s, %s, %s, %s, now())",
            *(self.id, person.id, until, shadow, self.owner.id),
        )

    async def roles(self, reader: Person) -> dict[str, str]:
        """By the name that the test has given the user."""
        answer = await self.call(reader, "list_forum_members")
        assert answer.status == 200, answer
        assert (await self.show(reader))["member_count"] == len(answer.body["items"])
        return {m["username"].rpartition("-")[0]: m["role"] for m in answer.body["items"]}

    async def events(self) -> list[tuple[Any, ...]]:
        """(type, data) of each event of the forum's stream, which has no gap."""
        return await _events_without_gap(self.world, self.id)

    async def audit_log(self) -> list[Any]:
        """The oldest entry first."""
        answer = await self.call(self.owner, "list_audit")
        assert answer.status == 200, answer
        return list(reversed(answer.body["items"]))

    async def audit_faults(self) -> list[tuple[Any, ...]]:
        return await self.world.sql("SELECT number, fault FROM audit_faults(%s)", self.id)

    async def try_post(self, author: Person, *, many: bool = False, **draft: Any) -> Answer:
        body = {"title": "Which grinder?", **draft}
        return await self.call(author, "create_post", body, many=many)

    async def post(self, author: Person, **draft: Any) -> Any:
        answer = await self.try_post(author, **draft)
        assert answer.status == 201, answer
        return answer.body

    async def show_post(self, reader: Person, post: Any) -> Answer:
        return await reader.call("show_post", id=post["id"])

    async def edit_post(
        self, editor: Person, post: Any, *, many: bool = False, **edit: Any
    ) -> Answer:
        body = {"version": post["version"], **edit}
        return await editor.call("edit_post", body, id=post["id"], many=many)

    async def list_posts(self, reader: Person, query: str = "") -> Answer:
        return await self.call(reader, "list_posts", query=query)

    async def titles(self, reader: Person, query: str = "") -> list[str]:
        answer = await self.list_posts(reader, query)
        assert answer.status == 200, answer
        return [post["title"] for post in answer.body["items"]]

    async def post_events(self) -> list[tuple[Any, ...]]:
        """(type, data) of those events of the forum's stream that are about posts."""
        return [each for each in await self.events() if each[0].startswith("post.")]

    async def post_count(self) -> int:
        rows = await self.world.sql("SELECT post_count FROM forums WHERE id = %s", self.id)
        return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class Thread:
    """A post with its comments. `post` is its id; the forum's owner wrote it."""

    world: World
    forum: Forum
    post: str

    async def comment(self, author: Person, body: str = "So it is.", **fields: Any) -> Any:
        answer = await self.try_comment(author, body, **fields)
        assert answer.status in (200, 201), answer
        return answer.body

    async def try_comment(
        self, author: Person, body: object = "So it is.", **fields: Any
    ) -> Answer:
        return await author.call("create_comment", {"body": body, **fields}, id=self.post)

    async def insert_comments(self, count: int, *, parent: str | None = None) -> list[str]:
        """Without events. Returns the ids, the oldest first."""
        rows = await self.world.sql(
            """
            SELECT id FROM generate_series(1, %s) AS n,
                LATERAL (SELECT (lpad(to_hex(1760000000000 + n), 12, '0') || '70008000'
                                 || left(md5(random()::text || n), 12))::uuid AS id) AS new,
                LATERAL write_comment(id, %s, %s, %s, n::text, n::text, NULL, now())
            ORDER BY id
            """,
            *(count, self.post, parent, self.forum.owner.id),
        )
        return [str(id) for (id,) in rows]

    async def list_comments(self, reader: Person, **query: Any) -> Any:
        answer = await self.try_list_comments(reader, **query)
        assert answer.status == 200, answer
        return answer.body

    async def try_list_comments(self, reader: Person, **query: Any) -> Answer:
        return await reader.call("list_comments", id=self.post, query=urlencode(query))

    async def vote(self, person: Person, value: object, **options: Any) -> Answer:
        return await person.call("vote_on_post", {"value": value}, id=self.post, **options)

    async def counts(self) -> tuple[Any, ...]:
        """Of the post: up votes, down votes, score, comments, comments that reply to it."""
        (row,) = await self.world.sql(
            "SELECT ups, downs, score, comment_count, reply_count FROM post_counts"
            " WHERE post_id = %s",
            self.post,
        )
        return row

    async def events(self) -> list[tuple[Any, ...]]:
        """(type, data) of each event of the post's stream."""
        return await _events_without_gap(self.world, self.post)


async def new_forum(owner: Person, *members: Person, **settings: Any) -> Forum:
    draft = {"slug": new_slug(), "name": "A forum", **settings}
    answer = await owner.call("create_forum", draft)
    assert answer.status == 201, answer
    forum = Forum(owner.world, owner, answer.body["id"], answer.body["slug"])
    for member in members:
        assert (await forum.add(owner, member)).status == 200
    return forum


async def new_moderated_forum(
    owner: Person, moderator: Person, member: Person, **settings: Any
) -> Forum:
    """Its stream and its audit log are empty."""
    forum = await new_forum(owner, **settings)
    await forum.insert_member(moderator, role="moderator")
    await forum.insert_member(member)
    return forum


async def new_thread(owner: Person, **settings: Any) -> Thread:
    """A post in a forum of its own."""
    forum = await new_forum(owner, **settings)
    return Thread(owner.world, forum, (await forum.post(owner))["id"])


def new_slug() -> str:
    return f"forum-{uuid4().hex[:12]}"


async def post_events(world: World, post: Any) -> list[tuple[Any, ...]]:
    """(type, data) of each event of the post's stream."""
    return await _events_without_gap(world, post["id"])


async def user_events(person: Person) -> list[tuple[Any, ...]]:
    """(type, data) of each event of the person's own stream."""
    return await person.world.sql(
        "SELECT type, payload FROM events WHERE stream_id = %s ORDER BY seq", person.id
    )


async def _events_without_gap(world: World, stream_id: str) -> list[tuple[Any, ...]]:
    rows = await world.sql(
        "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", stream_id
    )
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return [row[1:] for row in rows]


def _id(user: object) -> object:
    return user.id if isinstance(user, Person) else user
