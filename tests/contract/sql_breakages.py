"""Changes that break a rule about SQL on purpose."""

from tests.contract.breakage import FEATURE, Breakage, append
from tests.contract.checks import layering, sql, statements, visibility

SQL_BREAKAGES: tuple[Breakage, ...] = (
    append(
        layering.statements_are_in_queries,
        "broken/actions.py",
        f"{FEATURE}/actions.py",
        "ALL = 'SELECT * FROM users'",
    ),
    *(
        append(
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
    append(
        sql.migrations_are_numbered,
        "0001_twice.sql must begin with 0002_",
        "infra/migrations/0001_twice.sql",
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql RETURN 2 * n;",
    ),
    append(
        sql.statements_are_in_their_folder,
        "0001_twice.sql has 'CREATE OR REPLACE",
        "infra/migrations/0001_twice.sql",
        "",
    ),
    append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists no broken.sql",
        "infra/schema/broken.sql",
        "CREATE TABLE broken (id int);",
    ),
    append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists the missing file gone.sql",
        "infra/schema/order.txt",
        "gone.sql\ncore.sql",
    ),
    append(
        sql.schema_files_are_in_order_txt,
        "order.txt lists core.sql twice",
        "infra/schema/order.txt",
        "",
    ),
    append(
        sql.statements_are_in_their_folder,
        "broken.sql has 'CREATE TABLE broken (id int);'",
        "infra/schema/broken.sql",
        "",
    ),
    append(
        visibility.what_reads_posts_asks_who_sees_them,
        "broken.titles reads posts or comments",
        f"{FEATURE}/queries.py",
        "async def titles(tx):\n    return await tx.fetch(str, 'SELECT title FROM posts', {})",
    ),
    append(sql.schema_files_are_short, "broken.sql has", "infra/schema/broken.sql", "\n" * 250),
)
