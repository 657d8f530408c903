"""A forum with things in every state below things in every state, and viewers of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Self

from tests.person import Person
from tests.proofs.forum_scene import new_slug
from tests.proofs.visibility_model import WITHHELD, State, Thing, Viewer
from tests.system import LocalSystem

WITHHELD_FOR = {State.SHADOW: "'shadow_ban'", State.APPROVAL: "'approval'"}
MEMBERS = ("author", "other author", "member", "blocker", "blocked by the author", "shadowed")


@dataclass(slots=True)
class VisibilityScene:
    """`people`: by the name of the viewer."""

    slug: str
    people: dict[str, Person]
    viewers: dict[str, Viewer]
    posts: list[Thing]

    @classmethod
    async def create(cls, system: LocalSystem, *, visibility: str) -> Self:
        """The things are written without their events."""
        owner, moderator, other, member, shadowed, stranger, banned = await system.people(7)
        author, blocker, blocked = [await system.new_person() for _ in range(3)]
        people = {
            "owner": owner,
            "moderator": moderator,
            "author": author,
            "other author": other,
            "member": member,
            "blocker": blocker,
            "blocked by the author": blocked,
            "shadowed": shadowed,
            "stranger": stranger,
            "banned": banned,
        }
        draft = {"slug": new_slug(), "name": "A forum", "visibility": visibility}
        forum = await owner.request_json("POST", "/forums", body=draft)
        path = f"/forums/{forum['slug']}"
        for name in (*MEMBERS, "banned"):
            await owner.request_json("PUT", f"{path}/members/{people[name].id}")
        await owner.request_json("PUT", f"{path}/moderators/{moderator.id}")
        await owner.request_json("PUT", f"{path}/bans/{shadowed.id}", body={"shadow": True})
        await owner.request_json("PUT", f"{path}/bans/{banned.id}", body={})
        await blocker.request_json("PUT", f"/me/blocks/{author.id}")
        await author.request_json("PUT", f"/me/blocks/{blocked.id}")
        viewers = _viewers(people, is_open=visibility != "private")
        posts = _things(viewers)
        for statements in _statements(posts, forum_id=forum["id"]):
            system.query(statements)
        return cls(forum["slug"], people, viewers, posts)


def _viewers(people: dict[str, Person], *, is_open: bool) -> dict[str, Viewer]:
    ids = {name: person.id for name, person in people.items()}
    viewers = {name: Viewer(name, id) for name, id in ids.items()}
    for name in ("owner", "moderator"):
        viewers[name] = Viewer(name, ids[name], moderates=True)
    viewers["blocker"] = Viewer("blocker", ids["blocker"], blocked=frozenset({ids["author"]}))
    blocked = frozenset({ids["blocked by the author"]})
    viewers["author"] = Viewer("author", ids["author"], blocked=blocked)
    viewers["stranger"] = Viewer("stranger", ids["stranger"], reads=is_open)
    viewers["banned"] = Viewer("banned", ids["banned"], reads=is_open, participates=False)
    return viewers


def _things(viewers: dict[str, Viewer]) -> list[Thing]:
    """A post in each state; below it comments in each state; below them replies in each state, and
    a reply to a reply.
    """
    author, other = viewers["author"], viewers["other author"]
    posts = []
    for state in State:
        post = Thing(author, state)
        posts.append(post)
        for above, writer in product(State, (author, other)):
            parent = Thing(writer, above, post)
            for below, replier in product(State, (author, other)):
                reply = Thing(replier, below, parent)
                if below in WITHHELD:
                    Thing(other, State.VISIBLE, reply)
    return posts


def _statements(posts: list[Thing], *, forum_id: str) -> list[str]:
    """One string of statements for each post."""
    return [
        ";".join((_post(post, forum_id), *map(_comment, post.below()), *_ends(post)))
        for post in posts
    ]


def _post(post: Thing, forum_id: str) -> str:
    return (
        f"SELECT write_post('{post.id}', '{forum_id}', '{post.author.id}', 'text', '{post.text}',"
        f" '{post.text}', '{post.text}', NULL, '{{}}', NULL, NULL, NULL,"
        f" {WITHHELD_FOR.get(post.state, 'NULL')}, now())"
    )


def _comment(comment: Thing) -> str:
    assert comment.parent is not None
    parent = "NULL" if comment.parent.parent is None else f"'{comment.parent.id}'"
    return (
        f"SELECT write_comment('{comment.id}', '{comment.post.id}', {parent},"
        f" '{comment.author.id}', '{comment.text}', '{comment.text}',"
        f" {WITHHELD_FOR.get(comment.state, 'NULL')}, now())"
    )


def _ends(post: Thing) -> list[str]:
    """Deletes and removes what is deleted and removed."""
    ends = []
    for state, sql in (
        (State.REMOVED, "UPDATE comments SET removed_at = now()"),
        (State.DELETED, "UPDATE comments SET body = '', body_html = '', deleted_at = now()"),
    ):
        ids = ", ".join(f"'{each.id}'" for each in post.below() if each.state is state)
        ends.append(f"{sql} WHERE id IN ({ids})")
    if post.state is State.REMOVED:
        ends.append(f"SELECT remove_post('{post.id}', now())")
    if post.state is State.DELETED:
        ends.append(f"SELECT delete_post('{post.id}', now())")
    return ends
