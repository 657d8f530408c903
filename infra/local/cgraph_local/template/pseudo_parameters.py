"""Values of CloudFormation's pseudo parameters on this machine."""

from collections.abc import Mapping

ACCOUNT_ID = "000000000000"
REGION = "us-east-1"
URL_SUFFIX = "amazonaws.com"
STACK_NAME = "cgraph-local"

PSEUDO_PARAMETERS: Mapping[str, object] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{STACK_NAME}/local",
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": URL_SUFFIX,
}
