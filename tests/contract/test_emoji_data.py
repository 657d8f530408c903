"""The generated lists of emoji."""

from cgraph_client.core.emoji import to_emoji
from scripts.emoji_data import sequences


def test_the_list_of_emoji_is_up_to_date() -> None:
    assert sequences.PATH.read_text(encoding="utf-8") == sequences.new_text(), (
        "stale: scripts/emoji_data/__main__.py says how to write it"
    )


def test_the_client_knows_each_emoji_of_one_skin_tone() -> None:
    """Its list is made with a library that the tests do not install."""
    modifiers = [chr(point) for point in range(0x1F3FB, 0x1F400)]
    for emoji in sequences.sequences():
        if sum(modifier in emoji for modifier in modifiers) < 2:
            assert to_emoji(sequences.plain(emoji)) == emoji, "the list of the client is stale"
