from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from cgraph.events.nudges import Nudge
from cgraph.media.previews.models import FetchResult


class PreviewsJob(Nudge):
    """A nudge of the consumer, or `result`: what was fetched; or `messages`: whose pages are all
    known.
    """

    result: FetchResult | None = None
    messages: list[UUID] = Field(default_factory=list)

    @property
    def is_nudge(self) -> bool:
        return self.result is None and not self.messages


@dataclass(frozen=True, slots=True)
class TextRow:
    """A message that may have previews, with the HTML of its content."""

    id: UUID
    content_html: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A message that is not deleted, and what it shows. `waits`: some of its pages are not fetched
    yet.
    """

    content_html: str
    previews: list[dict[str, str]]
    link_previews: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class PreviewIdRow:
    id: UUID


@dataclass(frozen=True, slots=True)
class PreviewRow:
    id: UUID
    url: str
    title: str
    description: str
    site: str
