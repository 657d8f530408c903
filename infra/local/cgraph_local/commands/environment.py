"""`cgraph environment`"""

import argparse
import json

from cgraph_local.cloud.media import outputs_of_running
from cgraph_local.cloud.template_parameters import local_stack_context
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.template.stack_reader import read_stack


def main(_: argparse.Namespace) -> int:
    """Prints the variables that the template gives each function, with the values of the running
    system, and the keys and passwords of the local cloud. Lambda's own variables are left out: SAM
    sets them.
    """
    cloud = RunningCloud(Home.from_environment())
    endpoints = cloud.endpoints("postgres", "valkey", "emulator")
    context = local_stack_context(endpoints, port=cloud.port, media=outputs_of_running(cloud.home))
    cache = cloud.home.template_cache
    functions = read_stack(CHECKOUT / "template.yaml", context=context, cache=cache).functions
    keys = endpoints.credentials
    secrets = {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "CGRAPH_CACHE_PASSWORD": keys.password,
        "PGPASSWORD": keys.password,  # a container does not see the passfile
    }
    variables = {name: {**function.environment, **secrets} for name, function in functions.items()}
    print(json.dumps(variables, indent=1))
    return 0
