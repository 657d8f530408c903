"""The environment variables of a function, with local values for those that Lambda sets."""

import os
from collections.abc import Mapping
from dataclasses import replace

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.template import Function
from cgraph_local.template.pseudo_parameters import REGION

PASSED_THROUGH = ("CGRAPH_RATE_LIMITS",)
"""Variables of `cgraph run` that functions get too, although no template sets them."""


def with_environment(
    function: Function, *, endpoints: Endpoints, environ: Mapping[str, str] = os.environ
) -> Function:
    """Returns the function with all its variables: those of Lambda and of the template, the
    credentials of the local cloud and the emulator's address. `environ`: the variables of this
    process.
    """
    return replace(
        function,
        environment={
            **_lambda_variables(function),
            **endpoints.credentials.environment,
            "AWS_ENDPOINT_URL": endpoints.emulator_url,
            "PATH": environ.get("PATH", os.defpath),
            **{name: environ[name] for name in PASSED_THROUGH if name in environ},
            **function.environment,
        },
    )


def _lambda_variables(function: Function) -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
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
