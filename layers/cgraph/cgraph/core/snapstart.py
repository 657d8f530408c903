"""SnapStart: what a snapshot brings along, and what each environment restored makes anew."""

import os
import random

RESTORED = "snap-start"


def prepare_snapshot() -> None:
    """Called while a function is imported; does nothing unless that ends in a snapshot.

    The drivers are imported now, so that no restored environment has to. Nothing has been opened
    yet; what a hook of AWS's or a library's own may have opened would be dead, so it is forgotten.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != RESTORED:
        return
    import psycopg  # noqa: F401
    import redis.asyncio  # noqa: F401
    from snapshot_restore_py import register_after_restore

    register_after_restore(_after_restore)


def _after_restore() -> None:
    """Ids and tokens come from the system, which is restored with fresh entropy; `random` is not:
    libraries spread their retries with it, and all environments would retry at once.
    """
    from cgraph.core import cache, database, queues

    random.seed(os.urandom(16))
    database.reset()
    cache.reset()
    queues.reset()
