"""SnapStart: what a snapshot contains, and what each restored environment makes anew."""

import importlib
import os
import random

RESTORED = "snap-start"


_modules: set[str] = set()


def imported_on_use(module: str) -> None:
    """Functions import this module when they need it first; a snapshot contains it."""
    _modules.add(module)


def is_snapshot() -> bool:
    """Whether a snapshot of this environment will be taken."""
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == RESTORED


def prepare_snapshot() -> None:
    """Called while a function is imported; does nothing unless a snapshot is taken afterwards.

    Imports the drivers now, so that no restored environment has to. Connections and credentials
    of the environment that made the snapshot are worth nothing after it and are dropped.
    """
    if not is_snapshot():
        return
    from snapshot_restore_py import register_after_restore

    for module in ("cgraph.core.blocking_connection", "cgraph.core.cache_connection", *_modules):
        importlib.import_module(module)
    register_after_restore(_after_restore)


def _after_restore() -> None:
    """Seeds `random`, with which libraries spread their retries: otherwise all environments would
    retry at once. Ids and tokens come from the operating system, which has fresh entropy.
    """
    from cgraph.core import cache, credentials, database, opensearch, queues

    random.seed(os.urandom(16))
    credentials.reset()
    database.reset()
    cache.reset()
    queues.reset()
    opensearch.reset()
