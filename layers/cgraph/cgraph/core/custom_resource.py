"""Custom resources: functions that CloudFormation waits for before it updates what
depends on them.
"""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from cgraph.core.log import logger

Handler = Callable[[dict[str, Any], Any], None]


def custom_resource_handler(work: Callable[[], dict[str, Any]], *, id: str) -> Handler:
    """`work` runs on create and update and returns the attributes of the resource; deletion does
    nothing. An exception fails the deployment, with its text as the reason.
    """

    def handle(event: dict[str, Any], context: Any) -> None:
        answer: dict[str, Any] = {"Status": "SUCCESS", "Data": {}}
        try:
            if event["RequestType"] != "Delete":
                answer["Data"] = work()
        except Exception as error:
            logger.exception("custom_resource_failed")
            reason = " ".join(
                [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
            )
            answer |= {"Status": "FAILED", "Reason": reason[:1000]}
        _reply(event, {**answer, "PhysicalResourceId": id})

    return handle


def _reply(event: dict[str, Any], answer: dict[str, Any]) -> None:
    """To the URL that CloudFormation has signed for this one answer."""
    names = ("StackId", "RequestId", "LogicalResourceId")
    body = json.dumps({**answer, **{name: event[name] for name in names}}).encode()
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own https address
        event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""}
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - as above
        pass
