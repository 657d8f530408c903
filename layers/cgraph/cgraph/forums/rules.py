"""Whom a moderator may judge: the one rule of rank, and the one about their own case.

Owner, moderator, member, in this order; everybody else ranks as a member.

- Nobody judges their own case: what they wrote, a report about it, their own warning or ban, an
  appeal that they made.
- What somebody wrote may be judged by everybody of at least their rank: moderators may remove what
  another moderator wrote, but not what the owner wrote.
- A person (warning, ban, removal from the forum) may be judged by a higher rank only: a moderator
  by the owner, and the owner by nobody.

Reading, claiming and dismissing a report against somebody of a higher rank does them no harm, and
is allowed. Pinning judges nobody.
"""

from uuid import UUID

from cgraph.forums.errors import HigherRank, OwnCase
from cgraph.forums.policies import ForumRole

_RANKS = {ForumRole.OWNER: 2, ForumRole.MODERATOR: 1}


def require_other_case(*, judge: UUID, user_id: UUID) -> None:
    """`user_id`: whose case it is. Raises OwnCase."""
    if judge == user_id:
        raise OwnCase


def require_rank_for_text(judge: ForumRole, *, author: ForumRole | None) -> None:
    """`author`: their role now; None is no member. Raises HigherRank."""
    if _rank(judge) < _rank(author):
        raise HigherRank


def require_rank_over(judge: ForumRole, *, person: ForumRole | None) -> None:
    """`person`: their role now; None is no member. Raises HigherRank."""
    if not outranks(judge, person):
        raise HigherRank


def outranks(judge: ForumRole, person: ForumRole | None) -> bool:
    return _rank(judge) > _rank(person)


def _rank(role: ForumRole | None) -> int:
    return 0 if role is None else _RANKS.get(role, 0)
