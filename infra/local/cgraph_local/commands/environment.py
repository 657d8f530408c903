"""`cgraph environment`"""

import argparse
import json

from cgraph_local.cloud.template_parameters import surroundings
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.services import Endpoints
from cgraph_local.template.stack_reader import read_stack


def main(_: argparse.Namespace) -> int:
    """The template's variables of each function, as the running system has them; AWS's own and
    credentials are SAM's to give."""
    cloud = RunningCloud(Home.from_environment())
    endpoints = Endpoints(
        postgres_port=cloud.service_port("postgres"),
        valkey_port=cloud.service_port("valkey"),
        emulator_port=cloud.service_port("emulator"),
    )
    here = surroundings(endpoints, port=cloud.port)
    functions = read_stack(CHECKOUT / "template.yaml", surroundings=here).functions
    print(json.dumps({name: dict(each.environment) for name, each in functions.items()}, indent=1))
    return 0
