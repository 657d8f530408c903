"""`cgraph environment`"""

import argparse
import json

from cgraph_local.cloud.template_parameters import local_stack_context
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.template.stack_reader import read_stack


def main(_: argparse.Namespace) -> int:
    """Prints the variables that the template gives each function, with the values of the running
    system. Lambda's own variables and credentials are left out: SAM sets them.
    """
    cloud = RunningCloud(Home.from_environment())
    endpoints = cloud.endpoints("postgres", "valkey", "emulator")
    context = local_stack_context(endpoints, port=cloud.port)
    functions = read_stack(CHECKOUT / "template.yaml", context=context).functions
    print(
        json.dumps(
            {name: dict(function.environment) for name, function in functions.items()}, indent=1
        )
    )
    return 0
