"""Whom the client believes over TLS, and what is wrong with a foundation's own bundle of authorities."""

import ssl
from datetime import datetime
from pathlib import Path

import httpx
from cryptography import x509

from deploybot.cf.server import Server
from deploybot.domain.finding import Finding

LARGEST_BUNDLE = 8 * 1024 * 1024


def trust_in(ca_bundle: Path | None) -> ssl.SSLContext:
    """The usual authorities, or those of SSL_CERT_FILE or SSL_CERT_DIR, and those of the bundle beside them.

    ssl.SSLError or OSError where the bundle is of no use.
    """
    context = httpx.create_ssl_context()
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    return context


def bundle_findings(server: Server, ca_bundle: Path, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with the bundle; () for nothing. A failure where no connection could be made with it."""
    setting = server.setting("ca_bundle")
    try:
        with ca_bundle.open("rb") as file:
            content = file.read(LARGEST_BUNDLE)
    except OSError as error:
        says = f"the bundle of authorities {ca_bundle} can't be read: {(error.strerror or 'no reason told').lower()}"
        return (server.failure("ca-bundle", says, f"let the bot read the file that {setting} names"),)
    try:
        certificates = x509.load_pem_x509_certificates(content)
        trust_in(ca_bundle)
    except (ValueError, OSError):
        says = f"the bundle of authorities {ca_bundle} {_instead(content)}"
        fix = f"put the authority's certificate as PEM (-----BEGIN CERTIFICATE-----) into the file that {setting} names"
        return (server.failure("ca-bundle", says, fix),)
    over = [each for each in certificates if each.not_valid_after_utc <= now]
    if not over:
        return ()
    says = f"{len(over)} of {len(certificates)} certificates in the bundle {ca_bundle} are over"
    return (server.warning("ca-bundle", says, f"put the new ones into the file that {setting} names"),)


def _instead(content: bytes) -> str:
    """What a file is that is no bundle; a word of it is never quoted."""
    if not content.strip():
        return "is empty"
    if b"PRIVATE KEY-----" in content and b"BEGIN CERTIFICATE" not in content:
        return "holds a private key and no certificate"
    if b"BEGIN CERTIFICATE" in content:
        return "holds a certificate that can't be read"
    return "holds no certificate in PEM"
