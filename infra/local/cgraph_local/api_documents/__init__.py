"""The API's documents, made from the functions themselves: OpenAPI for HTTP, AsyncAPI for sockets.

`make docs` writes them; a contract test says when they are stale.
"""
