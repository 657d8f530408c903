from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Token
from cgraph.media.pictures.models import Picture

EmojiName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]{2,32}$"),
    Token("emoji name"),
    Path(description="Its name, without colons: 2 to 32 of `a` to `z`, digits and `_`."),
]


class EmojiDraft(Body):
    """The picture of an emoji."""

    upload: UUID = Field(
        description="An upload of the caller, with `purpose` `emoji` and ready. The emoji has it "
        "from then on."
    )


class Emoji(Model):
    """An emoji of a forum. Clients show it where a text has its name between colons."""

    name: str = Field(description="Without colons.")
    picture: Picture = Field(description="What clients show in place of `:name:`.")
    created_by: UUID = Field(description="Id of the moderator who added it, or replaced it last.")
    created_at: Timestamp


class EmojiRemoved(Model):
    """The data of `emoji.removed`, in the forum's stream."""

    name: str = Field(description="Without colons.")


@dataclass(frozen=True, slots=True)
class EmojiRow:
    """`json`: an Emoji."""

    name: str
    json: str


@dataclass(frozen=True, slots=True)
class EmojiCountRow:
    """Of the forum's emoji that have another name."""

    count: int
