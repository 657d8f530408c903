"""Files are short enough to read at a glance."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout

FUNCTION_LINES = 40
LAYER_LINES = 300


def files_are_short(checkout: Checkout) -> Iterator[str]:
    for source in checkout.functions:
        lines = source.text.count("\n")
        if lines > FUNCTION_LINES:
            yield (
                f"{source.path} has {lines} lines, at most {FUNCTION_LINES}: a function parses, "
                "calls one action and answers; the rest belongs to the action"
            )
    for source in checkout.layers:
        lines = source.text.count("\n")
        if lines > LAYER_LINES:
            yield f"{source.path} has {lines} lines, at most {LAYER_LINES}: divide it by subject"
