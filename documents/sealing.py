"""An electronic seal over the bytes of a document: a PAdES signature that is added behind them, so that they stay.

The field of the signature is prepared first, tagged as a form in the structure of the document, and nothing else of the
file is touched: what conforms to PDF/UA-1 and PDF/A-3a does so with the seal, too. pyHanko is slow to load: this module
is loaded by whoever seals.
"""

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    Reference,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from states.archive.sealed_copies import Sealed
from states.archive.tables import SealLevel
from states.errors import BankableError, Outage
from states.settings import settings

FIELD = "Seal"
_TIMEOUT = 20  # seconds that an authority may take
_PRINT_AND_LOCKED = 0b10000100


class SealKeyUnfit(BankableError):
    """The key of the seal cannot be read or used."""

    code = "seal_key_unfit"


class AuthorityAway(Outage):
    """Who stamps the time of seals does not answer."""

    code = "authority_away"


def seal(content: bytes) -> Sealed:
    """Return a document with the seal of this installation behind its bytes.

    With an authority it has a time that does not rest on our clock, and where the certificates tell how they are
    revoked, all that it takes to check it later. Raise `SealKeyUnfit`, or `AuthorityAway`.
    """
    key, authority = _key(), settings().seal_timestamp_url
    stamper = RequestsHTTPTimeStamper(authority, timeout=_TIMEOUT) if authority else None
    try:
        written, level = _at_best(content, key, stamper)
    except TimestampRequestError as error:
        raise AuthorityAway(url=authority, reason=str(error)[:200]) from error
    except (SigningError, PathError) as error:
        raise SealKeyUnfit("seal_key_refused", reason=str(error)[:200]) from error
    certificate: x509.Certificate = key.signing_cert
    return Sealed(written, level, name_of(certificate.subject), sha256(certificate.dump()).hexdigest(), authority)


def _key() -> signers.SimpleSigner:
    file = settings().seal_key
    assert file is not None
    try:
        passphrase = settings().seal_passphrase.encode() or None
        key: signers.SimpleSigner = signers.SimpleSigner.load_pkcs12_data(
            file.read_bytes(), other_certs=(), passphrase=passphrase
        )
    except (OSError, ValueError, TypeError) as error:
        raise SealKeyUnfit(file=str(file), reason=str(error)[:200]) from error
    return key


def _at_best(
    content: bytes, key: signers.SimpleSigner, stamper: RequestsHTTPTimeStamper | None
) -> tuple[bytes, SealLevel]:
    """Sign for the long term where all certificates tell whether they are revoked, else with a time, else without."""
    if stamper is None:
        return _sign(content, key, None, SealLevel.BASIC), SealLevel.BASIC
    try:
        return _sign(content, key, stamper, SealLevel.LONG_TERM), SealLevel.LONG_TERM
    except (SigningError, PathError):
        return _sign(content, key, stamper, SealLevel.TIMED), SealLevel.TIMED


def name_of(subject: x509.Name) -> str:
    """Return whom a certificate names, as people know them."""
    said = subject.native
    return str(said.get("common_name") or said.get("organization_name") or subject.human_friendly)


def trusted_roots() -> Sequence[x509.Certificate]:
    """Return the certificates that this installation trusts; raise `SealKeyUnfit` where their file cannot be read."""
    file = settings().seal_roots
    if file is None:
        return []
    try:
        return list(load_certs_from_pemder([str(file)]))
    except (OSError, ValueError) as error:
        raise SealKeyUnfit("seal_roots_unfit", file=str(file), reason=str(error)[:200]) from error


def _sign(
    content: bytes, key: signers.SimpleSigner, stamper: RequestsHTTPTimeStamper | None, level: SealLevel
) -> bytes:
    is_long = level is SealLevel.LONG_TERM
    context = ValidationContext(trust_roots=trusted_roots(), allow_fetching=True, revocation_mode="require")
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
        embed_validation_info=is_long,
        validation_context=context if is_long else None,
        dss_settings=DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE),
    )
    writer = _Untouched(BytesIO(content))
    _prepare(writer)
    signer = signers.PdfSigner(meta, signer=key, timestamper=stamper)
    output: BytesIO = signer.sign_pdf(writer, existing_fields_only=True, output=_Output())
    return output.getvalue()


class _Output(BytesIO):
    """Ends each stream as our papers do: data that end in a carriage return keep it, whoever counts them."""

    def write(self, data: Any) -> int:
        return super().write(b"\r\nendstream" if data == b"\nendstream" else data)


class _Untouched(IncrementalPdfFileWriter):
    """Adds to a file without a word of its own in the metadata, where PDF/UA-1 and PDF/A say what they want."""

    def _update_meta(self) -> None:
        pass


def _prepare(writer: IncrementalPdfFileWriter) -> None:
    """Add an invisible field for the signature to the first page, and its element to the structure."""
    page = writer.find_page_for_modification(0)[0]
    tree = writer.root["/StructTreeRoot"]
    document = tree["/K"][0]
    numbers = tree["/ParentTree"]["/Nums"]
    number = NumberObject(max(numbers[at] for at in range(0, len(numbers), 2)) + 1)
    field = writer.add_object(
        DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Sig"),
                pdf_name("/T"): pdf_string(FIELD),
                pdf_name("/TU"): pdf_string("Electronic seal of the issuer"),
                pdf_name("/F"): NumberObject(_PRINT_AND_LOCKED),
                pdf_name("/Rect"): ArrayObject([NumberObject(0)] * 4),
                pdf_name("/P"): page,
                pdf_name("/StructParent"): number,
            }
        )
    )
    element = writer.add_object(
        DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): _reference(writer, document),
                pdf_name("/Pg"): page,
                pdf_name("/K"): DictionaryObject(
                    {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): field, pdf_name("/Pg"): page}
                ),
            }
        )
    )
    numbers.extend([number, element])
    writer.update_container(numbers)
    document["/K"].append(element)
    writer.update_container(document["/K"])
    writer.register_annotation(page, field)
    form = DictionaryObject({pdf_name("/Fields"): ArrayObject([field]), pdf_name("/SigFlags"): NumberObject(3)})
    writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def _reference(writer: IncrementalPdfFileWriter, element: DictionaryObject) -> IndirectObject:
    found = element.container_ref
    assert isinstance(found, Reference)
    return IndirectObject(found.idnum, found.generation, writer)
