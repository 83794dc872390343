"""The id of what is being done follows it into its tasks, and never into somebody else's."""

import asyncio

from deploybot.service.request_id import new_request_id, request, request_id


def test_outside_of_any_request_there_is_no_id() -> None:
    assert request_id() == ""


def test_within_another_request_the_inner_one_counts_and_leaves_nothing_behind() -> None:
    with request("outer"):
        with request("inner"):
            assert request_id() == "inner"
        assert request_id() == "outer"
    assert request_id() == ""


async def test_tasks_that_are_begun_for_a_request_belong_to_it_and_two_at_once_never_mix() -> None:
    async def deep(found: list[str]) -> None:
        await asyncio.sleep(0)
        found.append(request_id())

    async def asked(id_: str) -> list[str]:
        found: list[str] = []
        with request(id_):
            await asyncio.gather(*(asyncio.create_task(deep(found)) for _ in range(3)))
            await deep(found)
        return found

    answers = await asyncio.gather(*(asked(str(number)) for number in range(20)))
    assert answers == [[str(number)] * 4 for number in range(20)]


def test_an_id_is_short_enough_to_be_read_out_and_never_the_same() -> None:
    ids = {new_request_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(id_) for id_ in ids} == {12}
