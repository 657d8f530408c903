from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Model
from cgraph.media.public_urls import fill_value
from cgraph.media.uploads.models import Thumbnail


class Picture(Model):
    """An avatar, icon, banner or emoji. Everybody may load it: its URLs need no signature, do not
    end, and are other ones when the picture changes.
    """

    id: UUID = Field(description="Of the upload.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")
    animated: bool = Field(description="Whether it moves.")
    path: str = Field(description="Where it is below `media_url` of `GET /limits`.")
    url: str | None = Field(
        default=None, description="Null in events and in some lists: there is `path`."
    )
    thumbnails: list[Thumbnail] = Field(description="From the smallest to the largest.")

    def with_urls(self) -> Self:
        value = self.model_dump(mode="json")
        fill_value(value)
        return type(self).model_validate(value)


@dataclass(frozen=True, slots=True)
class TakenRow:
    """`refusal`: why there is no picture."""

    refusal: str | None
    picture: dict[str, Any] | None
