"""Which changes to the members of a group each role may make."""

from cgraph.chat.policies import ADMINS, ConversationRole

MEMBERS_AT_MOST = 1000


def may_assign_role(
    assigner: ConversationRole, *, role: ConversationRole, current: ConversationRole | None
) -> bool:
    """`current`: the role that the user has, or None if they are not a member. Owners and admins
    add members; only the owner gives other roles.
    """
    if current is None and role is ConversationRole.MEMBER:
        return assigner in ADMINS
    return assigner is ConversationRole.OWNER


def may_remove(remover: ConversationRole, *, removed: ConversationRole) -> bool:
    """Whether a member may remove another: the owner removes everybody, an admin only members."""
    return remover is ConversationRole.OWNER or (
        remover is ConversationRole.ADMIN and removed is ConversationRole.MEMBER
    )


def must_transfer_ownership(role: ConversationRole, *, member_count: int) -> bool:
    """Whether a member who leaves must first make another the owner: a group with members has an
    owner.
    """
    return role is ConversationRole.OWNER and member_count > 1


def has_room(member_count: int) -> bool:
    return member_count < MEMBERS_AT_MOST
