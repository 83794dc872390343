"""What is told about certificates: for whom they are, how long they last, and why one is not trusted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, NameOID

from deploybot.cf.server import Server
from deploybot.domain.finding import Finding

SOON, VERY_SOON = timedelta(days=30), timedelta(days=7)
SHOWN_HOSTS = 5
LONGEST_NAME = 80


class Why(IntEnum):
    """OpenSSL's numbers for what is in the way of trust.

    https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
    """

    NOT_YET = 9
    EXPIRED = 10
    SELF_SIGNED = 18
    UNKNOWN_ROOT = 19
    NO_ISSUER = 20
    LEAF_UNVERIFIED = 21
    OTHER_HOST = 62
    OTHER_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one certificate says. `hosts` are the names and addresses that it is for, `publishes_issuer` whether it says
    where the certificate of its issuer is to be had, as those of public authorities do.
    """

    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    hosts: tuple[str, ...]
    is_self_signed: bool
    publishes_issuer: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a chain was not trusted: OpenSSL's number and words."""

    code: int
    words: str


def certificates_in(chain: Iterable[bytes]) -> tuple[Certificate, ...]:
    """A chain as it was sent, in DER, the server's own certificate first. ValueError where one can't be read."""
    return tuple(_certificate(x509.load_der_x509_certificate(each)) for each in chain)


def distrust(server: Server, refusal: Refusal, chain: Sequence[Certificate], now: datetime) -> Finding:
    """Why the client will not talk to a server, and what to do about it."""
    if not chain:
        return _unknown_trouble(server, refusal)
    own = chain[0]
    match refusal.code:
        case Why.EXPIRED:
            return _expired(server, next((each for each in chain if each.ends <= now), own), now)
        case Why.NOT_YET:
            return _not_yet(server, next((each for each in chain if each.begins > now), own), now)
        case Why.OTHER_HOST | Why.OTHER_ADDRESS:
            return _for_others(server, own)
        case Why.SELF_SIGNED:
            return _self_signed(server, own)
        case Why.NO_ISSUER | Why.LEAF_UNVERIFIED if len(chain) == 1:
            return _alone(server, own)
        case Why.UNKNOWN_ROOT | Why.NO_ISSUER | Why.LEAF_UNVERIFIED:
            return _unknown_authority(server, chain[-1])
    return _unknown_trouble(server, refusal)


def lasting(server: Server, chain: Sequence[Certificate], now: datetime) -> Finding:
    """How long what a server sent will do: the first of the chain to end counts."""
    first = min(chain, key=lambda each: each.ends)
    what = "its certificate" if first is chain[0] else f"the certificate of {first.subject}, which it sends along,"
    left = first.ends - now
    says = f"{server.named}: {what} ends on {first.ends:%Y-%m-%d}, {_days(left)}"
    if left >= SOON:
        return server.ok("tls-expiry", says)
    fix = f"have whoever runs {server.host} renew it"
    if left < VERY_SOON:
        return server.warning("tls-expiry", f"{says}: from then on the bot can't work there", f"{fix} now")
    return server.warning("tls-expiry", says, f"{fix} before that day")


def _days(left: timedelta) -> str:
    days = abs(left).days
    amount = "less than a day" if days == 0 else "1 day" if days == 1 else f"{days} days"
    return f"in {amount}" if left >= timedelta(0) else f"{amount} ago"


def _expired(server: Server, which: Certificate, now: datetime) -> Finding:
    return server.failure(
        "tls-expired",
        f"{server.named}: the certificate of {which.subject} ended {which.ends:%Y-%m-%d}, {_days(which.ends - now)}",
        f"have whoever runs {server.host} renew it; this machine's clock says {now:%Y-%m-%d %H:%M} UTC: "
        "if that is wrong, set it",
    )


