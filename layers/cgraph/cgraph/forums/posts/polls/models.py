from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from cgraph.core import clock
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, PollLabel

OPTIONS_AT_MOST = 10
OPEN_AT_MOST = timedelta(days=3660)


def _ahead(moment: AwareDatetime) -> AwareDatetime:
    if not clock.now() < moment < clock.now() + OPEN_AT_MOST:
        raise ValueError("must be in the future, and within ten years")
    return moment


def _different(labels: list[str]) -> list[str]:
    if len({label.casefold() for label in labels}) < len(labels):
        raise ValueError("must be different from each other")
    return labels


Labels = Annotated[
    list[PollLabel], Field(min_length=2, max_length=OPTIONS_AT_MOST), AfterValidator(_different)
]


class PollDraft(Body):
    """`options`: what there is to choose from. `multiple`: more than one. `closes_at`: left out,
    never.
    """

    options: Labels
    multiple: bool = False
    closes_at: Annotated[AwareDatetime, AfterValidator(_ahead)] | None = None


Choice = Annotated[int, Field(ge=0, lt=OPTIONS_AT_MOST)]


class Choices(Body):
    """The places of the options chosen, instead of those chosen before; none takes them back."""

    choices: list[Choice] = Field(max_length=OPTIONS_AT_MOST)


class PollOption(Model):
    place: int
    label: str
    votes: int


def _absent(value: object) -> bool:
    return value is None


class Poll(Model):
    """`voters`: people, of whom each may have chosen several. `my_choices`: the reader's own, left
    out in events.
    """

    multiple: bool
    closes_at: Timestamp | None
    voters: int
    options: list[PollOption]
    my_choices: list[int] | None = Field(default=None, exclude_if=_absent)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Why not, or null."""

    refusal: Literal["no_poll", "closed", "single", "unknown"] | None
