"""DELETE /forums/{slug}/emoji/{name}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.emoji import actions
from cgraph.forums.emoji.models import EmojiName
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/forums/{slug}/emoji/{name}", status_code=204)
async def remove_emoji(slug: ForumSlug, name: EmojiName, caller: CurrentUser) -> None:
    """Remove an emoji of a forum

    Its upload is removed too. Texts keep the name between colons. Only the owner and moderators
    may remove emoji.
    """
    async with database.transaction() as tx:
        await actions.remove_emoji(tx, caller=caller, slug=slug, name=name)


handler = lambda_handler(app)
