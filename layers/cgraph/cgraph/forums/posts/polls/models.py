from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from cgraph.core.fields import Body
from cgraph.forums.posts.models import MAX_POLL_OPTIONS

PollChoice = Annotated[int, Field(ge=0, lt=MAX_POLL_OPTIONS)]


class PollChoices(Body):
    """The caller's choices in a poll."""

    choices: list[PollChoice] = Field(
        max_length=MAX_POLL_OPTIONS,
        description="Positions of the options, from 0. They replace the caller's earlier choices; "
        "an empty list withdraws them.",
    )


@dataclass(frozen=True, slots=True)
class PollChoiceRow:
    """Why the choice was refused, or None."""

    refusal: Literal["no_poll", "closed", "single", "unknown"] | None
