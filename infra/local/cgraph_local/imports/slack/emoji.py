"""Converts Slack's short names of emoji, in reactions and in texts."""

from __future__ import annotations

import re

from cgraph_client.core.emoji import named_emoji

_ALIASES = {"simple_smile": "slightly_smiling_face"}
"""A standard emoji of old workspaces that Slack's own list no longer has."""

_NAME = re.compile(r"(?<![\w:]):([a-z0-9_'+-]+(?:::skin-tone-[2-6](?:-[2-6])?)?):(?![\w:])")


def to_emoji(name: str) -> str | None:
    """None where the name is the workspace's own, or of no emoji."""
    return named_emoji(_ALIASES.get(name, name))


def replace_names(text: str) -> str:
    """The text with emoji instead of their names. Other names stay."""
    return _NAME.sub(lambda match: to_emoji(match[1]) or match[0], text)
