"""The URLs of public pictures in answers: they need no signature, and so no key."""

import json
import re
from typing import Any

from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.media.signatures import PUBLIC_PATH

MARK = re.compile(r': ?"public/')
"""How the path of a public object begins in JSON. Inside of a text its quote would be escaped."""


def fill_public(text: str) -> str:
    """The JSON with the URL of each public object in it. Without any it is the same text."""
    if MARK.search(text) is None:
        return text
    value = json.loads(text)
    fill_value(value)
    return encode_json(value)


def fill_value(value: Any) -> None:
    """As `fill_public`, for JSON that was parsed already: changes it. Where no media are served,
    URLs stay null.
    """
    if isinstance(value, list):
        for item in value:
            fill_value(item)
    elif isinstance(value, dict):
        path = value.get("path")
        if "url" in value and isinstance(path, str) and PUBLIC_PATH.fullmatch(f"/{path}"):
            value["url"] = f"{settings().media_url}/{path}" if settings().media_url else None
        for item in value.values():
            if isinstance(item, list | dict):
                fill_value(item)
