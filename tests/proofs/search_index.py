"""A local cloud with OpenSearch, and what its index has beside what the database has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cgraph.search.forms import with_forms
from cgraph.search.opensearch.indexes import searched_alias
from cgraph.search.signs import spell_signs
from cgraph_local.services.java import java_and_maven_are_here
from cgraph_local.services.opensearch_files import PROGRAM
from tests.prepared_home import start_prepared
from tests.system import LocalSystem

SEARCH_VARIABLES = {"CGRAPH_SEARCH": "opensearch", "CGRAPH_OPENSEARCH_URL": ""}
PREFIX = "cgraph"
"""Of the names of the local cloud's indexes."""
AT_MOST = 10_000
"""That one answer of OpenSearch has."""

_DOCUMENTS = """
    WITH every (type, id) AS (
        SELECT 'message', id FROM messages UNION ALL SELECT 'post', id FROM posts
        UNION ALL SELECT 'comment', id FROM comments UNION ALL SELECT 'forum', id FROM forums
        UNION ALL SELECT 'user', id FROM users
    )
    SELECT d.type, d.id::text, d.title, d.body
    FROM search_documents_of((SELECT array_agg(type ORDER BY id) FROM every),
                             (SELECT array_agg(id ORDER BY id) FROM every)) d
"""

Texts = Mapping[tuple[str, str], tuple[str, str]]
"""Title and body as they are indexed, by type and id."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`documents`: in the database. `missing`: in the index. `different`: in another version."""

    documents: int
    missing: list[tuple[str, str]]
    surplus: list[tuple[str, str]]
    different: list[tuple[str, str]]

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.surplus or self.different)


def require_opensearch() -> None:
    """One that the proof may kill. Skips the test where none is assembled; in CI only where there
    is no Java either.
    """
    if not PROGRAM.is_dir():
        missing = "no OpenSearch is assembled: `make opensearch` does it"
        assert "CI" not in os.environ or not java_and_maven_are_here(), missing
        pytest.skip(missing)


@asynccontextmanager
async def running_with_opensearch() -> AsyncIterator[LocalSystem]:
    require_opensearch()
    with open_folder() as folder:
        variables: dict[str, Any] = {"CGRAPH_RATE_LIMITS": "off", **SEARCH_VARIABLES}
        system = start_prepared(folder / "home", **variables)
        try:
            yield system
        finally:
            await system.close()
            system.stop()


@contextmanager
def open_folder() -> Iterator[Path]:
    """OpenSearch runs as another user if the tests run as root; pytest's folders are closed."""
    with tempfile.TemporaryDirectory(prefix="cgraph-search-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def compare(system: LocalSystem) -> Difference:
    database, index = _database(system), _index(system)
    both = database.keys() & index.keys()
    return Difference(
        documents=len(database),
        missing=sorted(database.keys() - index.keys()),
        surplus=sorted(index.keys() - database.keys()),
        different=sorted(key for key in both if database[key] != index[key]),
    )


def _database(system: LocalSystem) -> Texts:
    return {
        (type, id): (with_forms(spell_signs(title)), with_forms(spell_signs(body)))
        for type, id, title, body in system.query(_DOCUMENTS)
    }


def _index(system: LocalSystem) -> Texts:
    url = system.endpoints.opensearch_url
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        client.post(f"/{PREFIX}-*/_refresh").raise_for_status()
        body = {"size": AT_MOST, "_source": ["type", "id", "title", "body"]}
        answer = client.post(f"/{searched_alias(PREFIX)}/_search", json=body)
        answer.raise_for_status()
    hits: list[dict[str, Any]] = answer.json()["hits"]["hits"]
    assert len(hits) < AT_MOST, "more documents than one answer has"
    sources = [hit["_source"] for hit in hits]
    return {(one["type"], one["id"]): (one["title"], one["body"]) for one in sources}
