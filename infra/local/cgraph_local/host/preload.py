"""The third parties each execution environment is born with; never code of ours."""

import gc
import importlib
import sys

HEAVY = (
    "argon2",
    "asyncio",
    "aiohttp",
    "aws_lambda_powertools",
    "aws_lambda_powertools.metrics",
    "boto3",
    "botocore.httpsession",
    "botocore.parsers",
    "botocore.signers",
    "concurrent.futures.thread",
    "email.message",
    "encodings.idna",
    "fastapi",
    "fastapi.openapi.utils",
    "hiredis",
    "http.cookies",
    "logging.config",
    "mangum",
    "markdown_it",
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


def preload() -> None:
    """Modules that are not installed are named on stderr; a function that needs them says more."""
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as missing:
            print(f"not preloaded: {name} ({missing})", file=sys.stderr)
    gc.collect()
    gc.freeze()
