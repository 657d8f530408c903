"""Changes that break a rule about roles and capabilities on purpose."""

from tests.contract.breakage import TEMPLATE, Breakage
from tests.contract.checks import Check, capabilities, roles
from tests.contract.roles import QUEUE, VPC, role_yaml

CACHE = role_yaml({"UseCache", VPC})
TIMER = role_yaml({"UseDatabase", VPC})
OWNER = role_yaml({"OwnDatabase", VPC})
READINESS = role_yaml({"UseDatabase", "UseCache", "UseSearch", "WatchPushQueue", VPC})
WORKER = role_yaml({"UseDatabase", "UseCache", "PushToSockets", "RetryJobs", VPC, QUEUE})
SERVICE_POLICY = "        - !Sub arn:${AWS::Partition}:iam::aws:policy/"

INLINE = """\
      Policies:
        - PolicyName: SendMail
          PolicyDocument: {Statement: [{Effect: Allow, Action: ses:SendEmail, Resource: "*"}]}
"""

OTHER_QUEUE = """
  WatchOtherQueue:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{Effect: Allow, Action: sqs:GetQueueUrl, Resource: !GetAtt SocketQueue.Arn}]
"""


def _in_template(check: Check, expected_problem: str, *, old: str, new: str) -> Breakage:
    return Breakage(check, expected_problem, TEMPLATE, old, new)


def _other_role(expected_problem: str, handler: str, *, old: str, new: str) -> Breakage:
    line = f"      Handler: {handler}.handler\n      Role: !GetAtt {{}}.Arn"
    return _in_template(
        capabilities.roles_grant_what_the_code_uses,
        expected_problem,
        old=line.format(old),
        new=line.format(new),
    )


def _one_more_role(check: Check, expected_problem: str, role: str) -> Breakage:
    return _in_template(check, expected_problem, old="\nResources:\n", new=f"\nResources:\n{role}")


ROLE_BREAKAGES: tuple[Breakage, ...] = (
    _other_role(
        "SendMessage cannot have DatabaseCacheRole: Role: !GetAtt DatabaseCachePushRole.Arn\n"
        "    its code calls cgraph.core.queues.send and .push_queue_url, which needs "
        "sqs:SendMessage on FlushQueue",
        "api.messages.send_message",
        old="DatabaseCachePushRole",
        new="DatabaseCacheRole",
    ),
    _other_role(
        "ShowMe cannot have DatabaseCachePushRole: Role: !GetAtt DatabaseCacheRole.Arn\n"
        "    its code never uses sqs:SendMessage on FlushQueue, which PushToSockets allows",
        "api.people.show_me",
        old="DatabaseCacheRole",
        new="DatabaseCachePushRole",
    ),
    _in_template(
        capabilities.roles_grant_what_the_code_uses,
        "CheckReadiness cannot have DatabaseCacheSearchQueueStatusRole: Role: !GetAtt "
        "DatabaseCacheSearchQueueStatusRole.Arn, with this new role in template.yaml:\n"
        + READINESS,
        old=READINESS,
        new=READINESS.replace("        - !Ref WatchPushQueue\n", ""),
    ),
    _in_template(
        capabilities.roles_grant_what_the_code_uses,
        "PushEvents cannot have PushConnectionsWorkerRole: no capability allows "
        "execute-api:ManageConnections on SocketApi/StageName/DELETE/@connections/* and no more",
        old="${SocketApi}/${StageName}/POST/@connections/*",
        new="${SocketApi}/${StageName}/*",
    ),
    _in_template(
        roles.every_function_names_its_role,
        "Typing names no role, so SAM creates one for it: Role: !GetAtt CachePushRole.Arn",
        old="      Handler: realtime.typing.handler\n"
        "      Role: !GetAtt DatabaseCachePushRole.Arn\n",
        new="      Handler: realtime.typing.handler\n"
        "      Policies: [!Ref UseCache, !Ref PushToSockets]\n",
    ),
    _in_template(
        roles.every_function_names_its_role,
        "Presence has a Role, so SAM ignores its Policies",
        old="      Handler: realtime.presence.handler\n",
        new="      Handler: realtime.presence.handler\n      Policies: [!Ref UseDatabase]\n",
    ),
    _in_template(
        roles.roles_have_the_policies_of_lambda,
        "MakePartitions needs AWSLambdaVPCAccessExecutionRole, DatabaseRole has "
        "AWSLambdaVPCAccessExecutionRole and AWSLambda_FullAccess",
        old=TIMER,
        new=f"{TIMER}{SERVICE_POLICY}AWSLambda_FullAccess\n",
    ),
    _in_template(
        roles.roles_have_the_policies_of_lambda,
        "MaintainSockets needs AWSLambdaSQSQueueExecutionRole and AWSLambdaVPCAccessExecutionRole, "
        "DatabaseCachePushWorkerRole has AWSLambdaVPCAccessExecutionRole: Role: !GetAtt "
        "DatabaseCachePushWorkerRole.Arn, with this new role in template.yaml:\n" + WORKER,
        old=WORKER,
        new=WORKER.replace(f"{SERVICE_POLICY}service-role/{QUEUE}\n", ""),
    ),
    _one_more_role(
        roles.every_role_is_used,
        "No resource has the role PushRole",
        role_yaml({"PushToSockets", VPC}),
    ),
    _one_more_role(
        roles.no_two_roles_are_equal,
        "TwinRole and CacheRole have the same policies",
        CACHE.replace("CacheRole", "TwinRole"),
    ),
    _one_more_role(
        roles.roles_are_named_after_their_capabilities,
        "The role WatcherRole has the policies of QueueStatusRole",
        role_yaml({"WatchPushQueue", VPC}).replace("QueueStatusRole", "WatcherRole"),
    ),
    _in_template(
        roles.roles_are_named_after_their_capabilities,
        "DatabaseOwnerRole has the inline policy SendMail",
        old=OWNER,
        new=OWNER + INLINE,
    ),
    _in_template(
        roles.roles_are_named_after_their_capabilities,
        "WatchOtherQueue must be both a capability and in WORDS",
        old="\n  WatchPushQueue:\n",
        new=OTHER_QUEUE + "\n  WatchPushQueue:\n",
    ),
    _in_template(
        roles.schedules_may_invoke_their_functions,
        "SchedulerRole may not invoke ExpireNonces: add !GetAtt ExpireNonces.Arn",
        old="Resource: [!GetAtt MakePartitions.Arn, !GetAtt ExpireNonces.Arn, ",
        new="Resource: [!GetAtt MakePartitions.Arn, !GetAtt ShowMe.Arn, ",
    ),
)
