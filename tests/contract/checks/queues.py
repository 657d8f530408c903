"""Queues: failed messages are kept, only failed messages are delivered again, and no message is
delivered again while it is still being processed.
"""

from collections.abc import Iterator

from tests.contract.checkout import Checkout

TIMEOUT_FACTOR = 6
"""AWS recommends it, so that throttled attempts do not use up the receive count."""


def every_queue_has_a_dead_letter_queue(checkout: Checkout) -> Iterator[str]:
    queues = {queue.name: queue for queue in checkout.stack.queues.values()}
    dead_letters = {queue.dead_letter for queue in queues.values()}
    for name, queue in queues.items():
        if name in dead_letters:
            if queue.retention < max(each.retention for each in queues.values()):
                yield f"{name} keeps dead letters too short a time: MessageRetentionPeriod: 1209600"
            continue
        if queue.dead_letter is None:
            yield (
                f"{name} has no dead-letter queue: add RedrivePolicy: {{deadLetterTargetArn: "
                "!GetAtt …DeadLetters.Arn, maxReceiveCount: 5} and that queue"
            )
        elif queue.dead_letter not in queues:
            yield f"{name}: its dead-letter queue {queue.dead_letter} is not in template.yaml"
        elif queues[queue.dead_letter].fifo != queue.fifo:
            yield f"{name} and {queue.dead_letter} must both be FIFO, or neither"
    consumed = {
        checkout.stack.queues[event["Properties"]["Queue"]["Fn::GetAtt"][0]].name
        for function in checkout.declared.values()
        for event in function.events.values()
        if event["Type"] == "SQS"
    }
    for name in queues.keys() - consumed - dead_letters:
        yield f"{name} has no worker: add its function to functions/workers, or remove the queue"


def partial_failures_are_reported(checkout: Checkout) -> Iterator[str]:
    for trigger in checkout.stack.queue_triggers:
        if not trigger.partial_failures:
            yield (
                f"{trigger.function} would receive a whole batch again for one failed record: add "
                "FunctionResponseTypes: [ReportBatchItemFailures] to its SQS event"
            )


def visibility_timeouts_are_long_enough(checkout: Checkout) -> Iterator[str]:
    queues = {queue.name: queue for queue in checkout.stack.queues.values()}
    for trigger in checkout.stack.queue_triggers:
        queue = queues[trigger.queue]
        timeout = checkout.stack.functions[trigger.function].timeout
        least = TIMEOUT_FACTOR * timeout + trigger.window
        if queue.visibility_timeout < least:
            yield (
                f"{trigger.queue}: VisibilityTimeout is {queue.visibility_timeout} s; "
                f"{trigger.function} has {timeout} s, so it must be at least {least:.0f} s"
            )
