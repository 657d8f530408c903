"""What posts contained before each edit."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import decode_cursor, page_json
from cgraph.forums.errors import VersionNotFound
from cgraph.forums.posts.access import access_post
from cgraph.forums.posts.models import MAX_VERSION
from cgraph.forums.posts.versions import queries


async def list_versions(
    tx: Transaction, *, caller: Caller, id: UUID, cursor: str | None, limit: int
) -> str:
    """A page of PostVersion, as JSON; empty where the caller may not read the text of the post.
    Raises PostNotFound, NotAllowed, InvalidCursor.
    """
    access = await access_post(tx, id=id, caller=caller)
    scope = f"versions:{id}"
    (below,) = (MAX_VERSION,) if cursor is None else decode_cursor(scope, cursor, int)
    rows = []
    if access.post.readable:
        rows = await queries.list_versions(
            tx, id=id, moderates=access.forum.moderates, below=below, limit=limit + 1
        )
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.version,))


async def version_json(tx: Transaction, *, id: UUID, version: int) -> str:
    """A PostVersion as moderators see it, as JSON. Raises VersionNotFound."""
    row = await queries.version_json(tx, id=id, version=version, moderates=True)
    if row is None:
        raise VersionNotFound
    return row.json
