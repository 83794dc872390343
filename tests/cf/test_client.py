"""The client beside servers that are slow, broken, huge or elsewhere: always a sentence, always by the deadline."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest
import structlog

from deploybot import __version__
from deploybot.cf.auth import Login
from deploybot.cf.client import Asked, Client, Site, Surroundings
from deploybot.cf.failures import (
    BadRequestError,
    CloudFoundryError,
    GarbledError,
    NotAuthenticatedError,
    RateLimitedError,
    RedirectedError,
    ServerError,
    TooSlowError,
    UnavailableError,
    UnreachableError,
)
from deploybot.cf.wire import DEPLOYMENTS
from deploybot.domain.telemetry import FoundationAsked, FoundationRetried
from tests.cf.making import INVALID_TOKEN, PATIENT, Api, as_json, client, foundation, listed, soon
from tests.cf.serving import Reply, Request, serving
from tests.fake_telemetry import FakeTelemetry

LIST = "/v3/deployments"
CANCEL = "/v3/deployments/d/actions/cancel"
NOT_AUTHENTICATED = as_json({"errors": [{"code": 10002, "title": "CF-NotAuthenticated", "detail": "x"}]}, 401)
LOOPBACK = Path(__file__).with_name("loopback.pem")
HTML = {"content-type": "text/html"}


async def refused(api: Api, seconds: float = 20.0) -> CloudFoundryError:
    async with serving(api) as url, client(url) as asking:
        with pytest.raises(CloudFoundryError) as error:
            await asking.get(LIST, DEPLOYMENTS.page, soon(seconds))
    return error.value


async def test_a_slow_answer_ends_at_the_deadline() -> None:
    begun = time.monotonic()
    error = await refused(Api().on(LIST, _never), seconds=0.3)

    assert isinstance(error, TooSlowError)
    assert error.reason == "did not answer in time"
    assert 0.3 <= time.monotonic() - begun < 5


async def test_a_body_that_trickles_ends_at_the_deadline_too() -> None:
    error = await refused(Api().on(LIST, Reply(200, {"content-length": "1000"}, b"[")), seconds=0.3)

    assert isinstance(error, TooSlowError)


async def test_a_slow_login_ends_at_the_deadline_too() -> None:
    assert isinstance(await refused(Api().on("/oauth/token", _never), seconds=0.3), TooSlowError)


async def test_a_deadline_that_has_passed_asks_nothing() -> None:
    api = Api().on(LIST, listed())
    assert isinstance(await refused(api, seconds=-1), TooSlowError)

    assert api.count(LIST) == 0


async def test_a_body_cut_off_is_asked_for_again() -> None:
    whole = listed({"guid": "d"})
    api = Api().on(LIST, Reply(200, whole.headers, whole.body, cut=10), whole)
    async with serving(api) as url, client(url) as asking:
        page = await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert [row.guid for row in page.rows] == ["d"]


async def test_a_body_cut_off_every_time_is_told_and_given_up() -> None:
    api = Api().on(LIST, Reply(200, {}, b"x" * 100, cut=10))
    error = await refused(api)

    assert isinstance(error, UnreachableError)
    assert error.reason == "broke off its answer"
    assert api.count(LIST) == 3


async def test_a_connection_hung_up_without_a_word_is_tried_again() -> None:
    api = Api().on(LIST, lambda _: None, listed())
    async with serving(api) as url, client(url) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert api.count(LIST) == 2


async def test_nobody_listening_is_told_in_words() -> None:
    async with serving(Api()) as url:
        pass
    async with client(url) as asking:
        with pytest.raises(UnreachableError, match="could not be reached: nothing listens there"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())


async def test_a_name_that_does_not_exist_is_told_in_words() -> None:
    async with client("http://no-such-host.invalid") as asking:
        with pytest.raises(UnreachableError, match=r"could not be reached: .*(name|resolution)"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())


async def test_an_address_without_a_scheme_is_told_in_words() -> None:
    async with client("api.cf.example") as asking:
        with pytest.raises(UnreachableError, match="check `api` in the configuration"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())


async def test_a_huge_body_is_not_read_to_its_end() -> None:
    blocks = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal blocks
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n")
        try:
            while True:
                writer.write(b" " * 1_000_000)
                await writer.drain()
                blocks += 1
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server, client("http://{}:{}".format(*server.sockets[0].getsockname())) as asking:
        with pytest.raises(GarbledError, match="sent more than 64 MB"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())
    assert blocks < 90


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b'{"resources": 7}', b"\xff"])
async def test_an_answer_that_is_no_page_is_told_without_quoting_it(body: bytes) -> None:
    error = await refused(Api().on(LIST, Reply(200, {}, body)))

    assert isinstance(error, GarbledError)
    assert error.reason.startswith("sent an answer that can't be read: ")
    assert "hello" not in error.reason


async def test_a_redirect_is_not_followed() -> None:
    other = Api().on(LIST, listed())
    async with serving(other) as elsewhere:
        api = Api().on(LIST, Reply(307, {"location": f"{elsewhere}{LIST}"}))
        error = await refused(api)

    assert isinstance(error, RedirectedError)
    assert (api.count(LIST), other.asked) == (1, [])


@pytest.mark.parametrize(
    ("reply", "kind", "tries"),
    [
        (Reply(502, HTML, b"<html>502</html>"), UnavailableError, 3),
        (Reply(503), UnavailableError, 3),
        (Reply(504, HTML, b"<html>504</html>"), UnavailableError, 3),
        (Reply(429, HTML, b"<html>429</html>"), RateLimitedError, 3),
        (Reply(429, {"retry-after": "3142"}), RateLimitedError, 1),
        (Reply(500), ServerError, 1),
        (Reply(400), BadRequestError, 1),
        (NOT_AUTHENTICATED, NotAuthenticatedError, 1),
        (INVALID_TOKEN, NotAuthenticatedError, 2),
    ],
)
async def test_only_passing_trouble_is_asked_again(reply: Reply, kind: type[CloudFoundryError], tries: int) -> None:
    api = Api().on(LIST, reply)
    error = await refused(api)

    assert type(error) is kind
    assert api.count(LIST) == tries


async def test_a_short_wait_that_the_server_names_is_waited_for() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    api = Api().on(LIST, Reply(429, {"retry-after": "2"}), listed())
    async with serving(api) as url, client(url, around=Surroundings(sleep=sleep)) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert len(waits) == 1
    assert 2 < waits[0] < 2.1


@pytest.mark.parametrize(
    "reply", [Reply(502), Reply(503), Reply(429), Reply(500), Reply(200, {}, b"x" * 9, cut=3), NOT_AUTHENTICATED]
)
async def test_a_post_is_sent_once_whatever_happens(reply: Reply) -> None:
    api = Api().on(CANCEL, reply, Reply(200))
    async with serving(api) as url, client(url) as asking:
        with pytest.raises(CloudFoundryError):
            await asking.post(CANCEL, soon())

    assert api.count(CANCEL) == 1


async def test_a_post_whose_connection_is_hung_up_is_sent_once() -> None:
    api = Api().on(CANCEL, lambda _: None)
    async with serving(api) as url, client(url) as asking:
        with pytest.raises(UnreachableError):
            await asking.post(CANCEL, soon())

    assert api.count(CANCEL) == 1


async def test_a_post_refused_for_its_token_before_anything_was_done_is_sent_again_once() -> None:
    api = Api().on(CANCEL, INVALID_TOKEN, Reply(200))
    async with serving(api) as url, client(url) as asking:
        answer = await asking.post(CANCEL, soon())
    assert (answer.status, answer.body, api.count(CANCEL)) == (200, b"", 2)

    stubborn = Api().on(CANCEL, INVALID_TOKEN)
    async with serving(stubborn) as url, client(url) as asking:
        with pytest.raises(NotAuthenticatedError):
            await asking.post(CANCEL, soon())
    assert stubborn.count(CANCEL) == 2


async def test_no_more_than_eight_requests_are_under_way_at_once() -> None:
    under_way, most = 0, 0

    async def counted(_: Request) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return listed()

    async with serving(Api().on(LIST, counted)) as url, client(url) as asking:
        await asyncio.gather(*(asking.get(LIST, DEPLOYMENTS.page, soon()) for _ in range(40)))

    assert 1 < most <= 8


async def test_every_request_says_who_asks_and_under_which_id() -> None:
    api = Api().on(LIST, listed(), Reply(500, {"x-vcap-request-id": "question-7::abc"}))
    async with serving(api) as url, client(url) as asking:
        with structlog.contextvars.bound_contextvars(request_id="question-7"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())
        with pytest.raises(ServerError) as error:
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    first, second = (request.headers for request in api.asked if request.target == LIST)
    assert (first["user-agent"], first["x-vcap-request-id"]) == (f"deploybot/{__version__}", "question-7")
    assert {one.headers["x-vcap-request-id"] for one in api.asked[:-1]} == {"question-7"}
    assert len(second["x-vcap-request-id"]) == 32
    assert error.value.request_id == "question-7::abc"


async def test_an_id_that_no_header_can_carry_is_not_sent() -> None:
    api = Api().on(LIST, listed())
    async with serving(api) as url, client(url) as asking:
        with structlog.contextvars.bound_contextvars(request_id="a\r\nX-Evil: é"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert len(api.asked[-1].headers["x-vcap-request-id"]) == 32


async def test_whoever_counts_is_told_of_every_request() -> None:
    asked: list[Asked] = []
    api = Api().on(LIST, Reply(503), listed())
    async with serving(api) as url, client(url, around=Surroundings(watch=asked.append)) as asking:
        await asking.get(LIST + "?page=2", DEPLOYMENTS.page, soon())

    assert [(each.method, each.path, each.status) for each in asked] == [
        ("GET", "/", 200),
        ("POST", "/oauth/token", 200),
        ("GET", LIST, 503),
        ("GET", LIST, 200),
    ]


async def test_every_request_is_noted_and_a_part_of_the_trace_logins_included() -> None:
    telemetry, guid = FakeTelemetry(), "0c1f2f3e-1111-4222-8333-444455556666"
    one = f"/v3/deployments/{guid}"
    api = Api().on(one, Reply(503), lambda _: None, as_json({"guid": guid}))
    async with serving(api) as url, client(url, around=Surroundings(telemetry=telemetry)) as asking:
        await asking.get(one, bytes, soon())

    noted = telemetry.of(FoundationAsked)
    assert [(each.method, each.endpoint, each.status) for each in noted] == [
        ("GET", "/", 200),
        ("POST", "/oauth/token", 200),
        ("GET", "/v3/deployments/:guid", 503),
        ("GET", "/v3/deployments/:guid", None),
        ("GET", "/v3/deployments/:guid", 200),
    ]
    assert all(each.foundation == "prod" and 0 < each.seconds < PATIENT for each in noted)
    assert telemetry.of(FoundationRetried) == [FoundationRetried("prod", "/v3/deployments/:guid")] * 2
    assert {span.name for span in telemetry.spans} == {"cloud foundry request"}
    assert [span.facts["endpoint"] for span in telemetry.spans if not span.around] == ["/v3/deployments/:guid"] * 3
    assert [span.facts["endpoint"] for span in telemetry.spans if span.around] == ["/", "/oauth/token"]


async def test_an_answer_that_broke_off_is_noted_as_none() -> None:
    """Its headers said 200: counted as that, a foundation that breaks off every answer would look well."""
    telemetry, whole = FakeTelemetry(), listed({"guid": "d"})
    api = Api().on(LIST, Reply(200, whole.headers, whole.body, cut=10), whole)
    async with serving(api) as url, client(url, around=Surroundings(telemetry=telemetry)) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert [each.status for each in telemetry.of(FoundationAsked) if each.endpoint == LIST] == [None, 200]


async def test_cookies_are_not_kept() -> None:
    api = Api().on(LIST, Reply(200, {"set-cookie": "JSESSIONID=1; Path=/"}, listed().body), listed())
    async with serving(api) as url, client(url) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert not any("cookie" in request.headers for request in api.asked)


async def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Api()
    async with serving(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "")
        async with client("http://api.cf.example") as asking:
            with pytest.raises(CloudFoundryError):
                await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert proxy.asked[0].target == "http://api.cf.example/"


async def test_a_certificate_of_nobody_s_is_refused_unless_it_is_in_the_bundle() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(LOOPBACK)
    api = Api().on(LIST, listed())
    async with serving(api, context) as url:
        asking = Client(_site(url))
        with pytest.raises(UnreachableError, match="its certificate is not trusted"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())
        await asking.aclose()
        assert api.asked == []

        trusting = Client(_site(url, ca_bundle=LOOPBACK))
        api.on("/", as_json({"links": {"login": {"href": url}}}))
        await trusting.get(LIST, DEPLOYMENTS.page, soon())
        await trusting.aclose()


async def test_verification_is_skipped_only_when_spelled_out_and_with_a_warning() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(LOOPBACK)
    api = Api().on(LIST, listed())
    async with serving(api, context) as url:
        api.on("/", as_json({"links": {"login": {"href": url}}}))
        with structlog.testing.capture_logs() as logged:
            asking = Client(_site(url, skip_tls_verify=True))
        await asking.get(LIST, DEPLOYMENTS.page, soon())
        await asking.aclose()

    assert [(line["log_level"], line["event"], line["foundation"]) for line in logged] == [
        ("warning", "tls certificates are not verified", "prod")
    ]


async def test_logs_hold_no_secret() -> None:
    api = Api().on(LIST, Reply(503), listed())
    with structlog.testing.capture_logs() as logged:
        async with serving(api) as url, client(url, Login(client_id="bot", client_secret="s3cret")) as asking:
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert any(line["event"] == "cloud foundry is asked again" for line in logged)
    assert not any(secret in str(logged) for secret in ("s3cret", "token1", "Bearer", "Basic"))


async def test_one_foundation_s_trouble_is_told_with_its_name() -> None:
    async with serving(Api().on(LIST, Reply(500))) as url, foundation(url) as prod:
        with pytest.raises(ServerError, match="prod: had an internal error"):
            await prod.client.get(LIST, DEPLOYMENTS.page, soon())


def _site(url: str, ca_bundle: Path | None = None, skip_tls_verify: bool = False) -> Site:
    return Site("prod", url, Login(client_id="bot"), ca_bundle, skip_tls_verify)


async def _never(_: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError
