"""Whatever servers answer: the examination raises nothing, ends, and keeps to the laws of findings."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from deploybot.cf.auth import Login
from deploybot.cf.examining import Wanted
from deploybot.cf.scopes import Duties
from tests.cf.examined import AUDITOR, examined, sound_api
from tests.cf.making import Api
from tests.cf.serving import Reply, serving
from tests.cf.test_rights import token

words = st.one_of(
    st.sampled_from(["links", "login", "href", "access_token", "resources", "guid", "pagination", "total_results"]),
    st.text(max_size=8),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
headers = st.dictionaries(
    st.sampled_from(["date", "location", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "content-type"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    max_size=3,
)
replies = st.builds(
    Reply,
    st.sampled_from([200, 200, 200, 204, 301, 400, 401, 403, 404, 429, 500, 503]),
    headers,
    st.one_of(st.binary(max_size=40), values.map(lambda value: json.dumps(value).encode())),
)
PATHS = ("/", "/login", "/oauth/token", "/v3/deployments", "/v3/spaces", "/v3/audit_events", "/v3/info", "/v3/roles")
WANTED = Wanted(Duties(("guard 1",)), Login(client_id="linker", client_secret="s3cret-of-linker"))


def checked(api: Api) -> None:
    async def run() -> None:
        async with serving(api) as url:
            assert await examined(url, WANTED)

    asyncio.run(run())


@settings(max_examples=60)
@given(st.sampled_from(PATHS), replies)
def test_one_odd_answer_is_no_bug(path: str, reply: Reply) -> None:
    api = sound_api().on("/oauth/token", token((*AUDITOR, "cloud_controller.write"), client_id="bot"))
    checked(api.on(path, reply))


@settings(max_examples=30)
@given(st.lists(replies, min_size=len(PATHS), max_size=len(PATHS)))
def test_nor_are_odd_answers_everywhere(odd: list[Reply]) -> None:
    api = sound_api()
    for path, reply in zip(PATHS[1:], odd[1:], strict=True):
        api.on(path, reply)
    checked(api)
