from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """An account whose address is to be verified. `known`: the username of another account that has
    verified it. `suppressed`: the address gets no mail.
    """

    username: str
    email: str
    name: str
    known: str | None
    suppressed: bool
