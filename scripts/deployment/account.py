"""What CloudFormation knows of a stage."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scripts.deployment.stage import Stage
from scripts.deployment.steps import Refused

SIGN_IN = (
    "AWS did not answer as hoped: {error}\n"
    "Sign in first (aws login, or AWS_PROFILE=…); `DRY=1` shows the plan without an account."
)


@dataclass(frozen=True)
class Account:
    region: str

    @cached_property
    def cloudformation(self) -> Any:
        import boto3

        return boto3.client("cloudformation", region_name=self.region)

    def identity(self) -> str:
        """The account's number. Raises Refused."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            sts = boto3.client("sts", region_name=self.region)
            return str(sts.get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise Refused(SIGN_IN.format(error=error)) from error

    def stack(self, name: str) -> dict[str, Any] | None:
        """Raises Refused."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise Refused(SIGN_IN.format(error=error)) from error
        except BotoCoreError as error:
            raise Refused(SIGN_IN.format(error=error)) from error
        return dict(found[0])

    def protect(self, stage: Stage, *, protected: bool) -> None:
        self.cloudformation.update_termination_protection(
            StackName=stage.stack, EnableTerminationProtection=protected
        )


def parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
