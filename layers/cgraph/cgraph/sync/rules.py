"""How far behind a client may be."""

GAP_EVENTS_MAX = 1000
"""Events behind; a client further behind gets a snapshot."""
