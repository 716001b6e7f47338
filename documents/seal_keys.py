"""A key for seals that an installation makes itself: nobody vouches for it but who hands its certificate on."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from states.clock import machine_now
from states.errors import Invalid

_YEARS = timedelta(days=3653)
_LONGEST_NAME = 64  # characters of a common name (RFC 5280, appendix A.1)


def make_key(file: Path, holder: str, *, passphrase: str = "", since: datetime | None = None) -> Path:
    """Write a key with its certificate (PKCS#12) that its owner alone reads, and beside it the certificate alone (PEM).

    The certificate holds for ten years from now, or from an earlier day `since`. Return its file: whoever trusts it
    trusts the seals. Raise `Invalid` for a holder that a certificate cannot name, `FileExistsError` where either is.
    """
    name = holder.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid("blank_or_too_long", field="holder", most=_LONGEST_NAME)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), since)
    locked: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    public = file.with_suffix(".pem")
    _write(public, certificate.public_bytes(Encoding.PEM), mode=0o644)
    _write(file, pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, locked), mode=0o600)
    return public


def _certificate(key: ec.EllipticCurvePrivateKey, name: x509.Name, since: datetime | None) -> x509.Certificate:
    at = machine_now().astimezone(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(min(since or at, at) - timedelta(days=1)).not_valid_after(at + _YEARS)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    uses = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, encipher_only=False, decipher_only=False, **uses
    )
    built = built.add_extension(usage, critical=True)
    return built.sign(key, hashes.SHA256())


def _write(file: Path, content: bytes, *, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
        target.write(content)
