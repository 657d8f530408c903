from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cgraph.core.fields import Body, Model
from cgraph.forums.policies import ForumRole

Value = Literal[-1, 0, 1]


class VoteChoice(Body):
    """`value`: up, down, or none."""

    value: Value


class Votes(Model):
    """Of one post or comment, the `target`, as whoever has just voted sees it."""

    target: UUID
    score: int
    ups: int
    downs: int
    my_vote: Value


class Cast(Model):
    """The counts after a vote, or why it was refused: the target is gone or the voter's `own`, or
    only these roles may write in the forum. `is_visible`: others see the new score.
    """

    role: ForumRole | None
    refusal: Literal["own", "post_gone", "comment_gone", "members", "moderators"] | None
    ups: int | None
    downs: int | None
    score: int | None
    score_changed: bool | None
    is_visible: bool | None
    post_id: UUID | None
    forum_id: UUID | None
    is_private: bool | None


@dataclass(frozen=True, slots=True)
class Score:
    id: UUID
    score: int


@dataclass(frozen=True, slots=True)
class Lookers:
    """Who of those asked about may look; None is all of them."""

    people: list[UUID] | None
