"""What is prepared for a snapshot, in processes of its own: it is about what is imported."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from cgraph import cache, database, queues, snapshots
snapshots.prepare()
drivers = {"psycopg", "redis"} & set(sys.modules)
database._connection = cache._client = object()
if "snapshot_restore_py" in sys.modules:
    from snapshot_restore_py import get_after_restore
    import random
    random.seed(1)
    for hook, arguments, named in get_after_restore():
        hook(*arguments, **named)
    first = random.random()
    assert first != random.Random(1).random()
print(sorted(drivers), database._connection is None, cache._client is None)
"""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("snap-start", "['psycopg', 'redis'] True True"),
        ("on-demand", "[] False False"),
    ],
)
def test_only_a_snapshot_is_prepared(kind: str, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"AWS_LAMBDA_INITIALIZATION_TYPE": kind, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout.strip(), ran.stderr) == (said, "")
