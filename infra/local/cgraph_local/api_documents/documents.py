"""The documents, as files."""

import json
from pathlib import Path
from typing import Any

from cgraph_local.api_documents.asyncapi import asyncapi
from cgraph_local.api_documents.errors_page import errors_page
from cgraph_local.api_documents.inventory import http_functions, socket_actions
from cgraph_local.api_documents.openapi import openapi
from cgraph_local.api_documents.policies import policies_page
from cgraph_local.api_documents.texts import with_unwrapped_descriptions


def new_documents(functions: Path, *, version: str) -> dict[str, dict[str, Any]]:
    """By file name. `functions` is a folder on `sys.path`."""
    http, actions = http_functions(functions), socket_actions(functions)
    return {
        "openapi.json": with_unwrapped_descriptions(openapi(http, version=version)),
        "asyncapi.json": with_unwrapped_descriptions(asyncapi(actions, version=version)),
    }


def new_files(functions: Path, *, version: str) -> dict[str, str]:
    """By name, all that is committed in docs/api."""
    documents = new_documents(functions, version=version)
    http, actions = http_functions(functions), socket_actions(functions)
    return {
        **{name: _text(document) for name, document in documents.items()},
        "policies.md": policies_page(http, actions),
        "errors.md": errors_page(http, actions),
    }


def _text(document: dict[str, Any]) -> str:
    """A change of the API is a change of lines."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
