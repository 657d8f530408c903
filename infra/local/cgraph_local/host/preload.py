"""Third-party modules that are imported once, before execution environments are forked.

None of our own code is among them: a changed file must be imported anew.
"""

import gc
import importlib
import sys
from collections.abc import Iterable

PRELOADED_MODULES = (
    "argon2",
    "asyncio",
    "aws_lambda_powertools",
    "aws_lambda_powertools.metrics",
    "comrak",
    "concurrent.futures.thread",
    "email.message",
    "encodings.idna",
    "fastapi",
    "fastapi.openapi.utils",
    "hiredis",
    "http.cookies",
    "idna",
    "logging.config",
    "mangum",
    "nh3",
    "psycopg",
    "psycopg_binary",
    "psycopg.types.json",
    "pydantic",
    "pydantic.dataclasses",
    "pydantic.functional_serializers",
    "pydantic.networks",
    "pydantic.v1",
    "redis.asyncio",
    "redis.asyncio.cluster",
    "uuid",
    "zoneinfo",
)


def preload(names: Iterable[str] = PRELOADED_MODULES) -> None:
    """Prints a line on stderr for each module that is not installed."""
    gc.disable()  # what is imported stays: to look for garbage in it is a tenth of the time
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as missing:
            print(f"not preloaded: {name} ({missing})", file=sys.stderr)
    gc.collect()
    gc.freeze()
    gc.enable()
