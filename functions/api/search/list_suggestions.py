"""GET /search/suggestions"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.search import actions
from cgraph.search.models import SuggestionParameters, Suggestions

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/search/suggestions", **json_body(Suggestions))
async def list_suggestions(
    caller: CurrentUser, parameters: Annotated[SuggestionParameters, Query()]
) -> str:
    """List suggestions for a search that is being written

    Returns forums, users and posts that the caller may read and whose name or title has words
    that begin as the text does.
    """
    async with database.reading(caller) as tx:
        return await actions.list_suggestions(tx, caller=caller, parameters=parameters)


handler = lambda_handler(app)
