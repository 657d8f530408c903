"""GET /search"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.search import actions
from cgraph.search.models import SearchPage, SearchParameters

app = new_app(policies.SIGNED_IN, limit=limits.SEARCH)


@app.get("/search", **json_body(SearchPage))
async def search_documents(
    caller: CurrentUser, parameters: Annotated[SearchParameters, Query()]
) -> str:
    """Search messages, posts, comments, forums and users

    Returns a page of what the caller may read and what matches all words and filters: messages of
    their conversations, posts and comments of forums that they may read, forums, users. Left out
    is what was deleted or removed, what others only wait to see approved, what users wrote whom
    the caller has blocked, and forums from which they are banned. The total and the facets count
    nothing else. A new text is found about a second after it was written.

    If no text has the words, similar ones are searched (`corrected`). While the search engine is
    away, the database answers (`degraded`); a cursor of the engine is refused then
    (`cursor_expired`).
    """
    async with database.reading(caller) as tx:
        return await actions.search_documents(tx, caller=caller, parameters=parameters)


handler = lambda_handler(app)
