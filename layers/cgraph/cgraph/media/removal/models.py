from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RemovedRow:
    id: UUID
    multipart_id: str | None
