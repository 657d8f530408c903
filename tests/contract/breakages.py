"""Changes that break a rule of the repository on purpose. The rule's check must report each."""

from tests.contract.breakage import TEMPLATE, Breakage
from tests.contract.checks import (
    Check,
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
    sql,
    statements,
    tests,
    visibility,
)
from tests.contract.role_breakages import ROLE_BREAKAGES


def _append(check: Check, expected_problem: str, path: str, line: str) -> Breakage:
    return Breakage(check, expected_problem, path, "", f"\n{line}\n")


CORE = "__import__('cgraph.core.policies', fromlist=['policies'])"
CHAT = "__import__('cgraph.chat.policies', fromlist=['policies'])"
FEATURE = "layers/cgraph/cgraph/broken"
"""A package that nothing imports, so its code is read but never run."""

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
    _append(
        names.every_file_is_deployed, "wave.py is no function", "functions/api/people/wave.py", ""
    ),
    _append(
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
    _append(
        imports.functions_import_only_allowed_modules,
        "functions/realtime/ping.py imports boto3",
        "functions/realtime/ping.py",
        "import boto3",
    ),
    _append(
        imports.functions_import_only_allowed_modules,
        "functions/api/auth/log_out.py imports psycopg",
        "functions/api/auth/log_out.py",
        "import psycopg",
    ),
    _append(
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
    _append(
        layering.functions_are_entry_points,
        "call an action of that feature",
        "functions/realtime/sync.py",
        "import cgraph.accounts.people.queries",
    ),
    _append(
        layering.queries_belong_to_their_package,
        "go through that package's actions",
        f"{FEATURE}/models.py",
        "from cgraph.chat.messages import queries",
    ),
    _append(
        layering.statements_are_in_queries,
        "broken/actions.py",
        f"{FEATURE}/actions.py",
        "ALL = 'SELECT * FROM users'",
    ),
    Breakage(
        settings.template_and_code_agree,
        "DATABASE_NAME is read and not set",
        TEMPLATE,
        "        DATABASE_NAME: !GetAtt Database.Outputs.Name\n",
        "        DATABASE_NAMES: !GetAtt Database.Outputs.Name\n",
    ),
    _append(
        settings.template_and_code_agree,
        "reads COLOUR from the environment",
        f"{FEATURE}/models.py",
        "def colour(): return os.environ['COLOUR']",
    ),
    *(
        _append(
            statements.no_statement_pins_a_session, expected_problem, f"{FEATURE}/queries.py", line
        )
        for expected_problem, line in (
            ("runs 'SET s'", "A = 'SET search_path TO people'"),
            ("runs 'SET L'", "B = 'SELECT 1; SET LOCAL work_mem = 1'"),
            ("runs 'LISTEN p'", "C = 'LISTEN people'"),
            ("runs 'DECLARE p'", "D = 'DECLARE people CURSOR FOR SELECT 1'"),
            ("runs 'PREPARE p'", "E = 'PREPARE people AS SELECT 1'"),
            ("runs 'pg_advisory_lock('", "F = 'SELECT pg_advisory_lock(1)'"),
            ("runs 'nextval('", "G = \"SELECT nextval('people')\""),
            ("runs 'CREATE TEMP'", "H = 'CREATE TEMP TABLE people (id uuid)'"),
            ("options=", "I = AsyncConnection.connect(options='-c x=1', prepare_threshold=None)"),
            ("prepare_threshold=None", "J = AsyncConnection.connect()"),
            ("opens a cursor on the server", "K = connection.cursor('people')"),
            ("prepares a statement", "L = cursor.execute('SELECT 1', prepare=True)"),
        )
    ),
    *ROLE_BREAKAGES,
    _append(
        capabilities.every_aws_service_is_listed,
        "calls s3, which USES does not list",
        f"{FEATURE}/models.py",
        "def storage(): return __import__('boto3').client('s3')",
    ),
    _append(
        refusals.codes_are_unique,
        "NotFound has the code 'not_found' of Missing",
        f"{FEATURE}/rules.py",
        "class Missing(Refusal):\n    status, code = 404, 'not_found'",
    ),
    _append(
        sql.migrations_are_numbered,
        "0001_twice.sql must begin with 0002_",
        "infra/migrations/0001_twice.sql",
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql RETURN 2 * n;",
    ),
    _append(
        sql.statements_are_in_their_folder,
        "0001_twice.sql has 'CREATE OR REPLACE",
        "infra/migrations/0001_twice.sql",
        "",
    ),
    _append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists no broken.sql",
        "infra/schema/broken.sql",
        "CREATE TABLE broken (id int);",
    ),
    _append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists the missing file gone.sql",
        "infra/schema/order.txt",
        "gone.sql\ncore.sql",
    ),
    _append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists core.sql twice",
        "infra/schema/order.txt",
        "",
    ),
    _append(
        sql.statements_are_in_their_folder,
        "broken.sql has 'CREATE TABLE broken (id int);'",
        "infra/schema/broken.sql",
        "",
    ),
    _append(
        visibility.what_reads_posts_asks_who_sees_them,
        "broken.titles reads posts or comments",
        f"{FEATURE}/queries.py",
        "async def titles(tx):\n    return await tx.fetch(str, 'SELECT title FROM posts', {})",
    ),
    _append(sql.schema_files_are_short, "broken.sql has", "infra/schema/broken.sql", "\n" * 250),
    _append(sizes.files_are_short, "sync.py has", "functions/realtime/sync.py", "\n" * 40),
    _append(sizes.files_are_short, "rules.py has", f"{FEATURE}/rules.py", "\n" * 300),
    _append(
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
    _append(
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
    _append(
        tests.every_list_query_has_its_plan_test,
        "list_dances is a list query",
        f"{FEATURE}/queries.py",
        "async def list_dances(tx, *, limit): pass",
    ),
)
