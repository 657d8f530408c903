from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cgraph.core.database import Transaction


@dataclass(frozen=True, slots=True)
class VisibleUploadRow:
    """`json`: an Upload, without URLs."""

    json: str


async def visible_uploads(
    tx: Transaction, *, viewer: UUID, ids: Sequence[UUID]
) -> list[VisibleUploadRow]:
    """Those that are ready and that the viewer may see, in the order of `ids`."""
    return await tx.fetch(
        VisibleUploadRow,
        """
        SELECT upload_json(u)::text AS json
        FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS asked (id, place)
        JOIN uploads u ON u.id = asked.id
        JOIN visible_uploads(%(viewer)s, %(ids)s) AS visible (id) ON visible.id = u.id
        WHERE u.status = 'ready'
        ORDER BY asked.place
        """,
        {"viewer": viewer, "ids": list(dict.fromkeys(ids))},
    )
