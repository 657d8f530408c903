"""The API's documents, made from the functions themselves: OpenAPI for HTTP, AsyncAPI for sockets,
and a page that says who may do what.

`make docs` writes them; a contract test says when they are stale.
"""
