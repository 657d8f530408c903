from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OwnViewRow:
    """An event as one reader sees it."""

    user_id: UUID
    own_seq: int
    own_payload: dict[str, Any]
