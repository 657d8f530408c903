"""The role that a function must have, and the YAML of a role that the template lacks."""

from collections.abc import Iterable, Iterator

from tests.contract.checkout import Checkout, Kind

WORDS = {
    "UseDatabase": "Database",
    "OwnDatabase": "DatabaseOwner",
    "ReadAsOperator": "Operator",
    "UseCache": "Cache",
    "UseSearch": "Search",
    "SignMedia": "Media",
    "PushToSockets": "Push",
    "ReportLogGrowth": "Log",
    "NudgeEachConsumer": "Nudges",
    "QueuePreviews": "Previews",
    "QueuePreviewFetches": "Fetches",
    "StorePictures": "Pictures",
    "QueueWebPush": "WebPush",
    "QueuePhonePush": "PhonePush",
    "QueueMail": "Mail",
    "QueueDeliveries": "Deliveries",
    "SendWithSes": "Ses",
    "ReadPhoneKeys": "PhoneKeys",
    "RetryJobs": "",
    "WatchPushQueue": "QueueStatus",
    "QueueFiles": "Files",
    "ReceiveFiles": "Receiving",
    "SeeParts": "Parts",
    "StoreFiles": "Storage",
    "RemoveFiles": "Removal",
    "ScanFiles": "Scanner",
    "ManageSockets": "Connections",
}
"""The word for each capability in the name of a role, in the order of the words in the name.
RetryJobs has none: every worker has it."""

BASIC = "AWSLambdaBasicExecutionRole"
VPC = "AWSLambdaVPCAccessExecutionRole"
QUEUE = "AWSLambdaSQSQueueExecutionRole"
SERVICE_POLICIES = (BASIC, VPC, QUEUE)
NO_VALUE = {"Ref": "AWS::NoValue"}

HEAD = """\
  {name}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, \
Action: sts:AssumeRole}}]
      PermissionsBoundary: !If [Bounded, !Ref PermissionsBoundary, !Ref AWS::NoValue]
      ManagedPolicyArns:
"""


def advice(checkout: Checkout, policies: Iterable[str]) -> str:
    """The line of the template that gives a function the role with these policies, and the role's
    YAML if the template does not have it yet.
    """
    needed = frozenset(policies)
    for name, role in checkout.roles.items():
        if role.policies == needed and name in checkout.template["Resources"]:
            return f"Role: !GetAtt {name}.Arn"
    new = role_name(needed)
    return f"Role: !GetAtt {new}.Arn, with this new role in template.yaml:\n{role_yaml(needed)}"


def role_name(policies: Iterable[str]) -> str:
    """`DatabaseCacheRole` for UseDatabase and UseCache; `…WorkerRole` if it reads a queue."""
    names = set(policies)
    words = [word for capability, word in WORDS.items() if capability in names] or ["LogsOnly"]
    return "".join([*words, *(["Worker"] if QUEUE in names else []), "Role"])


def role_yaml(policies: Iterable[str]) -> str:
    """The role as template.yaml writes it."""
    names = frozenset(policies)
    lines = (f"        - {line}\n" for line in _policy_lines(names))
    return HEAD.format(name=role_name(names)) + "".join(lines)


def service_policies(checkout: Checkout, function: str) -> frozenset[str]:
    """AWS's policies that Lambda needs to run the function. Each includes writing logs."""
    properties = checkout.translated["Resources"][function]["Properties"]
    needed = set()
    if properties.get("VpcConfig", NO_VALUE) != NO_VALUE:
        needed.add(VPC)
    if checkout.declared[function].kind is Kind.QUEUE:
        needed.add(QUEUE)
    return frozenset(needed or {BASIC})


def _policy_lines(policies: frozenset[str]) -> Iterator[str]:
    yield from (f"!Ref {name}" for name in WORDS if name in policies)
    yield from (
        f"!Sub arn:${{AWS::Partition}}:iam::aws:policy/service-role/{name}"
        for name in SERVICE_POLICIES
        if name in policies
    )
