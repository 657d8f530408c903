"""Who asks: apart from the models, because every function needs it and few need those."""

from dataclasses import dataclass

from cgraph.core.ids import SessionId, UserId
from cgraph.core.limits import Allowance, Mode
from cgraph.core.policies import Policy


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which session, and the policy of the route they ask through."""

    id: UserId
    session_id: SessionId
    policy: Policy


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer of the one round trip to Valkey at the start of a request."""

    caller: Caller
    allowance: Allowance
    mode: Mode
