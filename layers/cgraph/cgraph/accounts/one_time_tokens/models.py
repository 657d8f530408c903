from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TokenRow:
    """What a token is for. `email`: the address that it proves, or brings back."""

    user_id: UUID
    purpose: str
    username: str
    email: str
