"""The examination before servers with certificates that are in order, and before those with each thing wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from deploybot.domain.finding import Finding, Level
from tests.cf.certificates import DAY, NOW, Issued, bundle, issued, root, tls
from tests.cf.examined import checks, examined, over_tls, root_of, sound_api, the, troubles
from tests.cf.making import Api, as_json
from tests.cf.serving import serving


@asynccontextmanager
async def behind(context: ssl.SSLContext) -> AsyncIterator[tuple[str, Api]]:
    """A sound foundation behind this TLS."""
    api = sound_api().on("/", over_tls)
    async with serving(api, context) as url:
        yield url, api


async def found_behind(folder: Path, own: Issued, *along: Issued, trusting: Issued | None = None) -> list[Finding]:
    async with behind(tls(folder, own, *along)) as (url, api):
        found = await examined(url, ca_bundle=bundle(folder, trusting) if trusting else None)
    if any(each.level is Level.FAILURE for each in found):
        assert api.asked == [], "nothing is sent to a server that is not trusted"
        assert the(found, "not-looked-at").level is Level.NOTE
    return list(found)


async def test_a_certificate_in_order_is_told_with_its_end_and_the_version_of_tls(tmp_path: Path) -> None:
    authority = root()
    found = await found_behind(tmp_path, issued("api", authority), trusting=authority)

    assert troubles(found) == []
    assert f"ends on {NOW + 365 * DAY:%Y-%m-%d}, in 36" in the(found, "tls-expiry").says
    assert "(TLSv1.3)" in the(found, "tls-trust").says


async def test_a_server_that_speaks_no_more_than_tls_1_2_will_do(tmp_path: Path) -> None:
    authority = root()
    context = tls(tmp_path, issued("api", authority))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with behind(context) as (url, _):
        found = await examined(url, ca_bundle=bundle(tmp_path, authority))
    assert "(TLSv1.2)" in the(found, "tls-trust").says
    assert troubles(found) == []


@pytest.mark.parametrize(
    ("left", "level", "told"),
    [
        (timedelta(days=31), Level.OK, "in 30 days"),
        (timedelta(days=29), Level.WARNING, "in 28 days"),
        (timedelta(days=6), Level.WARNING, "in 5 days: from then on the bot can't work there"),
        (timedelta(hours=5), Level.WARNING, "in less than a day: from then on the bot can't work there"),
    ],
)
async def test_an_end_that_is_near_is_a_warning(tmp_path: Path, left: timedelta, level: Level, told: str) -> None:
    authority = root()
    own = issued("api", authority, ends=NOW + left)
    finding = the(await found_behind(tmp_path, own, trusting=authority), "tls-expiry")

    assert finding.level is level
    assert finding.says.endswith(told)
    assert ("127.0.0.1" in finding.fix) == (level is Level.WARNING)


async def test_the_end_of_an_intermediate_counts_where_it_comes_first(tmp_path: Path) -> None:
    authority = root()
    between = issued("Acme Issuing", authority, authority=True, ends=NOW + 10 * DAY)
    found = await found_behind(tmp_path, issued("api", between), between, trusting=authority)

    assert the(found, "tls-expiry").level is Level.WARNING
    assert "the certificate of Acme Issuing, which it sends along," in the(found, "tls-expiry").says


async def test_one_that_is_over_is_told_with_its_date(tmp_path: Path) -> None:
    authority = root()
    own = issued("api", authority, begins=NOW - 20 * DAY, ends=NOW - 3 * DAY)
    finding = the(await found_behind(tmp_path, own, trusting=authority), "tls-expired")

    assert finding.says.endswith(f"the certificate of api ended {NOW - 3 * DAY:%Y-%m-%d}, 3 days ago")
    assert "this machine's clock says" in finding.fix


async def test_one_that_is_not_valid_yet_asks_for_a_look_at_the_clock(tmp_path: Path) -> None:
    authority = root()
    own = issued("api", authority, begins=NOW + 2 * DAY)
    finding = the(await found_behind(tmp_path, own, trusting=authority), "tls-not-yet-valid")

    assert f"is valid only from {NOW + 2 * DAY:%Y-%m-%d}" in finding.says
    assert "look at this machine's clock" in finding.fix


async def test_one_for_other_hosts_names_them(tmp_path: Path) -> None:
    authority = root()
    own = issued("api", authority, hosts=("api.example.com", "10.0.0.9"))
    finding = the(await found_behind(tmp_path, own, trusting=authority), "tls-host")

    assert finding.says.endswith("its certificate is for api.example.com, 10.0.0.9, not for 127.0.0.1")
    assert "foundations.eu.api" in finding.fix


async def test_one_that_signed_itself_says_so(tmp_path: Path) -> None:
    finding = the(await found_behind(tmp_path, issued("api")), "tls-self-signed")
    assert "signed by nobody but itself (api)" in finding.says
    assert "foundations.eu.ca_bundle" in finding.fix


async def test_an_unknown_authority_is_named_and_the_bundle_with_it(tmp_path: Path) -> None:
    authority = root("Secret Root")
    between = issued("Secret Issuing", authority, authority=True)
    for along in ((between,), (between, authority)):
        finding = the(await found_behind(tmp_path, issued("api", between), *along), "tls-trust")
        assert finding.says.endswith("comes from an authority that is not trusted here, Secret Root")
        assert "foundations.eu.ca_bundle" in finding.fix


async def test_a_chain_without_its_intermediate_is_told_apart(tmp_path: Path) -> None:
    """Browsers mend it by themselves, so that nobody believes it."""
    authority = root()
    between = issued("Acme Issuing", authority, authority=True)
    own = issued("api", between, published=True)
    finding = the(await found_behind(tmp_path, own, trusting=authority), "tls-chain")

    assert "sends its certificate without that of its issuer, Acme Issuing" in finding.says
    assert "install the whole chain" in finding.fix


async def test_a_certificate_alone_may_be_that_of_an_own_authority(tmp_path: Path) -> None:
    finding = the(await found_behind(tmp_path, issued("api", root())), "tls-chain")
    assert "sends its certificate alone, and its issuer, Acme Root, is not known here" in finding.says
    assert "if Acme Root is your own authority" in finding.fix


async def test_without_verification_it_says_what_verifying_would_find(tmp_path: Path) -> None:
    async with behind(tls(tmp_path, issued("api"))) as (url, api):
        found = await examined(url, skip_tls_verify=True)

    finding = the(found, "tls-skipped")
    assert finding.level is Level.WARNING
    assert "a look would find: " in finding.says
    assert "signed by nobody but itself" in finding.says
    assert finding.fix.endswith("then take foundations.eu.skip_tls_verify out")
    assert troubles(found) == ["tls-skipped"]
    assert api.count("/v3/deployments") == 1, "the bot itself would go on, and so the examination does"


async def test_verification_that_is_skipped_for_nothing_is_a_warning_too(tmp_path: Path) -> None:
    authority = root()
    async with behind(tls(tmp_path, issued("api", authority))) as (url, _):
        found = await examined(url, skip_tls_verify=True, ca_bundle=bundle(tmp_path, authority))

    assert "though its certificate would be trusted" in the(found, "tls-skipped").says
    assert the(found, "tls-skipped").fix == "take foundations.eu.skip_tls_verify out"


async def test_the_login_server_has_a_certificate_of_its_own(tmp_path: Path) -> None:
    authority = root()
    api, login = sound_api(), sound_api()
    short = tls(tmp_path, issued("login", authority, begins=NOW - 20 * DAY, ends=NOW - DAY))
    async with serving(api, tls(tmp_path, issued("api", authority))) as url, serving(login, short) as elsewhere:
        api.on("/", as_json(root_of(elsewhere)))
        found = await examined(url, ca_bundle=bundle(tmp_path, authority))

    finding = the(found, "tls-expired")
    assert finding.says.startswith(f"the login server at {elsewhere.removeprefix('https://')}: ")
    assert login.asked == [], "no secret is sent to a server that is not trusted"
    assert the(found, "not-looked-at").says.endswith(": the login, what the account sees and may do")


async def test_a_server_that_speaks_no_tls_is_told_so() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        found = await examined("https://{}:{}".format(*server.sockets[0].getsockname()))
    assert troubles(found) == ["tls-absent"]
    assert "the port is that of plain HTTP" in the(found, "tls-absent").fix


async def test_plain_http_to_a_server_with_tls_is_told_so(tmp_path: Path) -> None:
    async with serving(sound_api(), tls(tmp_path, issued("api"))) as url:
        found = await examined(url.replace("https:", "http:"))
    assert troubles(found) == ["root"]
    assert the(found, "root").fix.endswith("if it speaks TLS there, write foundations.eu.api with https://")


async def test_a_server_with_old_tls_only_is_told_so() -> None:
    """It says so with the alert `protocol_version`. https://www.rfc-editor.org/rfc/rfc8446#section-6.2"""

    async def too_old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes.fromhex("15 0301 0002 02 46"))
        writer.close()

    server = await asyncio.start_server(too_old, "127.0.0.1", 0)
    async with server:
        found = await examined("https://{}:{}".format(*server.sockets[0].getsockname()))
    assert troubles(found) == ["tls-version"]
    assert "TLS 1.2 or 1.3" in the(found, "tls-version").fix


