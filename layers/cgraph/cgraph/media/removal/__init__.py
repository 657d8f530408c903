"""Removes what nobody needs any more: deleted uploads, and those that nothing uses."""
