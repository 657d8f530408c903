"""Whether an ARN with wildcards can be of a type of resources, such as
`arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`.
"""

import re
from functools import cache

ANY, ONE = "any", "one"
NO_SLASH, NO_COLON = "any but /", "any but :"
RUNS = (ANY, NO_SLASH, NO_COLON)
PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
PLACEHOLDERS = {
    "Partition": NO_COLON,
    "Region": NO_COLON,
    "Account": NO_COLON,
    "BucketName": NO_SLASH,  # otherwise an object's ARN would be a bucket's too
}
"""What does not match any text."""

Tokens = tuple[str, ...]


def intersects(pattern: str, arn_format: str) -> bool:
    """`pattern`: the ARN of a policy, `*` for all. `arn_format`: of a type of resources."""
    return _meet(_of_pattern(pattern), _of_format(arn_format))


def matches(pattern: str, text: str) -> bool:
    """As IAM compares: `*` is any text, `?` any character; case does not matter in actions."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


@cache
def _of_pattern(pattern: str) -> Tokens:
    return tuple({"*": ANY, "?": ONE}.get(character, character) for character in pattern)


@cache
def _of_format(arn_format: str) -> Tokens:
    tokens: list[str] = []
    end = 0
    for match in PLACEHOLDER.finditer(arn_format):
        tokens += arn_format[end : match.start()]
        tokens.append(PLACEHOLDERS.get(match[1], ANY))
        end = match.end()
    rest = arn_format[end:]
    return (*tokens, *(ANY if character == "*" else character for character in rest))


@cache
def _meet(left: Tokens, right: Tokens) -> bool:
    """Whether there is a text that both match."""
    reached, waiting = {(0, 0)}, [(0, 0)]
    while waiting:
        i, j = waiting.pop()
        if (i, j) == (len(left), len(right)):
            return True
        for step in _steps(left, right, i, j):
            if step not in reached:
                reached.add(step)
                waiting.append(step)
    return False


def _steps(left: Tokens, right: Tokens, i: int, j: int) -> list[tuple[int, int]]:
    steps = []
    here = left[i] if i < len(left) else None
    there = right[j] if j < len(right) else None
    if here in RUNS:
        steps.append((i + 1, j))
    if there in RUNS:
        steps.append((i, j + 1))
    if here is None or there is None or (here in RUNS and there in RUNS):
        return steps
    if _agree(here, there):
        steps.append((i if here in RUNS else i + 1, j if there in RUNS else j + 1))
    return steps


def _agree(here: str, there: str) -> bool:
    """Whether one character can match both tokens, of which at most one is a run."""
    pair = {here, there}
    if NO_SLASH in pair:
        return "/" not in pair
    if NO_COLON in pair:
        return ":" not in pair
    return here == there or bool({ANY, ONE} & pair)