async def test_a_server_that_hangs_up_during_the_handshake_is_told_so() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        found = await examined("https://{}:{}".format(*server.sockets[0].getsockname()))
    assert troubles(found) == ["tls-handshake"]


async def test_a_server_that_is_silent_during_the_handshake_ends_at_the_deadline() -> None:
    quiet = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await quiet.wait()
        finally:
            writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    async with server:
        found = await examined("https://{}:{}".format(*server.sockets[0].getsockname()), seconds=1)
        quiet.set()
    assert "it does not answer in time" in the(found, "tls-handshake").says


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"hello", "holds no certificate in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a certificate that can't be read"),
    ],
)
async def test_a_bundle_that_is_none_is_told_before_anything_is_asked(
    tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    async with serving(api := sound_api()) as url:
        found = await examined(url, ca_bundle=file)

    assert troubles(found) == ["ca-bundle"]
    assert the(found, "ca-bundle").says == f"the bundle of authorities {file} {told}"
    assert checks(found) == {"ca-bundle", "not-looked-at"}
    assert api.asked == []


async def test_a_bundle_with_a_key_only_says_so_without_a_word_of_it(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(issued("api").key_pem)
    async with serving(sound_api()) as url:
        found = await examined(url, ca_bundle=file)
    assert the(found, "ca-bundle").says == f"the bundle of authorities {file} holds a private key and no certificate"


async def test_a_bundle_that_is_gone_is_told(tmp_path: Path) -> None:
    async with serving(sound_api()) as url:
        found = await examined(url, ca_bundle=tmp_path / "gone.pem")
    assert the(found, "ca-bundle").says.endswith("can't be read: no such file or directory")


async def test_authorities_in_the_bundle_that_are_over_are_a_warning(tmp_path: Path) -> None:
    authority, old = root(), issued("Old", authority=True, begins=NOW - 9 * DAY, ends=NOW - DAY)
    async with behind(tls(tmp_path, issued("api", authority))) as (url, _):
        found = await examined(url, ca_bundle=bundle(tmp_path, authority, old))
    assert troubles(found) == ["ca-bundle"]
    assert "1 of 2 certificates" in the(found, "ca-bundle").says
