"""Who sees what in a forum: a model that shares nothing with the code that it judges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4


class State(StrEnum):
    VISIBLE = "visible"
    SHADOW = "withheld under a shadow ban"
    APPROVAL = "withheld until approval"
    REMOVED = "removed"
    DELETED = "deleted"


WITHHELD = (State.SHADOW, State.APPROVAL)


@dataclass(frozen=True, slots=True)
class Viewer:
    """`reads`: the forum. `participates`: may write and vote there. `blocked`: ids of users whom
    the viewer has blocked.
    """

    name: str
    id: str
    reads: bool = True
    moderates: bool = False
    participates: bool = True
    blocked: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Thing:
    """A post (`parent` is None), or a comment, whose parent is a comment or the post."""

    author: Viewer
    state: State
    parent: Thing | None = None
    replies: list[Thing] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid4()))

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.parent.replies.append(self)

    @property
    def kind(self) -> str:
        return "post" if self.parent is None else "comment"

    @property
    def text(self) -> str:
        return f"text of {self.id}"

    @property
    def post(self) -> Thing:
        return self if self.parent is None else self.parent.post

    @property
    def ancestors(self) -> list[Thing]:
        """The comments above a comment, the top one first."""
        if self.parent is None or self.parent.parent is None:
            return []
        return [*self.parent.ancestors, self.parent]

    def below(self) -> Iterator[Thing]:
        for reply in self.replies:
            yield reply
            yield from reply.below()

    def __str__(self) -> str:
        above = f" below {self.parent}" if self.parent is not None else ""
        return f"{self.state} {self.kind} of {self.author.name}{above}"


def sees(viewer: Viewer, thing: Thing) -> bool:
    """A withheld thing is seen by its author and the moderators; what hangs below an unseen thing
    is unseen.
    """
    if thing.state in WITHHELD and not (viewer.moderates or viewer.id == thing.author.id):
        return False
    return viewer.reads if thing.parent is None else sees(viewer, thing.parent)


def reads_text(viewer: Viewer, thing: Thing) -> bool:
    """Of a thing that the viewer sees."""
    if thing.state is State.DELETED or thing.author.id in viewer.blocked:
        return False
    own = viewer.moderates or viewer.id == thing.author.id
    return thing.state is not State.REMOVED or own


def is_listed(viewer: Viewer, post: Thing) -> bool:
    return sees(viewer, post) and post.state not in (State.REMOVED, State.DELETED)


def seen_below(viewer: Viewer, thing: Thing) -> set[str]:
    return {each.id for each in thing.below() if sees(viewer, each)}


def finds(viewer: Viewer, thing: Thing) -> bool:
    """By a search, which shows neither tombstones nor what somebody wrote whom the viewer blocks,
    and a banned user nothing of the forum.
    """
    if thing.state in (State.REMOVED, State.DELETED) or thing.author.id in viewer.blocked:
        return False
    return viewer.participates and sees(viewer, thing)
