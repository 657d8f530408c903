"""Who may call each route, as data and as a page to read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from cgraph.accounts.api_tokens.models import Scope
from cgraph.chat.policies import ConversationRole
from cgraph.core.limits import SOCKET, Limit
from cgraph.core.policies import Policy
from cgraph.forums.policies import ForumRole
from cgraph_local.api_documents.inventory import HttpFunction, SocketAction

ABOUT = """\
# Who may call what

`make docs` generates this page from the policies that the functions declare. The same policies
decide at run time: see `require` in `cgraph/core/policies.py`.

- A ✓ means that a caller with this role may call the route. Roles in a conversation are owner,
  admin and member; both members of a direct conversation are members. Roles in a forum are owner,
  moderator, member, visitor (may read the forum and is not a member) and banned. A route without
  a ✓ belongs to no conversation or forum, or only to those in **also**.
- **Also** lists callers who may call the route whatever their role is: the author of the message,
  post or comment, both members of a direct conversation, and the user who is the target of the
  request, such as a member who leaves.
- **Scope** is what an API token needs to call the route (`POST /me/tokens`); without one it needs
  a session. A token without the scope gets 403 `scope_missing`.
- **Limit** is the rate limit. Routes with the same limit share one budget for each user, or for
  each address where nobody is signed in.

Where a stage requires verified addresses, an account without one may call each `GET` and the routes
that say so under **who may call it**; the others answer 403 `email_not_verified`. An account that
waits for its approval may only call the routes that say so; the others answer 403
`account_not_approved`.

A request without a session is refused with 401. A caller without access to the conversation or
forum gets the 404 of the resource, as if it did not exist. A caller who has access but not one of
the roles gets 403 `not_allowed`. In a list of streams (`POST /sync`, `hello`, `subscribe`), each
stream that the caller may not read is returned as `gone`.

Some rules are finer than this table: who may promote or remove which member, how long a message
may be edited, what a block prevents. The description of each operation states them.
"""
SOCKETS = "Socket actions"

GRANTABLE = frozenset(Scope)

Row = tuple[str, Policy, str, Limit | None]


def policy_json(policy: Policy) -> dict[str, Any]:
    return {
        "who": policy.who,
        "signed_in": policy.signed_in,
        "roles": [role.value for role in _roles([policy]) if role in policy.roles],
        "author": policy.author,
        "direct": policy.direct,
        "target": policy.target,
        "unverified": policy.unverified,
        "unapproved": policy.unapproved,
    }


def shown_scope(policy: Policy, scope: str) -> str | None:
    """None where an API token never helps: nobody needs one, or none gets the scope."""
    return scope if policy.signed_in and scope in GRANTABLE else None


def policies_page(http: Iterable[HttpFunction], actions: Iterable[SocketAction]) -> str:
    """Markdown: a table for each feature, and one for the socket's actions."""
    tables = {
        feature.capitalize(): [row for function in functions for row in _rows(function)]
        for feature, functions in groupby(http, key=lambda function: function.feature)
    }
    tables[SOCKETS] = [(action.name, action.policy, action.scope, SOCKET) for action in actions]
    return "\n".join([ABOUT, *(_table(title, rows) for title, rows in tables.items())])


def _rows(function: HttpFunction) -> Iterator[Row]:
    for path, method in function.operations:
        state = function.app.state
        yield f"{method.upper()} {path}", state.policy, state.scope, state.limit


def _table(title: str, rows: Sequence[Row]) -> str:
    roles = _roles(policy for _, policy, *_ in rows)
    head = f"| | who may call it |{''.join(f' {role} |' for role in roles)} also | scope | limit |"
    rule = f"|---|---|{':-:|' * len(roles)}---|---|---|"
    lines = (_line(*row, roles=roles) for row in rows)
    return "\n".join([f"## {title}\n", head, rule, *lines, ""])


def _roles(policies: Iterable[Policy]) -> list[ConversationRole] | list[ForumRole]:
    """Those that count: in a conversation or in a forum, or none; the most powerful first."""
    kinds = {type(role) for policy in policies for role in policy.roles}
    if ForumRole in kinds:
        return list(ForumRole)
    return list(ConversationRole) if ConversationRole in kinds else []


def _line(
    name: str,
    policy: Policy,
    scope: str,
    limit: Limit | None,
    *,
    roles: Sequence[ConversationRole | ForumRole],
) -> str:
    marks = ("✓" if role in policy.roles else "" for role in roles)
    also = {
        "the author": policy.author,
        "both members of a direct conversation": policy.direct,
        "the target user": policy.target,
    }
    others = ", ".join(who for who, may in also.items() if may)
    often = f"{limit.name}: {limit.per_minute} a minute, {limit.burst} at once" if limit else "none"
    cells = (f"`{name}`", policy.who, *marks, others, shown_scope(policy, scope) or "", often)
    return f"| {' | '.join(cells)} |"