def _not_yet(server: Server, which: Certificate, now: datetime) -> Finding:
    return server.failure(
        "tls-not-yet-valid",
        f"{server.named}: the certificate of {which.subject} is valid only from {which.begins:%Y-%m-%d %H:%M} UTC on",
        f"look at this machine's clock, which says {now:%Y-%m-%d %H:%M} UTC; if it is right, have whoever runs "
        f"{server.host} install a certificate that is valid by now",
    )


def _for_others(server: Server, own: Certificate) -> Finding:
    shown = ", ".join(own.hosts[:SHOWN_HOSTS]) + (", ..." if len(own.hosts) > SHOWN_HOSTS else "")
    if server.part == "API":
        fix = f"write one of these names in {server.setting('api')}"
    else:
        fix = f"have the API of {server.foundation} name its login server by one of these names"
    return server.failure(
        "tls-host",
        f"{server.named}: its certificate is for {shown or 'no host at all'}, not for {server.host}",
        f"{fix}, or have a certificate made for {server.host}",
    )


def _self_signed(server: Server, own: Certificate) -> Finding:
    return server.failure(
        "tls-self-signed",
        f"{server.named}: its certificate is signed by nobody but itself ({own.subject})",
        f"if it is the right one, put it as PEM into a file and name that in {server.setting('ca_bundle')}; "
        "better have a certificate of an authority made",
    )


def _alone(server: Server, own: Certificate) -> Finding:
    """Nobody can tell from outside whether the issuer is in between, or a root that is not known here."""
    if own.publishes_issuer:
        return server.failure(
            "tls-chain",
            f"{server.named} sends its certificate without that of its issuer, {own.issuer}, so the chain breaks off",
            f"have whoever runs {server.host} install the whole chain; until then the certificate of {own.issuer} in "
            f"{server.setting('ca_bundle')} helps",
        )
    return server.failure(
        "tls-chain",
        f"{server.named} sends its certificate alone, and its issuer, {own.issuer}, is not known here",
        f"if {own.issuer} is your own authority, put its certificate as PEM into a file and name that in "
        f"{server.setting('ca_bundle')}; if it is one in between, have {server.host} send its certificate along",
    )


def _unknown_authority(server: Server, last: Certificate) -> Finding:
    root = last.subject if last.is_self_signed else last.issuer
    return server.failure(
        "tls-trust",
        f"{server.named}: its certificate comes from an authority that is not trusted here, {root}",
        f"if {root} is your own authority, put its certificate as PEM into a file and name that in "
        f"{server.setting('ca_bundle')}: what the machine itself trusts does not count",
    )


def _unknown_trouble(server: Server, refusal: Refusal) -> Finding:
    return server.failure(
        "tls-trust",
        f"{server.named}: its certificate is not trusted ({refusal.words})",
        f"have whoever runs {server.host} look at it; its authority's certificate may have to be in "
        f"{server.setting('ca_bundle')}",
    )


def _certificate(read: x509.Certificate) -> Certificate:
    return Certificate(
        subject=_common_name(read.subject),
        issuer=_common_name(read.issuer),
        begins=read.not_valid_before_utc,
        ends=read.not_valid_after_utc,
        hosts=_hosts(read),
        is_self_signed=read.subject == read.issuer,
        publishes_issuer=_publishes_issuer(read),
    )


def _common_name(name: x509.Name) -> str:
    """The common name, else the whole name."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    return _line(text) or "nobody"


def _line(text: str) -> str:
    """On one line and short: whoever answers there wrote it."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST_NAME]


def _hosts(read: x509.Certificate) -> tuple[str, ...]:
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*map(_line, names.get_values_for_type(x509.DNSName)), *map(str, addresses))


def _publishes_issuer(read: x509.Certificate) -> bool:
    try:
        access = read.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except x509.ExtensionNotFound:
        return False
    described = access if isinstance(access, x509.AuthorityInformationAccess) else ()
    return any(each.access_method == AuthorityInformationAccessOID.CA_ISSUERS for each in described)
