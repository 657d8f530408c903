"""The caller of a request: apart from the models, since every function needs it and few
need those. A caller without a session is a sender.
"""

from dataclasses import dataclass

from cgraph.core.addresses import Network
from cgraph.core.ids import SessionId, UserId
from cgraph.core.limits import Allowance, Mode
from cgraph.core.policies import Policy
from cgraph.core.scopes import Scopes
from cgraph.core.tokens import Token


@dataclass(frozen=True, slots=True)
class Caller:
    """The user, their session, and the policy of the route that is called. `lag_ms_at_most`: how
    old the copy of the database may be that is read for them; 0 for the primary. `standing`: what
    the account lacks (see `standing`). `scopes`: of the API token that stands for a session; None
    for a session, which may do all that its user may.
    """

    id: UserId
    session_id: SessionId
    policy: Policy
    lag_ms_at_most: int = 0
    standing: str = ""
    scopes: Scopes | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """The result of the round trip to Valkey at the start of a request."""

    caller: Caller
    allowance: Allowance
    mode: Mode


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request without a session comes from. `voucher`: the token in its body that Valkey
    knows to be issued.
    """

    network: Network
    voucher: Token | None = None
