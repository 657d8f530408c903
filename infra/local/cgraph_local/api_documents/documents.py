"""Both documents, as files."""

import json
from pathlib import Path
from typing import Any

from cgraph_local.api_documents.asyncapi import asyncapi
from cgraph_local.api_documents.inventory import http_functions, socket_actions
from cgraph_local.api_documents.openapi import openapi


def new_documents(functions: Path, *, version: str) -> dict[str, dict[str, Any]]:
    """By file name. `functions` is a folder on `sys.path`."""
    return {
        "openapi.json": openapi(http_functions(functions), version=version),
        "asyncapi.json": asyncapi(socket_actions(functions), version=version),
    }


def text_of(document: dict[str, Any]) -> str:
    """As it is committed: a change of the API is a change of lines."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
