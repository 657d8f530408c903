"""Who may do what to whom in a group."""

from cgraph.chat.policies import ADMINS, Role

MEMBERS_AT_MOST = 1000


def may_give(giver: Role, *, role: Role, had: Role | None) -> bool:
    """`had`: None of who is no member yet. Whoever may add, adds members; only the owner gives
    roles.
    """
    if had is None and role is Role.MEMBER:
        return giver in ADMINS
    return giver is Role.OWNER


def may_remove(remover: Role, *, removed: Role) -> bool:
    """Of somebody else: the owner removes anyone, admins do not remove each other."""
    return remover is Role.OWNER or (remover is Role.ADMIN and removed is Role.MEMBER)


def must_hand_over(role: Role, *, members: int) -> bool:
    """Before they leave, or give up their role: a group with members has an owner."""
    return role is Role.OWNER and members > 1


def has_room(members: int) -> bool:
    return members < MEMBERS_AT_MOST
