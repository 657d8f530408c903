from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from cgraph.core.fields import Body, Model
from cgraph.forums.policies import ForumRole

VoteValue = Literal[-1, 0, 1]


def _not_boolean(value: object) -> object:
    """`True` is equal to 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


class VoteChoice(Body):
    """The caller's vote."""

    value: Annotated[VoteValue, BeforeValidator(_not_boolean)] = Field(
        description="1: up; -1: down; 0: withdraws the vote."
    )


class VoteTotals(Model):
    """The votes on a post or comment, with the caller's own."""

    target: UUID = Field(description="Id of the post or comment.")
    score: int = Field(description="`ups` minus `downs`.")
    ups: int = Field(description="Up votes.")
    downs: int = Field(description="Down votes.")
    my_vote: VoteValue = Field(description="1: up; -1: down; 0: none.")


@dataclass(frozen=True, slots=True)
class CastVoteRow:
    """The result of a vote.

    `role`: None where the voter has no access. `refusal`: why the vote was refused: the voter is
    the author (`own`), the post or comment is gone, or only this group may write in the forum.
    `score_changed`: the vote changed the score. `is_visible`: subscribers may see the new score,
    only the voter if the vote is not counted for others (`is_counted`). `has_uncounted`: there are
    such votes, so the score is not the same for all.
    """

    role: ForumRole | None
    refusal: Literal["own", "post_gone", "comment_gone", "members", "moderators"] | None
    ups: int | None
    downs: int | None
    score: int | None
    score_changed: bool | None
    is_visible: bool | None
    is_counted: bool | None
    has_uncounted: bool | None
    post_id: UUID | None
    forum_id: UUID | None
    is_private: bool | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The score of a post or comment."""

    id: UUID
    score: int


@dataclass(frozen=True, slots=True)
class UncountedVoteRow:
    """A vote that only its voter sees."""

    target_id: UUID
    user_id: UUID
    value: int


@dataclass(frozen=True, slots=True)
class StreamReadersRow:
    """`user_ids`: those of the given users who may read the stream; None: all of them."""

    user_ids: list[UUID] | None
