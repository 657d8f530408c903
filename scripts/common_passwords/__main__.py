"""Writes the passwords that everybody tries first: those of zxcvbn's list (30,000, from leaks, by
Dropbox) that are long enough to be allowed otherwise.

.venv/bin/uv run --no-project --with-requirements scripts/common_passwords/requirements.txt \\
    python scripts/common_passwords/__main__.py
"""

from importlib.metadata import version
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = ROOT / "layers/cgraph/cgraph/accounts/auth/common_passwords.txt"
AT_LEAST = 8
"""As `fields.PASSWORD_AT_LEAST`."""

lines = sorted({each.casefold() for each in FREQUENCY_LISTS["passwords"] if len(each) >= AT_LEAST})
title = f"# Written by scripts/common_passwords from zxcvbn {version('zxcvbn')} (MIT licence)."
PATH.write_text("\n".join([title, *lines, ""]), encoding="utf-8")
