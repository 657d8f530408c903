"""Conversions of template values, which may be strings where CloudFormation expects a number."""


def optional_int(value: object) -> int | None:
    return None if value is None else int(str(value))


def to_text(value: object) -> str:
    """As CloudFormation writes it: booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
