"""Functions that need the same policies share one role, which each of them names.

Otherwise SAM would create a role for each function, and CloudFormation allows only 500 resources
in a stack.
"""

import json
from collections import defaultdict
from collections.abc import Iterator

from cgraph_local.permissions import capabilities, role_names
from tests.contract.checkout import Checkout
from tests.contract.roles import WORDS, advice, role_name, service_policies


def every_function_names_its_role(checkout: Checkout) -> Iterator[str]:
    resources = checkout.template["Resources"]
    for name, role in role_names(checkout.translated).items():
        if role not in resources:
            needed = checkout.role_of(name).capabilities | service_policies(checkout, name)
            yield f"{name} names no role, so SAM creates one for it: {advice(checkout, needed)}"
        elif "Policies" in resources[name]["Properties"]:
            yield f"{name} has a Role, so SAM ignores its Policies: remove them"


def roles_have_the_policies_of_lambda(checkout: Checkout) -> Iterator[str]:
    """The Lambda service uses the function's role for the VPC, the queue and the logs."""
    for role in checkout.roles.values():
        for function in role.functions:
            needed = service_policies(checkout, function)
            if role.aws_policies != needed:
                has = " and ".join(sorted(role.aws_policies)) or "none of AWS's policies"
                yield (
                    f"{function} needs {' and '.join(sorted(needed))}, {role.name} has {has}: "
                    f"{advice(checkout, role.capabilities | needed)}"
                )


def every_role_is_used(checkout: Checkout) -> Iterator[str]:
    text = json.dumps(checkout.translated)
    for name, resource in checkout.translated["Resources"].items():
        used = json.dumps({"Fn::GetAtt": [name, "Arn"]}) in text
        if resource["Type"] == "AWS::IAM::Role" and not used:
            yield f"No resource has the role {name}: remove it from template.yaml"


def no_two_roles_are_equal(checkout: Checkout) -> Iterator[str]:
    by_policies = defaultdict(list)
    for name, role in checkout.roles.items():
        by_policies[role.policies].append(name)
    for names in by_policies.values():
        if len(names) > 1:
            yield f"{' and '.join(names)} have the same policies: keep one of them"


def roles_are_named_after_their_capabilities(checkout: Checkout) -> Iterator[str]:
    for name in sorted(capabilities(checkout.translated).keys() ^ WORDS.keys()):
        yield f"{name} must be both a capability and in WORDS of tests/contract/roles.py"
    for name, role in checkout.roles.items():
        if name != role_name(role.policies):
            yield f"The role {name} has the policies of {role_name(role.policies)}: rename it"
        for policy in sorted({grant.policy for grant in role.grants} - role.policies):
            yield f"{name} has the inline policy {policy}: make it an AWS::IAM::ManagedPolicy"


def schedules_may_invoke_their_functions(checkout: Checkout) -> Iterator[str]:
    invoked = defaultdict(set)
    for resource in checkout.translated["Resources"].values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            target = resource["Properties"]["Target"]
            invoked[_name(target["RoleArn"])].add(_name(target["Arn"]))
    for role, functions in invoked.items():
        allowed = _may_invoke(checkout, role)
        for name in sorted(functions - allowed):
            yield f"{role} may not invoke {name}: add !GetAtt {name}.Arn to its Resource"
        for name in sorted(allowed - functions):
            yield f"{role} may invoke {name}, which no schedule does: remove it from its Resource"


def _may_invoke(checkout: Checkout, role: str) -> set[str]:
    (policy,) = checkout.translated["Resources"][role]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction", f"{role} is for schedules only"
    return {_name(arn) for arn in statement["Resource"]}


def _name(arn: dict[str, list[str]]) -> str:
    return arn["Fn::GetAtt"][0]
