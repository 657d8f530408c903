"""What a SnapStart snapshot contains, tested in processes of their own: it is about imports."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from cgraph.core import cache, credentials, database, queues, snapstart
snapstart.prepare_snapshot()
drivers = {"psycopg", "redis"} & set(sys.modules)
database._primary.connection = cache._connection = credentials._fetched = object()
if "snapshot_restore_py" in sys.modules:
    from snapshot_restore_py import get_after_restore
    import random
    random.seed(1)
    for hook, arguments, named in get_after_restore():
        hook(*arguments, **named)
    first = random.random()
    assert first != random.Random(1).random()
dropped = [each is None for each in (cache._connection, credentials._fetched)]
print(sorted(drivers), database._primary.connection is None, *dropped)
"""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("snap-start", "['psycopg', 'redis'] True True True"),
        ("on-demand", "[] False False False"),
    ],
)
def test_only_a_snapstart_environment_imports_drivers_early(kind: str, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"AWS_LAMBDA_INITIALIZATION_TYPE": kind, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout.strip(), ran.stderr) == (said, "")
