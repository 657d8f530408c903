from enum import StrEnum

from pydantic import Field

from cgraph.core.fields import Body, Model


class Audience(StrEnum):
    EVERYONE = "everyone"
    CONTACTS = "contacts"
    NOBODY = "nobody"


MESSAGES_FROM = "Who may begin a direct conversation with the user; those that exist go on."
GROUPS_FROM = "Who may add the user to a group, or begin one with them."
RECEIPTS = "Whether others see how far the user has read."


class Privacy(Model):
    """What a user lets others do and see."""

    messages_from: Audience = Field(description=MESSAGES_FROM)
    groups_from: Audience = Field(description=GROUPS_FROM)
    receipts: bool = Field(description=RECEIPTS)


class PrivacyChange(Body):
    """What is left out or null stays as it is."""

    messages_from: Audience | None = Field(default=None, description=MESSAGES_FROM)
    groups_from: Audience | None = Field(default=None, description=GROUPS_FROM)
    receipts: bool | None = Field(default=None, description=RECEIPTS)
