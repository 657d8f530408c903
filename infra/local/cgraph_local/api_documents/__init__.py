"""The API's documents, generated from the functions: OpenAPI for HTTP, AsyncAPI for sockets, and
pages of all policies and all error codes.

`make docs` writes them; a contract test says when they are stale.
"""
