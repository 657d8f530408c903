"""The availability zones of a stage: chosen for a new stack, checked for every deployment."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.deployment.steps import CommandError

FILE = Path(__file__).with_name("zones.toml")
NEEDED = {"small": 2, "medium": 2, "large": 3}
PARAMETER = "Zones"


def read_unsupported(file: Path = FILE) -> dict[str, str]:
    """The service that does not run in a zone, by the zone's id."""
    entries = tomllib.loads(file.read_text())["unsupported"]
    return {entry["zone"]: entry["service"] for entry in entries}


def available_ids(zones: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of the answer of EC2's DescribeAvailabilityZones: those of the region itself that take new
    resources, by id.
    """
    return sorted(
        zone["ZoneId"]
        for zone in zones
        if zone["State"] == "available"
        and zone["ZoneType"] == "availability-zone"
        and zone["OptInStatus"] != "not-opted-in"
    )


def choose(available: Sequence[str], *, size: str, unsupported: Mapping[str, str]) -> str:
    """For a new stack: three where there are so many, so that the stage can become `large`. Raises
    CommandError where the region has too few.
    """
    usable = [zone for zone in available if zone not in unsupported]
    if len(usable) < NEEDED[size]:
        raise CommandError(
            f"SIZE={size} needs {NEEDED[size]} zones, and this region has {len(usable)} that all "
            f"services support: {', '.join(usable) or 'none'}. Choose another size or region."
        )
    return ",".join(usable[:3])


def check(
    chosen: str, available: Sequence[str], *, size: str, unsupported: Mapping[str, str]
) -> None:
    """`chosen`: the parameter Zones. Raises CommandError where a stage cannot be in these zones."""
    zones = chosen.split(",")
    if len(set(zones)) < len(zones):
        raise CommandError(f"Zones={chosen}: each zone may be named once.")
    if len(zones) < NEEDED[size]:
        raise CommandError(f"Zones={chosen}: SIZE={size} needs {NEEDED[size]} zones.")
    for zone in zones:
        if zone in unsupported:
            raise CommandError(
                f"Zones={chosen}: {unsupported[zone]} does not run in {zone} "
                f"(scripts/deployment/zones.toml). Usable: {_usable(available, unsupported)}."
            )
        if zone not in available:
            raise CommandError(
                f"Zones={chosen}: there is no available zone with the id {zone} in this region. "
                f"Ids, not names, and usable: {_usable(available, unsupported)}."
            )


def extends(chosen: str, deployed: str) -> bool:
    """Whether a stack in the zones `deployed` keeps them: more may only follow."""
    before = deployed.split(",")
    return chosen == deployed or (bool(deployed) and chosen.split(",")[: len(before)] == before)


def _usable(available: Sequence[str], unsupported: Mapping[str, str]) -> str:
    return ", ".join(zone for zone in available if zone not in unsupported) or "none"
