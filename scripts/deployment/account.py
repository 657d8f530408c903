"""Reads and changes the CloudFormation stack of a stage. The errors of botocore are
not caught here: `__main__` prints them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from scripts.deployment.stage import Stage
from scripts.deployment.steps import CommandError, print_line
from scripts.deployment.zones import available_ids


@dataclass(frozen=True)
class Account:
    region: str

    @cached_property
    def cloudformation(self) -> Any:
        return boto3.client("cloudformation", region_name=self.region)

    def zones(self) -> list[str]:
        """The ids of the region's available zones."""
        ec2 = boto3.client("ec2", region_name=self.region)
        return available_ids(ec2.describe_availability_zones()["AvailabilityZones"])

    def identity(self) -> str:
        """The account's id."""
        sts = boto3.client("sts", region_name=self.region)
        return str(sts.get_caller_identity()["Account"])

    def stack(self, name: str) -> dict[str, Any] | None:
        """None if the stack does not exist or has never had more than a change set."""
        try:
            stacks = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if stacks[0]["StackStatus"] == "REVIEW_IN_PROGRESS" else dict(stacks[0])

    def delete(self, name: str, *, poll_seconds: float = 5.0) -> None:
        """Deletes the stack and prints each deleted resource. Raises CommandError on a failure."""
        stack = self.stack(name)
        assert stack is not None
        self.cloudformation.delete_stack(StackName=name)
        printed_event_ids: set[str] = set()
        while (status := self._status(stack["StackId"])).endswith("_IN_PROGRESS"):
            self._print_deleted(stack["StackId"], printed_event_ids)
            time.sleep(poll_seconds)
        if status != "DELETE_COMPLETE":
            self._print_deleted(stack["StackId"], printed_event_ids)
            raise CommandError(
                f"{name} could not be deleted completely: the lines with DELETE_FAILED above name "
                "the resources and the reasons. Remove the causes, then run the command again."
            )

    def _status(self, stack_id: str) -> str:
        """By id, because CloudFormation finds a deleted stack only by its id."""
        return str(
            self.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
        )

    def _print_deleted(self, stack_id: str, printed_event_ids: set[str]) -> None:
        events = self.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        for event in reversed(events):
            status = event["ResourceStatus"]
            if event["EventId"] in printed_event_ids or not status.startswith("DELETE_"):
                continue
            printed_event_ids.add(event["EventId"])
            if not status.endswith("_IN_PROGRESS"):
                reason = event.get("ResourceStatusReason", "")
                print_line(f"      {status:<16} {event['LogicalResourceId']} {reason}")

    def protect(self, stage: Stage, *, protected: bool) -> None:
        stack = self.stack(stage.stack) or {}
        if stack.get("EnableTerminationProtection", False) != protected:
            self.cloudformation.update_termination_protection(
                StackName=stage.stack, EnableTerminationProtection=protected
            )


def parameters(stack: Mapping[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
