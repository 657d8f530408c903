"""Changes that break a rule of the repository on purpose. The rule's check must report each."""

from tests.contract.breakage import FEATURE, TEMPLATE, Breakage, append
from tests.contract.checks import (
    capabilities,
    events,
    imports,
    layering,
    names,
    policies,
    queues,
    reads,
    refusals,
    routes,
    settings,
    sizes,
    sockets,
    tests,
)
from tests.contract.role_breakages import ROLE_BREAKAGES
from tests.contract.sql_breakages import SQL_BREAKAGES

CORE = "__import__('cgraph.core.policies', fromlist=['policies'])"
CHAT = "__import__('cgraph.chat.policies', fromlist=['policies'])"
URI = 'uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions'
PROBED = frozenset(
    (
        *("ShowMe", "ShowUser", "ChangeMe", "MarkRead", "LogOut", "ShowLimits", "SendMessage"),
        *("ListConversations", "CheckReadiness", "Hello", "Ping", "Send", "PushEvents"),
    )
)

BREAKAGES: tuple[Breakage, ...] = (
    Breakage(
        names.every_function_has_its_file,
        "functions/api/auth/sign_in.py does not exist",
        TEMPLATE,
        "api.auth.log_in.handler",
        "api.auth.sign_in.handler",
    ),
    append(
        names.every_file_is_deployed, "wave.py is no function", "functions/api/people/wave.py", ""
    ),
    append(
        names.no_folder_shadows_the_standard_library,
        "functions/queue",
        "functions/queue/push.py",
        "",
    ),
    Breakage(
        routes.template_and_code_agree,
        "ShowMe: template.yaml has GET /me, functions/api/people/show_me.py has GET /myself",
        "functions/api/people/show_me.py",
        '@app.get("/me", ',
        '@app.get("/myself", ',
    ),
    Breakage(
        routes.docstrings_name_the_route,
        'must begin with """POST /auth/register"""',
        "functions/api/auth/register.py",
        '"""POST /auth/register"""',
        '"""PUT /auth/register"""',
    ),
    Breakage(
        routes.routes_are_integrated_alike,
        "GET /me of template.yaml has another integration than GET /health",
        TEMPLATE,
        f"credentials: !GetAtt InvokeRole.Arn, {URI}/${{ShowMe.Arn}}",
        f"{URI}/${{ShowMe.Arn}}",
    ),
    Breakage(
        reads.what_reads_is_read_at_the_reader,
        "functions/api/people/show_me.py does not read with `database.reading(caller)`",
        "functions/api/people/show_me.py",
        "database.reading(caller)",
        "database.reading()",
    ),
    Breakage(
        reads.what_reads_is_read_at_the_reader,
        "change_me.py reads at the reader, and is no GET",
        "functions/api/people/change_me.py",
        "database.autocommit()",
        "database.reading(caller)",
    ),
    Breakage(
        policies.every_route_declares_a_policy,
        "show_user.py is for: any signed-in user, but requires no caller",
        "functions/api/people/show_user.py",
        "caller: CurrentUser",
        "caller: str",
    ),
    Breakage(
        policies.every_route_declares_a_policy,
        "change_me.py declares no policy",
        "functions/api/people/change_me.py",
        "new_app(policies.SIGNED_IN, limit=limits.WRITE)",
        "__import__('fastapi').FastAPI()",
    ),
    Breakage(
        policies.every_route_declares_a_policy,
        "mark_read.py has no limit",
        "functions/api/conversations/mark_read.py",
        "limit=limits.WRITE",
        "limit=None",
    ),
    Breakage(
        policies.every_route_declares_a_policy,
        "show_limits.py is for anyone, but its policy restricts the caller",
        "functions/api/system/show_limits.py",
        "new_app(policies.ANYONE,",
        "new_app(policies.Policy('all', signed_in=False, author=True),",
    ),
    Breakage(
        policies.every_action_declares_a_policy,
        "hello.py declares no policy",
        "functions/realtime/hello.py",
        "handler = frame_handler(",
        "handler = lambda event, context: frame_handler(",
    ),
    Breakage(
        policies.every_action_declares_a_policy,
        "send.py is for anyone, but a socket belongs to a user",
        "functions/realtime/send.py",
        "policy=policies.MEMBER",
        f"policy={CORE}.ANYONE",
    ),
    Breakage(
        policies.declared_policies_are_enforced,
        "list_conversations.py is for: owner or admin of the conversation, but nothing checks it",
        "functions/api/conversations/list_conversations.py",
        "new_app(policies.SIGNED_IN,",
        f"new_app({CHAT}.ADMIN,",
    ),
    Breakage(
        policies.declared_policies_are_enforced,
        "ping.py is for: author of the message, still a member, but nothing checks it",
        "functions/realtime/ping.py",
        "policy=policies.SIGNED_IN",
        f"policy={CHAT}.AUTHOR",
    ),
    Breakage(
        sockets.keys_differ_in_more_than_case,
        "2 routes of SocketApi are called hello",
        TEMPLATE,
        "        hello: {FunctionArn",
        "        HELLO: {FunctionArn: !GetAtt Hello.Arn}\n        hello: {FunctionArn",
    ),
    Breakage(
        sockets.actions_are_routes,
        "functions/realtime/dance.py has no route",
        TEMPLATE,
        "Resources:\n",
        "Resources:\n  Dance:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Handler: realtime.dance.handler}\n",
    ),
    Breakage(
        sockets.answered_actions_have_a_route_response,
        "The answer of ping is dropped",
        TEMPLATE,
        "RouteId: !Ref SocketApiPingRoute",
        "RouteId: !Ref SocketApiSendRoute",
    ),
    Breakage(
        queues.every_queue_has_a_dead_letter_queue,
        "PushQueue has no dead-letter queue",
        TEMPLATE,
        "RedrivePolicy: {deadLetterTargetArn: !GetAtt PushDeadLetters.Arn, maxReceiveCount: 8}",
        "DelaySeconds: 0",
    ),
    Breakage(
        queues.partial_failures_are_reported,
        "PushEvents would receive a whole batch again",
        TEMPLATE,
        "FunctionResponseTypes: [ReportBatchItemFailures]",
        "FunctionResponseTypes: []",
    ),
    Breakage(
        queues.visibility_timeouts_are_long_enough,
        "PushQueue: VisibilityTimeout is 59 s",
        TEMPLATE,
        "VisibilityTimeout: 60",
        "VisibilityTimeout: 59",
    ),
    append(
        imports.functions_import_only_allowed_modules,
        "functions/realtime/ping.py imports boto3",
        "functions/realtime/ping.py",
        "import boto3",
    ),
    append(
        imports.functions_import_only_allowed_modules,
        "functions/api/auth/log_out.py imports psycopg",
        "functions/api/auth/log_out.py",
        "import psycopg",
    ),
    append(
        layering.functions_are_entry_points,
        "cgraph never imports functions",
        f"{FEATURE}/models.py",
        "from api.people import show_me",
    ),
    Breakage(
        layering.actions_have_the_name_of_their_endpoint,
        "show_me.py calls show_user: name the action show_me",
        "functions/api/people/show_me.py",
        "actions.show_me(",
        "actions.show_user(",
    ),
    Breakage(
        layering.actions_have_the_name_of_their_endpoint,
        "show_me.py is in the folder people, but its action in cgraph.chat.messages.actions",
        "functions/api/people/show_me.py",
        "from cgraph.accounts.people import actions",
        "from cgraph.chat.messages import actions",
    ),
    append(
        layering.functions_are_entry_points,
        "call an action of that feature",
        "functions/realtime/sync.py",
        "import cgraph.accounts.people.queries",
    ),
    append(
        layering.queries_belong_to_their_package,
        "go through that package's actions",
        f"{FEATURE}/models.py",
        "from cgraph.chat.messages import queries",
    ),
    Breakage(
        settings.template_and_code_agree,
        "DATABASE_NAME is read and not set",
        TEMPLATE,
        "          DATABASE_NAME=$",
        "          DATABASE_NAMES=$",
    ),
    Breakage(
        settings.template_and_code_agree,
        "COLOUR is a variable of each function",
        TEMPLATE,
        "        SETTINGS: !GetAtt Settings.Value\n",
        "        SETTINGS: !GetAtt Settings.Value\n        COLOUR: blue\n",
    ),
    append(
        settings.template_and_code_agree,
        "reads COLOUR from the environment",
        f"{FEATURE}/models.py",
        "def colour(): return os.environ['COLOUR']",
    ),
    *ROLE_BREAKAGES,
    append(
        capabilities.every_aws_service_is_listed,
        "calls dynamodb, which USES does not list",
        f"{FEATURE}/models.py",
        "def storage(): return __import__('boto3').client('dynamodb')",
    ),
    append(
        refusals.codes_are_unique,
        "NotFound has the code 'not_found' of Missing",
        f"{FEATURE}/rules.py",
        "class Missing(Refusal):\n    status, code = 404, 'not_found'",
    ),
    *SQL_BREAKAGES,
    append(sizes.files_are_short, "sync.py has", "functions/realtime/sync.py", "\n" * 40),
    append(sizes.files_are_short, "rules.py has", f"{FEATURE}/rules.py", "\n" * 300),
    append(
        events.every_function_has_its_event,
        "events/send_massage.json belongs to no function",
        "events/send_massage.json",
        "{}",
    ),
    Breakage(
        events.events_have_the_shape_of_aws,
        "events/show_me.json: AWS's event also has rawQueryString",
        "events/show_me.json",
        '"rawQueryString": "",',
        "",
    ),
    Breakage(
        events.events_have_the_shape_of_aws,
        "events/ping.json: the event is for",
        "events/ping.json",
        '"routeKey": "ping"',
        '"routeKey": "pong"',
    ),
    append(
        tests.every_route_has_its_feature_test,
        "functions/realtime/dance.py has no feature test",
        "functions/realtime/dance.py",
        "",
    ),
    Breakage(
        tests.every_route_has_its_feature_test,
        "test_check_health.py has no function test_",
        "tests/feature/system/test_check_health.py",
        "async def test_",
        "async def untested_",
    ),
    append(
        tests.every_list_query_has_its_plan_test,
        "list_dances is a list query",
        f"{FEATURE}/queries.py",
        "async def list_dances(tx, *, limit): pass",
    ),
)
