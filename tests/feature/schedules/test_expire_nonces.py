from __future__ import annotations

from tests.feature.world import Person, World


async def test_a_nonce_is_deleted_after_thirty_days(world: World, ada: Person) -> None:
    conversation = await ada.converse(kind="group")
    for nonce in ("old", "young"):
        await ada.send(conversation, "hi", nonce=nonce)
    for nonce, days in (("old", 31), ("young", 29)):
        await world.sql(
            "UPDATE nonces SET created_at = created_at - make_interval(days => %s)"
            " WHERE user_id = %s AND nonce = %s",
            days,
            ada.id,
            nonce,
        )
    await world.work_off("schedules.expire_nonces")

    assert await world.sql("SELECT nonce FROM nonces WHERE user_id = %s", ada.id) == [("young",)]


async def test_all_old_nonces_are_deleted_however_many_there_are(world: World, ada: Person) -> None:
    await world.sql(
        """
        INSERT INTO nonces SELECT %s, 'n' || number, '', %s, number, now() - interval '40 days'
        FROM generate_series(1, 20001) AS number
        """,
        ada.id,
        ada.id,
    )
    await world.work_off("schedules.expire_nonces")

    assert await world.sql("SELECT count(*) FROM nonces WHERE user_id = %s", ada.id) == [(0,)]
