from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic import Field

from cgraph.events.nudges import Nudge
from cgraph.media.previews.models import FetchResult

TextKind = Literal["message", "post", "comment"]


class TextKey(NamedTuple):
    """What shows previews."""

    kind: TextKind
    id: UUID


class PreviewsJob(Nudge):
    """A nudge of the consumer, or `result`: what was fetched; or `texts`: whose pages are all
    known.
    """

    result: FetchResult | None = None
    texts: list[TextKey] = Field(default_factory=list)

    @property
    def is_nudge(self) -> bool:
        return self.result is None and not self.texts


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text that is neither deleted nor removed: the URL of a link post, the HTML, and what it
    shows. `link_previews`: whether its conversation or forum has previews.
    """

    kind: TextKind
    id: UUID
    url: str | None
    html: str
    previews: list[dict[str, Any]]
    link_previews: bool

    @property
    def key(self) -> TextKey:
        return TextKey(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class TextKeyRow:
    kind: TextKind
    id: UUID


@dataclass(frozen=True, slots=True)
class IdRow:
    id: UUID


@dataclass(frozen=True, slots=True)
class OptionalIdRow:
    id: UUID | None


@dataclass(frozen=True, slots=True)
class WaitsRow:
    waits: bool


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """`preview`: a Preview."""

    preview: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """Events to announce, and to whom: see announce_logged()."""

    logged: list[dict[str, Any]]
    audience: list[UUID] | None
