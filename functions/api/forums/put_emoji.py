"""PUT /forums/{slug}/emoji/{name}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.emoji import actions
from cgraph.forums.emoji.models import Emoji, EmojiDraft, EmojiName
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/forums/{slug}/emoji/{name}", **json_body(Emoji))
async def put_emoji(
    slug: ForumSlug, name: EmojiName, draft: EmojiDraft, caller: CurrentUser
) -> str:
    """Add an emoji to a forum

    Returns the emoji. One that has the name already gets the new picture, and its upload is
    removed. Only the owner and moderators may add emoji, at most 100 (`too_many_emoji`).
    """
    async with database.transaction() as tx:
        return await actions.put_emoji(tx, caller=caller, slug=slug, name=name, draft=draft)


handler = lambda_handler(app)
