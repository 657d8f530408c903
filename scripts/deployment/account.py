"""What CloudFormation knows of a stage. What AWS refuses is botocore's to raise, and is said once,
where the command ends.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from scripts.deployment.stage import Stage
from scripts.deployment.steps import Refused, say


@dataclass(frozen=True)
class Account:
    region: str

    @cached_property
    def cloudformation(self) -> Any:
        return boto3.client("cloudformation", region_name=self.region)

    def identity(self) -> str:
        """The account's number."""
        sts = boto3.client("sts", region_name=self.region)
        return str(sts.get_caller_identity()["Account"])

    def stack(self, name: str) -> dict[str, Any] | None:
        """None too where only a change set was ever made for it."""
        try:
            found = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found[0]["StackStatus"] == "REVIEW_IN_PROGRESS" else dict(found[0])

    def delete(self, name: str, *, every: float = 5.0) -> None:
        """Says what has gone. Raises Refused where something stays that should not."""
        stack = self.stack(name)
        assert stack is not None
        self.cloudformation.delete_stack(StackName=name)
        told: set[str] = set()
        while (status := self._status(stack["StackId"])).endswith("_IN_PROGRESS"):
            self._tell_deleted(stack["StackId"], told)
            time.sleep(every)
        if status != "DELETE_COMPLETE":
            self._tell_deleted(stack["StackId"], told)
            raise Refused(
                f"Not all of {name} could be deleted; DELETE_FAILED above says what and why. "
                "Free it, then run the same again."
            )

    def _status(self, stack_id: str) -> str:
        """A stack that is gone is found by its id only."""
        return str(
            self.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
        )

    def _tell_deleted(self, stack_id: str, told: set[str]) -> None:
        events = self.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        for event in reversed(events):
            if event["EventId"] in told or not event["ResourceStatus"].startswith("DELETE_"):
                continue
            told.add(event["EventId"])
            if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                reason = event.get("ResourceStatusReason", "")
                say(f"      {event['ResourceStatus']:<16} {event['LogicalResourceId']} {reason}")

    def protect(self, stage: Stage, *, protected: bool) -> None:
        stack = self.stack(stage.stack) or {}
        if stack.get("EnableTerminationProtection", False) != protected:
            self.cloudformation.update_termination_protection(
                StackName=stage.stack, EnableTerminationProtection=protected
            )


def parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
