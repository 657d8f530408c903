"""Which OpenSearch the local cloud uses: none, one of its own or another one.

CGRAPH_SEARCH is `postgres` (as without it) or `opensearch`. CGRAPH_OPENSEARCH_URL names one that
runs anyway; the local cloud then starts none. Everything here raises ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

ENGINES = ("postgres", "opensearch")


def services(environment: Mapping[str, str]) -> Sequence[str]:
    """The names of the services to run for it."""
    is_ours = _is_chosen(environment) and not other_opensearch(environment)
    return ("opensearch",) if is_ours else ()


def other_opensearch(environment: Mapping[str, str]) -> str:
    """The address of one that runs anyway; empty for none."""
    url = environment.get("CGRAPH_OPENSEARCH_URL", "").rstrip("/")
    if not _is_chosen(environment) or not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ValueError(f"CGRAPH_OPENSEARCH_URL must be like http://127.0.0.1:9200, not {url!r}")
    return url


def _is_chosen(environment: Mapping[str, str]) -> bool:
    engine = environment.get("CGRAPH_SEARCH", "") or "postgres"
    if engine not in ENGINES:
        raise ValueError(f"CGRAPH_SEARCH must be one of {', '.join(ENGINES)}, not {engine!r}")
    return engine == "opensearch"
