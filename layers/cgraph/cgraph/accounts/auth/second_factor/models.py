from dataclasses import dataclass

from pydantic import Field

from cgraph.core.fields import Body, Code, Model, TypedPassword


class TotpSetUp(Body):
    """The caller's password confirms a change that a stolen access token must not allow."""

    password: TypedPassword


class TotpSecret(Model):
    """A new secret for an authenticator app, shown only once."""

    secret: str = Field(description="20 bytes in base32, to type into the app.")
    uri: str = Field(description="An `otpauth://totp/` URI, to show as a QR code.")


class TotpCode(Body):
    """A code of the second factor."""

    code: Code = Field(
        description="The six digits that the authenticator app shows now; to remove the second "
        "factor also a backup code. Spaces and hyphens do not matter."
    )


class BackupCodesRenewal(Body):
    """The caller's password and a code, because a stolen access token must not allow this."""

    password: TypedPassword
    code: Code = Field(
        description="The six digits that the authenticator app shows now, or a backup code. Spaces "
        "and hyphens do not matter."
    )


class BackupCodes(Model):
    """Codes for the case that the authenticator app is lost, shown only once."""

    backup_codes: list[str] = Field(
        description="Ten codes like `ABCD-EFGH-IJKL-MNOP`. Each replaces a code of the app once."
    )


@dataclass(frozen=True, slots=True)
class UsernameRow:
    username: str


@dataclass(frozen=True, slots=True)
class SecretRow:
    """`active`: a log-in requires a code; a secret that is not active waits to be confirmed."""

    value: bytes
    active: bool
