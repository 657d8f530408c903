"""A statement of a policy, resolved: each reference is an ARN or a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

IDENTITY, RESOURCE, TRUST = "identity", "resource", "trust"


@dataclass(frozen=True, slots=True)
class Statement:
    """`policy`: where it stands, such as `pipeline.Boundary`. `kind`: of an identity, of a resource
    (a bucket, an endpoint) or the trust policy of a role. `reasons`: by Sid, why a statement is for
    every resource, from the Metadata of the template's resource.
    """

    policy: str
    kind: str
    effect: str
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition_keys: tuple[str, ...]
    unsupported: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, body: Mapping[str, Any], *, policy: str, kind: str, reasons: Mapping[str, str]
    ) -> Self:
        conditions = body.get("Condition", {}).values()
        return cls(
            policy=policy,
            kind=kind,
            effect=body["Effect"],
            sid=body.get("Sid", ""),
            actions=_texts(body.get("Action", ())),
            resources=_texts(body.get("Resource", ())),
            condition_keys=tuple(key for operands in conditions for key in operands),
            unsupported=tuple({"NotAction", "NotResource", "NotPrincipal"} & body.keys()),
            reasons=tuple(sorted(reasons.items())),
        )

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        reasons = tuple((sid, reason) for sid, reason in values.get("reasons", ()))
        return cls(**{**values, **lists, "reasons": reasons})

    def __str__(self) -> str:
        return f"{self.policy}{f' ({self.sid})' if self.sid else ''}"


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
