"""Who may call each route, as data and as a page to read."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from cgraph.chat.policies import ConversationRole
from cgraph.core.limits import SOCKET, Limit
from cgraph.core.policies import Policy
from cgraph_local.api_documents.inventory import HttpFunction, SocketAction

ABOUT = """\
# Who may do what

Made by `make docs` from what the functions declare; the same declaration is what refuses
(`cgraph/policies.py`).

A ✓ says whose role in the conversation is enough; *also* says who else may, whatever their role. A
direct conversation has no owner and no admin: both are members. Where a route belongs to no
conversation, the roles are empty.

Whoever is not in the conversation is answered the 404 of the thing, as if it did not exist. A
member whose role may not is answered 403 `not_allowed`. Without a session it is 401. Where streams
are named (`/sync`, `subscribe` and the like), each that is not one's own to follow is `gone`.

Some rules are finer than a table of routes: who may remove or promote whom, for how long a message
may be edited, what a block forbids. The routes say them in `/docs`.
"""
HEAD = "| | who may | owner | admin | member | also | limit |\n|---|---|:-:|:-:|:-:|---|---|"
SOCKETS = "over the socket"

Row = tuple[str, Policy, Limit | None]


def described(policy: Policy) -> dict[str, Any]:
    """As JSON; the roles in the order of what they may."""
    return {
        "who": policy.who,
        "signed_in": policy.signed_in,
        "roles": [role.value for role in ConversationRole if role in policy.roles],
        "author": policy.author,
        "direct": policy.direct,
        "target": policy.target,
    }


def policies_page(http: Iterable[HttpFunction], actions: Iterable[SocketAction]) -> str:
    """Markdown: a table a feature, and one of the socket's actions."""
    tables = {
        feature: [row for function in functions for row in _rows(function)]
        for feature, functions in groupby(http, key=lambda function: function.feature)
    }
    tables[SOCKETS] = [(action.name, action.policy, SOCKET) for action in actions]
    return "\n".join([ABOUT, *(_table(title, rows) for title, rows in tables.items())])


def _rows(function: HttpFunction) -> Iterator[Row]:
    for path, method in function.operations:
        yield f"{method.upper()} {path}", function.app.state.policy, function.app.state.limit


def _table(title: str, rows: Iterable[Row]) -> str:
    return "\n".join([f"## {title.capitalize()}\n", HEAD, *(_line(*row) for row in rows), ""])


def _line(name: str, policy: Policy, limit: Limit | None) -> str:
    roles = ("✓" if role in policy.roles else "" for role in ConversationRole)
    also = {"the author": policy.author, "both members of a direct conversation": policy.direct}
    also["the member in question"] = policy.target
    others = ", ".join(who for who, may in also.items() if may)
    often = f"{limit.name}: {limit.per_minute} a minute, {limit.burst} at once" if limit else "none"
    return f"| {' | '.join((f'`{name}`', policy.who, *roles, others, often))} |"
