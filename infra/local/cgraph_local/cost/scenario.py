"""So many people on one of the sizes: everything a cost is worked out from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cgraph_local.cost.assumptions import Assumptions
from cgraph_local.cost.deployed_resources import Stacks
from cgraph_local.cost.measurements import Measured

SMALL_UP_TO = 10_000
MEDIUM_UP_TO = 100_000


@dataclass(frozen=True, slots=True)
class Scenario:
    users: int
    stacks: Stacks
    assumed: Assumptions
    measured: Measured

    @classmethod
    def of(
        cls,
        users: int,
        *,
        egress: str,
        size: str | None = None,
        changes: Mapping[str, float] | None = None,
    ) -> Self:
        size = size or usual_size(users)
        return cls(
            users=users,
            stacks=Stacks.read(size, egress=egress),
            assumed=Assumptions.read(size, changes=changes),
            measured=Measured.read(),
        )

    @property
    def active_days(self) -> float:
        """Days on which somebody came, each person's for itself, in a month."""
        return self.users * self.assumed.active_share * self.assumed.days


def usual_size(users: int) -> str:
    if users <= SMALL_UP_TO:
        return "small"
    return "medium" if users <= MEDIUM_UP_TO else "large"
