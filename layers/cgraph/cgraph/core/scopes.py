"""What an API token may do: scopes like `messages:write`, a feature and `read` or `write`.

Each route has one scope: its own (`new_app(…, scope=…)`), or that of the endpoint's folder and its
method. Only the scopes that a token may be granted exist for users, so a route in a folder
that nobody lists there needs a session.
"""

from collections.abc import Collection, Iterable

from cgraph.core.errors import ScopeMissing

Scopes = frozenset[str]


def scope_of(module: str, methods: Iterable[str]) -> str:
    """Of an endpoint in `module` (`api.messages.send_message`)."""
    *_, folder, _ = ["", *module.split(".")]
    return f"{folder}:{'read' if set(methods) <= {'GET', 'HEAD'} else 'write'}"


def require_scope(scope: str, *, granted: Collection[str] | None) -> None:
    """`granted`: of an API token; None for a session. Raises ScopeMissing."""
    if granted is not None and scope not in granted:
        raise ScopeMissing(f"The API token lacks the scope {scope!r}")
