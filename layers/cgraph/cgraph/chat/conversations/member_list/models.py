from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A ConversationMember as JSON; `user_id` is its position in the list."""

    user_id: UUID
    json: str
