from dataclasses import dataclass

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model


class MessageVersion(Model):
    """What a message contained before an edit."""

    version: int = Field(description="1 for the message as it was sent.")
    content: str
    edited_at: Timestamp = Field(description="When the edit after this version was made.")


@dataclass(frozen=True, slots=True)
class MessageVersionRow:
    """A MessageVersion as JSON; `version` is its position in the list."""

    version: int
    json: str
