"""Makes authorities and certificates, good and bad, and servers' TLS from them."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def issued(
    name: str,
    by: Issued | None = None,
    *,
    hosts: Sequence[str] = (HOST,),
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + 365 * DAY,
    authority: bool = False,
    published: bool = False,
) -> Issued:
    """A certificate, signed by itself where nobody else signs. `published` says where its issuer's is to be had."""
    key = ec.generate_private_key(ec.SECP256R1())
    signing = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(by.certificate.subject if by else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(each) for each in hosts]), critical=False)
    if published:
        place = x509.UniformResourceIdentifier("http://ca.example/issuer.der")
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return Issued(builder.sign(signing, hashes.SHA256()), key)


def root(name: str = "Acme Root") -> Issued:
    return issued(name, authority=True)


def tls(folder: Path, own: Issued, *along: Issued) -> ssl.SSLContext:
    """A server's, which sends its own certificate and these along."""
    file = folder / f"{own.certificate.serial_number}.pem"
    file.write_bytes(own.key_pem + own.pem + b"".join(each.pem for each in along))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def bundle(folder: Path, *authorities: Issued) -> Path:
    file = folder / "bundle.pem"
    file.write_bytes(b"".join(each.pem for each in authorities))
    return file


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
