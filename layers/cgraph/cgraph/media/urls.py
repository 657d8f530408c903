"""The URLs of uploads in answers.

Postgres writes uploads without URLs, since events keep them and a URL ends within minutes. Answers
of HTTP get theirs here, for viewers who may see what the JSON is about: who asks for `fill` has
checked that.
"""

import json
import time
from typing import Any

from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.media.public_urls import fill_public
from cgraph.media.signatures import PRIVATE_PATH, PUBLIC_PATH, signed_query
from cgraph.media.signing_key import SigningKeyUnavailable, is_configured, signing_key

MARK = '"thumbnails"'
"""In the JSON of each upload. Inside of a text it would be escaped, so a page without any needs no
parsing.
"""

CACHED_QUERIES = 4096

_queries: dict[tuple[str, int], str] = {}


def expires_at(now: float | None = None) -> int:
    """When URLs that are given now end, in seconds since the epoch: the same moment for everybody
    in one window, so that caches see one URL. They live for one to two windows.
    """
    window = settings().media_window_seconds
    moment = time.time() if now is None else now
    return (int(moment) // window + 2) * window


def url_of(path: str, *, now: float | None = None) -> str:
    """Of an object, by its path in the bucket. That of a public one (an avatar, icon, banner or
    emoji) stays the same. Raises SigningKeyUnavailable, and ValueError where nothing is served at
    this path.
    """
    url = f"{settings().media_url}/{path}"
    if PUBLIC_PATH.fullmatch(f"/{path}"):
        return url
    found = PRIVATE_PATH.fullmatch(f"/{path}")
    if found is None:
        raise ValueError(f"nothing is served at {path}")
    return f"{url}?{_query(found[1], expires_at(now))}"


def fill(text: str, *, now: float | None = None) -> str:
    """The JSON with the URL of each upload in it. Without any upload it is the same text.

    Where the key cannot be read, those of private uploads stay null, and clients ask for them later
    (`POST /uploads/urls`, which says why).
    """
    if MARK not in text:
        return text
    if not is_configured():
        return fill_public(text)
    value = json.loads(text)
    try:
        fill_value(value, now=now)
    except SigningKeyUnavailable:  # it is logged, and what was written can be read without it
        return fill_public(text)
    return encode_json(value)


def fill_value(value: Any, *, now: float | None = None) -> None:
    """As `fill`, for JSON that was parsed already: changes it. Raises SigningKeyUnavailable."""
    if isinstance(value, list):
        for item in value:
            fill_value(item, now=now)
    elif isinstance(value, dict):
        if "thumbnails" in value:
            _fill_upload(value, now=now)
        for item in value.values():
            if isinstance(item, list | dict):
                fill_value(item, now=now)


def _fill_upload(upload: dict[str, Any], *, now: float | None) -> None:
    """An upload that is not ready has no object, and so no path."""
    for item in (upload, *(upload["thumbnails"] or ())):
        if path := item.get("path"):
            item["url"] = url_of(path, now=now)


def _query(upload: str, expires: int) -> str:
    """The same for everybody in one window, so it is signed once in each."""
    known = _queries.get((upload, expires))
    if known is not None:
        return known
    if len(_queries) >= CACHED_QUERIES:
        _queries.clear()
    query = signed_query(
        settings().media_url,
        upload,
        expires=expires,
        key=signing_key(),
        key_id=settings().media_key_id,
    )
    _queries[upload, expires] = query
    return query
