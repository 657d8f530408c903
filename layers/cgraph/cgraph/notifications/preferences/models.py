from datetime import time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, PlainSerializer, StringConstraints, model_validator

from cgraph.core.fields import Body, Model, Token
from cgraph.notifications.inbox.models import NotificationKind

TimeZone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"),
    Token("time zone"),
]
ClockTime = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Token("time of day")
]
ShownTime = Annotated[
    time, PlainSerializer(lambda at: at.isoformat(timespec="minutes"), return_type=str)
]


class MailRhythm(StrEnum):
    """When mails about notifications that are still unread are sent."""

    OFF = "off"
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class Preferences(Model):
    """How a user wants to be notified."""

    time_zone: str = Field(default="UTC", description="A name of the IANA time zone database.")
    quiet_from: ShownTime | None = Field(
        default=None, description="From then on nothing rings, in the user's time zone."
    )
    quiet_until: ShownTime | None = Field(default=None, description="Until then.")
    push: bool = Field(default=True, description="Whether devices get push messages.")
    show_preview: bool = Field(
        default=False,
        description="Whether push messages show the beginning of the text that they are about. "
        "Apple's and Google's services can read it.",
    )
    mail: MailRhythm = MailRhythm.OFF
    silenced: list[NotificationKind] = Field(
        default=[], description="Kinds of notifications that are not made."
    )


class PreferencesDraft(Body):
    """How the caller wants to be notified: what is left out gets its default."""

    time_zone: TimeZone = Field(
        default="UTC", description="A name of the IANA time zone database: `Europe/Berlin`."
    )
    quiet_from: ClockTime | None = Field(
        default=None, description="`22:00`; null, as `quiet_until`, for no quiet hours."
    )
    quiet_until: ClockTime | None = Field(default=None, description="`07:30`")
    push: bool = Field(default=True, description="Whether devices get push messages.")
    show_preview: bool = Field(
        default=False,
        description="Whether push messages show the beginning of the text that they are about. "
        "Apple's and Google's services can read it.",
    )
    mail: MailRhythm = Field(
        default=MailRhythm.OFF, description="When mails about unread notifications are sent."
    )
    silenced: list[NotificationKind] = Field(
        default=[],
        max_length=len(NotificationKind),
        description="Kinds of notifications that are not made.",
    )

    @model_validator(mode="after")
    def _has_both_ends(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until belong together")
        return self
