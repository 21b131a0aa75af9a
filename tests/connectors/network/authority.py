"""A certificate authority of a company that nobody but the test knows."""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    file: Path
    """Its own certificate, PEM."""
    server: ssl.SSLContext
    """For a server that it vouches for."""


def make_authority(folder: Path, *hosts: str) -> Authority:
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company Inspection Authority")])
    key, host_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    root = (
        begun(name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    host = (
        begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])]), host_key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file, chain = folder / "authority.pem", folder / "server.pem"
    file.write_bytes(root.public_bytes(pem))
    chain.write_bytes(
        host.public_bytes(pem) + host_key.private_bytes(pem, private, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return Authority(file, server)
