"""Who may do what to whom in a group."""

from cgraph.chat.policies import ADMINS, ConversationRole

MEMBERS_AT_MOST = 1000


def may_assign_role(
    giver: ConversationRole, *, role: ConversationRole, had: ConversationRole | None
) -> bool:
    """`had`: None of who is no member yet. Whoever may add, adds members; only the owner gives
    roles.
    """
    if had is None and role is ConversationRole.MEMBER:
        return giver in ADMINS
    return giver is ConversationRole.OWNER


def may_remove(remover: ConversationRole, *, removed: ConversationRole) -> bool:
    """Of somebody else: the owner removes anyone, admins do not remove each other."""
    return remover is ConversationRole.OWNER or (
        remover is ConversationRole.ADMIN and removed is ConversationRole.MEMBER
    )


def must_transfer_ownership(role: ConversationRole, *, members: int) -> bool:
    """Before they leave, or give up their role: a group with members has an owner."""
    return role is ConversationRole.OWNER and members > 1


def has_room(members: int) -> bool:
    return members < MEMBERS_AT_MOST
