"""Uploads: from a request to a file that is ready, or refused."""
