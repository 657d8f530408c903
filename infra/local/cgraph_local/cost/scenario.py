"""A number of users on a size of deployment: everything from which a cost is calculated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cgraph_local.cost.assumptions import Assumptions
from cgraph_local.cost.deployed_resources import DeployedResources
from cgraph_local.cost.measurements import Measurements

SMALL_UP_TO = 10_000
MEDIUM_UP_TO = 100_000
CHAT_ONLY = {"forum_share": 0.0}


@dataclass(frozen=True, slots=True)
class Scenario:
    users: int
    resources: DeployedResources
    assumptions: Assumptions
    measurements: Measurements

    @classmethod
    def of(
        cls,
        users: int,
        *,
        egress: str,
        edge: str = "auto",
        search: str = "auto",
        size: str | None = None,
        changes: Mapping[str, float] | None = None,
    ) -> Self:
        size = size or usual_size(users)
        return cls(
            users=users,
            resources=DeployedResources.read(size, egress=egress, edge=edge, search=search),
            assumptions=Assumptions.read(size, changes=changes),
            measurements=Measurements.read(),
        )

    @property
    def active_days(self) -> float:
        """Active days of all users in a month."""
        return self.users * self.assumptions.active_share * self.assumptions.days


def usual_size(users: int) -> str:
    if users <= SMALL_UP_TO:
        return "small"
    return "medium" if users <= MEDIUM_UP_TO else "large"
