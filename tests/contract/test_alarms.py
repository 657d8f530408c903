"""Alarms: each is explained to operators, and what can stop unnoticed has one. Whether they fire is
for tests/proofs/test_r25_alarms.py.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.infrastructure import SIZES, metrics_of, read, resolved, resources

LINK = re.compile(r" docs/operations\.md#([a-z-]+)$")
NAME = "cgraph-trial"


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


def signs_of_trouble() -> dict[str, str]:
    """The entries by the anchors of their headings."""
    text = read("docs/operations.md").partition("\n# Signs of trouble\n")[2]
    entries = (entry.partition("\n") for entry in text.split("\n## ")[1:])
    return {slug(heading): body for heading, _, body in entries}


def alarms(checkout: Checkout, size: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name that operators see, without the stage, and the properties."""
    for stack in ("observability", "edge_alarms", "search_alarms", "delivery_alarms"):
        for properties in resolved(stack, size=size, Name=NAME, Topic="").values():
            if "AlarmDescription" in properties:
                yield properties["AlarmName"].removeprefix(f"{NAME}-"), properties
    for name, resource in checkout.template["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            yield name, resource["Properties"]


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_has_an_entry_that_names_it(checkout: Checkout, size: str) -> None:
    entries, found = signs_of_trouble(), dict(alarms(checkout, size))
    for name, alarm in found.items():
        link = LINK.search(alarm["AlarmDescription"])
        assert link, name
        assert link[1] in entries, f"{name}: docs/operations.md has no entry {link[1]}"
        assert f"`{name}`" in entries[link[1]], f"the entry {link[1]} does not name `{name}`"
        assert "TreatMissingData" in alarm, name
    assert len(found) == {"small": 60, "medium": 62, "large": 60}[size]


def test_each_alarm_that_operators_read_about_exists(checkout: Checkout) -> None:
    known = {name for size in SIZES for name, _ in alarms(checkout, size)}
    for entry, body in signs_of_trouble().items():
        for names in re.findall(r"alarms? ((?:`[A-Za-z-]+`(?:, | or | and )?)+)", body):
            assert set(re.findall(r"`([A-Za-z-]+)`", names)) <= known, (entry, names)


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_but_those_of_canaries_notifies_operators(size: str) -> None:
    own = {"Topic": ""}
    for stack, topic, parameters in (
        ("observability", "Topic.None", {}),
        ("edge_alarms", "Alarms.None", own),
        ("edge_alarms", "a-Topic", {}),
        ("search_alarms", "a-Topic", {}),
        ("delivery_alarms", "a-Topic", {}),
    ):
        for name, alarm in resolved(stack, size=size, **parameters).items():
            if "AlarmDescription" in alarm:
                assert alarm["AlarmActions"] == alarm["OKActions"] == [topic], name


def dimensions(name: str) -> set[str]:
    """What the alarms of the nested stack watch, by this dimension: parameters of the stack."""
    return {
        dimension["Value"]["Ref"]
        for _, alarm in resources("AWS::CloudWatch::Alarm")
        for metric in metrics_of(alarm["Properties"])
        if isinstance(metric.get("Dimensions"), list)
        for dimension in metric["Dimensions"]
        if dimension["Name"] == name and "Ref" in dimension["Value"]
    }


def test_each_queue_is_watched(checkout: Checkout) -> None:
    """The queues are in the root template, the alarms in a nested stack."""
    queues = {
        name
        for name, resource in checkout.template["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue"
    }
    assert queues <= dimensions("QueueName")


def test_each_timer_is_watched(checkout: Checkout) -> None:
    """A timer that does not run raises no error."""
    timers = {
        name
        for name, function in checkout.declared.items()
        if any(event["Type"] == "ScheduleV2" for event in function.events.values())
    }
    assert timers
    assert timers <= dimensions("FunctionName")


def slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.strip().lower()).strip("-")
