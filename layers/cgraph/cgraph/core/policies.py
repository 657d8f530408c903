"""Who may call a route, as data: each route declares a policy, and `require` decides.

The caller that an endpoint gets carries its route's policy; an action's `access_*` says how they
stand to the thing they ask for. So what is declared is what is enforced, and what the documents and
the proof S1 are made from.
"""

from dataclasses import dataclass

from cgraph.chat.policies import Role
from cgraph.core.errors import NotAllowed, Refusal
from cgraph.forums.policies import ForumRole


@dataclass(frozen=True, slots=True)
class Policy:
    """`who`: for people to read. `roles`: those in the conversation, or in the forum, that may.

    Beside the roles: `author` of the message, post or comment, `equals` in a direct conversation,
    whoever it is about `oneself`.
    """

    who: str
    signed_in: bool = True
    roles: frozenset[Role] | frozenset[ForumRole] = frozenset()
    author: bool = False
    equals: bool = False
    oneself: bool = False


@dataclass(frozen=True, slots=True)
class AccessContext:
    """What a person is to the thing they ask for, being in its conversation or in its forum."""

    role: Role | ForumRole
    is_author: bool = False
    is_equal: bool = False
    is_oneself: bool = False


ANYONE = Policy("anyone", signed_in=False)
SIGNED_IN = Policy("signed in")


def admits(policy: Policy, standing: AccessContext) -> bool:
    return (
        standing.role in policy.roles
        or (policy.author and standing.is_author)
        or (policy.equals and standing.is_equal)
        or (policy.oneself and standing.is_oneself)
    )


def require(policy: Policy, standing: AccessContext | None, *, hidden: type[Refusal]) -> None:
    """Raises `hidden` (the 404 of the thing) where they have nothing to do with it, NotAllowed
    where they may not do this.
    """
    if standing is None:
        raise hidden
    if not admits(policy, standing):
        raise NotAllowed(f"This is for: {policy.who}")
