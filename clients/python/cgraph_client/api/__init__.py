"""The HTTP API as methods: one request each, no retry."""
