"""A certificate authority on loopback, with a list of what it revoked and a clock that stamps the time (RFC 3161)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from states.clock import machine_now

PASSPHRASE = "a passphrase"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(slots=True)
class Authority:
    """What it signs with, and where it answers."""

    key: Key
    certificate: x509.Certificate
    address: str = ""
    revoked: list[int] = field(default_factory=list)
    stamps: "tuple[x509.Certificate, Key] | None" = None
    asked: int = 0

    def certify(self, name: str, *, stamps_time: bool = False) -> tuple[x509.Certificate, Key]:
        """Return a new certificate and its key."""
        key: Key = ec.generate_private_key(ec.SECP256R1())
        if stamps_time:  # pyHanko's clock knows no other
            key = rsa.generate_private_key(65537, 2048)
        built = _about(name, key, self.certificate.subject)
        built = built.add_extension(_usage(signs=True), critical=True)
        if stamps_time:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            built = built.add_extension(purpose, critical=True)
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{self.address}/revoked")], None, None, None)
        built = built.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        return built.sign(self.key, hashes.SHA256()), key

    def revocations(self) -> bytes:
        """Return the list of what is revoked."""
        at = machine_now()
        built = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        built = built.last_update(at - timedelta(hours=1)).next_update(at + timedelta(days=7))
        built = built.add_extension(x509.CRLNumber(1), critical=False)
        for number in self.revoked:
            one = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(at - timedelta(minutes=30))
            built = built.add_revoked_certificate(one.build())
        return built.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def stamp(self, request: bytes) -> bytes:
        """Answer a request for the time."""
        assert self.stamps is not None
        certificate, key = self.stamps
        known = SimpleCertificateStore.from_certs([_certificate(self.certificate)])
        clock = DummyTimeStamper(_certificate(certificate), _key(key), certs_to_embed=known)
        answer = asyncio.run(clock.async_request_tsa_response(tsp.TimeStampReq.load(request)))
        written: bytes = answer.dump()
        return written

    def keep_root(self, folder: Path) -> Path:
        """Write the certificate that is to be trusted."""
        file = folder / "root.pem"
        file.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return file

    def keep_key(self, folder: Path, name: str = "Office of the partnership", *, ends: bytes = b"") -> Path:
        """Write a key that seals, with a certificate whose last bytes are these."""
        certificate, key = self.certify(name)
        while not certificate.public_bytes(Encoding.DER).endswith(ends):
            certificate, key = self.certify(name)
        file = folder / "seal.p12"
        locked = BestAvailableEncryption(PASSPHRASE.encode())
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, [self.certificate], locked))
        return file


@contextmanager
def an_authority(name: str = "Test Authority") -> Iterator[Authority]:
    """Yield an authority that answers on loopback until the block ends."""
    key = ec.generate_private_key(ec.SECP256R1())
    built = _about(name, key, _named(name)).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = built.add_extension(_usage(signs=False), critical=True).sign(key, hashes.SHA256())
    authority = Authority(key, root)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send("application/pkix-crl", authority.revocations())

        def do_POST(self) -> None:
            authority.asked += 1
            request = self.rfile.read(int(self.headers["Content-Length"]))
            self._send("application/timestamp-reply", authority.stamp(request))

        def _send(self, kind: str, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    authority.address = f"http://127.0.0.1:{server.server_address[1]}"
    authority.stamps = authority.certify("Test clock", stamps_time=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _about(name: str, key: Key, issuer: x509.Name) -> x509.CertificateBuilder:
    at = machine_now().astimezone(UTC).replace(microsecond=0)
    built = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    return built.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=365))


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(one: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(one.public_bytes(Encoding.DER))


def _key(one: Key) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(one.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


__all__ = ["PASSPHRASE", "Authority", "an_authority"]
