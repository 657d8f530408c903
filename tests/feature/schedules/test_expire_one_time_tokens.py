from __future__ import annotations

from tests.feature.mailed import with_mail
from tests.feature.world import Person, World


async def test_tokens_whose_time_is_over_are_deleted(
    world: World, ada: Person, grace: Person
) -> None:
    await with_mail(ada)
    mail = await with_mail(grace)
    await world.sql("UPDATE one_time_tokens SET expires_at = now() WHERE user_id = %s", ada.id)
    await world.work_off("schedules.expire_nonces")
    rows = await world.sql(
        "SELECT user_id FROM one_time_tokens WHERE user_id IN (%s, %s)", ada.id, grace.id
    )
    assert [str(user_id) for (user_id,) in rows] == [grace.id]
    assert (await grace.call("verify_email", {"code": mail.code})).status == 204
