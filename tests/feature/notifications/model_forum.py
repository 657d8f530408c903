"""What people of the proof R23 do in their forum."""

from __future__ import annotations

from typing import Any

from tests.feature.notifications.inbox import follow
from tests.feature.notifications.model_state import OWNER, ModelState
from tests.feature.notifications.reference import Key, Told


class ForumActions(ModelState):
    async def publish(self) -> None:
        """A new post of the owner, which nobody comments on."""
        post = (await self.forum.post(self.people[OWNER]))["id"]
        told = Told(
            ("new_post", self.forum.id), self.people[OWNER].id, post, post, self.forum.id, None
        )
        for user, level in self.forum_levels.items():
            if level == "everything":
                self.tell(user, told.copy(), source=post)

    async def comment(self, user: int, which: int, mentioned: int | None) -> None:
        parent = self.comments[which % len(self.comments)] if which and self.comments else None
        text = "So it is" if mentioned is None else f"So @{self.people[mentioned].username} says"
        body = {"body": text, **({"parent_id": parent[0]["id"]} if parent else {})}
        answer = await self.people[user].call("create_comment", body, id=self.post)
        if answer.status != 201:
            return
        comment = answer.body
        self.comments.append((comment, user))
        for other in range(len(self.people)):
            key = self._kind_of_comment(other, comment, parent)
            if key is not None:
                told = Told(
                    *(key, self.people[user].id, comment["id"], comment["id"], self.post, None)
                )
                quiet = self.level_of_post(other) == "nothing"
                self.tell(other, told, source=comment["id"], wanted=not quiet)
        self.writers.add(user)

    def _kind_of_comment(self, other: int, comment: Any, parent: Any) -> Key | None:
        answered, thing = (parent[1], parent[0]["id"]) if parent else (OWNER, self.post)
        if self.people[other].id in comment["mentions"]:
            return "mention", self.post
        if other == answered:
            return "reply", thing
        return ("comment", self.post) if self.level_of_post(other) == "everything" else None

    async def follow_post(self, user: int, level: str) -> None:
        await follow(self.people[user], "post", self.post, level)
        self.post_levels[user] = level

    async def follow_forum(self, user: int, level: str) -> None:
        await follow(self.people[user], "forum", self.forum.id, level)
        self.forum_levels[user] = level

    async def delete_comment(self, which: int) -> None:
        if self.comments:
            comment, author = self.comments.pop(which % len(self.comments))
            deleted = await self.people[author].call("delete_comment", id=comment["id"])
            assert deleted.status < 300, deleted.body
            for person in self.people:
                self.reference.forget(person.id, comment["id"])

    async def remove_comment(self, which: int) -> None:
        """As the moderator, who can still read it; the author is notified."""
        others = [each for each in self.comments if each[1] != OWNER]
        if not others:
            return
        comment, author = others[which % len(others)]
        self.comments.remove((comment, author))
        removed = await self.people[OWNER].call("remove_comment", id=comment["id"])
        assert removed.status == 200, removed
        for user, person in enumerate(self.people):
            if user not in (OWNER, author):
                self.reference.forget(person.id, comment["id"])
        told = Told(("removal", comment["id"]), "", "", comment["id"], self.forum.id, None)
        self.tell(author, told, source=f"removal {comment['id']}")
