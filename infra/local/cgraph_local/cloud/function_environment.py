"""The environment variables a function finds on Lambda, as they are on this machine."""

import os
from collections.abc import Mapping
from dataclasses import replace

from cgraph_local.template import Function
from cgraph_local.template.stack_context import REGION

PASSED_ON = ("CGRAPH_RATE_LIMITS",)
"""What a person may set for the functions; no template does."""


def with_environment(
    function: Function, *, emulator: str, own: Mapping[str, str] = os.environ
) -> Function:
    """The function with all its variables: AWS's, the template's, local credentials."""
    return replace(
        function,
        environment={
            **_of_lambda(function),
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL": emulator,
            "PATH": own.get("PATH", os.defpath),
            **{name: own[name] for name in PASSED_ON if name in own},
            **function.environment,
        },
    )


def _of_lambda(function: Function) -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": REGION,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(function.code),
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
