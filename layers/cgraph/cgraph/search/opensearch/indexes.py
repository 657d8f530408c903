"""The indexes of OpenSearch, and the aliases by which they are found.

`<prefix>`: an alias of the one index that is searched. `<prefix>-write-<name>`: an alias of each
index that is written, which is one more while a new one is built. A write goes through its alias
and is refused where that is gone: without it, a write to an index that was just deleted would make
it again, with fields that OpenSearch guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cgraph.core.clock import now
from cgraph.search.opensearch.client import Client, RequestRefused, command, json_line
from cgraph.search.opensearch.index_settings import index_body

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Index:
    """`after`: up to where a new one is built, as reindex.py writes it; empty at its beginning."""

    name: str
    is_searched: bool
    fingerprint: str
    after: str


def searched_alias(prefix: str) -> str:
    return prefix


def written_alias(prefix: str, index: str) -> str:
    return f"{prefix}-write-{index}"


async def list_written_aliases(client: Client, *, prefix: str) -> Sequence[str]:
    """Of all indexes that a change must be written to. Raises EngineUnavailable."""
    path = f"/_alias/{prefix}-write-*"
    indexes = await _unless_missing(client, path)
    return sorted(alias for index in indexes.values() for alias in index["aliases"])


async def list_indexes(client: Client, *, prefix: str) -> Sequence[Index]:
    """Those that are written, the oldest first. Raises EngineUnavailable."""
    aliases = await list_written_aliases(client, prefix=prefix)
    start = len(written_alias(prefix, ""))
    return [await _show_index(client, alias[start:], prefix=prefix) for alias in aliases]


async def create_index(client: Client, *, prefix: str) -> str:
    """The name of the new one, which is written from now on and not searched yet. Raises
    EngineUnavailable.
    """
    name = f"{prefix}-{now():%Y%m%d%H%M%S%f}"
    body = {**index_body(), "aliases": {written_alias(prefix, name): {}}}
    await _send(client, "PUT", f"/{name}", body)
    return name


async def ensure_index(client: Client, *, prefix: str) -> Sequence[str]:
    """The aliases to write to. Where there is no index it makes the first, which reindex.py
    completes before it is searched. Raises EngineUnavailable.
    """
    aliases = await list_written_aliases(client, prefix=prefix)
    return aliases or [written_alias(prefix, await create_index(client, prefix=prefix))]


async def save_progress(client: Client, index: Index, *, after: str) -> None:
    """Raises EngineUnavailable."""
    meta = {"fingerprint": index.fingerprint, "after": after}
    body = {"_meta": meta}
    await _send(client, "PUT", f"/{index.name}/_mapping", body)


async def swap(client: Client, *, prefix: str, new: str, old: Sequence[str]) -> None:
    """From one moment to the next `new` is searched and `old` are deleted. Raises
    EngineUnavailable.
    """
    actions: list[dict[str, Any]] = [{"remove_index": {"index": name}} for name in old]
    actions.append({"add": {"index": new, "alias": searched_alias(prefix)}})
    await _send(client, "POST", "/_aliases", {"actions": actions})


async def delete_index(client: Client, name: str) -> None:
    """Raises EngineUnavailable."""
    await _send(client, "DELETE", f"/{name}")


async def refresh(client: Client, *, prefix: str) -> None:
    """What was written until now is found from now on. Raises EngineUnavailable."""
    await _send(client, "POST", f"/{prefix}-*/_refresh")


async def _show_index(client: Client, name: str, *, prefix: str) -> Index:
    shown = (await _send(client, "GET", f"/{name}"))[name]
    meta = shown["mappings"].get("_meta", {})
    return Index(
        name=name,
        is_searched=searched_alias(prefix) in shown["aliases"],
        fingerprint=meta.get("fingerprint", ""),
        after=meta.get("after", ""),
    )


async def _unless_missing(client: Client, path: str) -> dict[str, Any]:
    try:
        return await _send(client, "GET", path)
    except RequestRefused as refused:
        if refused.status == 404:
            return {}
        raise


async def _send(
    client: Client, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    data = b"" if body is None else json_line(body)
    return await command(client, method, path, data, seconds=TIMEOUT_SECONDS)
