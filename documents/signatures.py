"""The signatures in a PDF that somebody sent: by whom, when, whether intact, and whether somebody vouches for them.

Nothing is fetched: a file says nothing of where this machine goes. pyHanko is slow to load: this module is loaded by
whoever checks signatures.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import PdfSignatureStatus, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from documents.sealing import name_of, trusted_roots

# What is wrong with a stranger's file is an answer here, and no line of the log.
for name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(name).setLevel(logging.CRITICAL)

# What a file may be wrong in that somebody made to be wrong.
_UNREADABLE = (
    PdfError,
    SignatureValidationError,
    SigningError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


class Trust(StrEnum):
    """Whether somebody whom this installation trusts vouches for the signer."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a file.

    `intact` says that what it covers is as it was signed, `whole` that nothing was added behind it. `signed_at` is what
    the signer's own clock said, `stamped_at` what an authority confirmed. `trust` is UNKNOWN where nobody is trusted.
    """

    signer: str
    issuer: str
    signed_at: datetime | None
    stamped_at: datetime | None
    intact: bool
    whole: bool
    trust: Trust


def signatures_of(content: bytes) -> tuple[Signature, ...]:
    """Return the signatures of a PDF in their order; none of what is no PDF, or cannot be read as one."""
    trusted = trusted_roots()
    try:
        return tuple(_read(content, trusted))
    except _UNREADABLE:
        return ()


def _read(content: bytes, trusted: Sequence[x509.Certificate]) -> Iterator[Signature]:
    reader = PdfFileReader(BytesIO(content), strict=False)
    for embedded in reader.embedded_regular_signatures:
        try:
            yield _checked(embedded, trusted)
        except _UNREADABLE:
            yield Signature("", "", None, None, intact=False, whole=False, trust=Trust.UNTRUSTED)


def _checked(embedded: EmbeddedPdfSignature, trusted: Sequence[x509.Certificate]) -> Signature:
    context = ValidationContext(trust_roots=trusted, allow_fetching=False)
    status: PdfSignatureStatus = validate_pdf_signature(
        embedded, signer_validation_context=context, ts_validation_context=context, skip_diff=True
    )
    certificate: x509.Certificate = status.signing_cert
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and (stamp.trusted or not trusted)
    vouched = Trust.TRUSTED if status.trusted else Trust.UNTRUSTED
    return Signature(
        signer=name_of(certificate.subject),
        issuer=name_of(certificate.issuer),
        signed_at=status.signer_reported_dt,
        stamped_at=stamp.timestamp if stamp is not None and stamped else None,
        intact=status.intact and status.valid,
        whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        trust=vouched if trusted else Trust.UNKNOWN,
    )
