"""Who may call a route, as data: each route declares a policy, and `require` decides.

The caller that an endpoint gets carries the policy of its route; an action's `access_*` function
finds out what the caller is to the thing it fetches. So what is declared is what is enforced, and
what the API documents and the proof S1 are made from. The rooms add their own roles and policies.
"""

from dataclasses import dataclass

from cgraph.core.errors import NotAllowed, Refusal


@dataclass(frozen=True, slots=True)
class Policy:
    """`who` is for people to read. `roles`: of the conversation, or of the forum.

    Apart from the roles it may allow the `author` of the message, post or comment, either member of
    a `direct` conversation, and the user who is the `target` of the request. `always`: the author
    also while banned from the forum, and of a post or comment in a private forum that they may no
    longer read.

    `unverified`: also who has not verified their e-mail address, where that is required; of `GET`
    and of frames that only read they always may. `unapproved`: also whose account waits for its
    approval; nothing else is open to them (see `standing`).
    """

    who: str
    signed_in: bool = True
    roles: frozenset[str] = frozenset()
    author: bool = False
    always: bool = False
    direct: bool = False
    target: bool = False
    unverified: bool = False
    unapproved: bool = False


@dataclass(frozen=True, slots=True)
class AccessContext:
    """What a user is to a thing, having access to its conversation or forum."""

    role: str
    is_author: bool = False
    is_direct: bool = False
    is_target: bool = False


ANYONE = Policy("anyone", signed_in=False)
SIGNED_IN = Policy("any signed-in user")
READER = Policy("any signed-in user, also with an unverified address", unverified=True)
"""Of requests that change nothing for others, and are no `GET`."""

OWN_ACCOUNT = Policy(
    "any signed-in user, also with an unverified address or an account that waits for its approval",
    unverified=True,
    unapproved=True,
)
"""Of what keeps an account safe, ends its sessions or verifies its address."""


def allows(policy: Policy, context: AccessContext) -> bool:
    return (
        context.role in policy.roles
        or (policy.author and context.is_author)
        or (policy.direct and context.is_direct)
        or (policy.target and context.is_target)
    )


def require(policy: Policy, context: AccessContext | None, *, not_found: type[Refusal]) -> None:
    """Raises `not_found` (the 404 of the thing) where the user has no access to it, and NotAllowed
    where the policy does not allow the request.
    """
    if context is None:
        raise not_found
    if not allows(policy, context):
        raise NotAllowed(f"Only for: {policy.who}")
