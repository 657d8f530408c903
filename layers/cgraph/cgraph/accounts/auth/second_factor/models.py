from dataclasses import dataclass

from pydantic import Field

from cgraph.core.fields import Body, Code, Model


class SetUp(Body):
    """`password`: one's own, or a stolen token could lock its owner out."""

    password: str = Field(min_length=1, max_length=256)


class NewSecret(Model):
    """For an authenticator app: `secret` in base32 to type, `uri` to show as a QR code."""

    secret: str
    uri: str


class CodeEntry(Body):
    code: Code


class BackupCodes(Model):
    """Shown this once; each opens the account once where the app is lost."""

    backup_codes: list[str]


@dataclass(frozen=True, slots=True)
class Owner:
    username: str


@dataclass(frozen=True, slots=True)
class Secret:
    """`active`: log-ins ask for it; until then it waits to be confirmed."""

    value: bytes
    active: bool
