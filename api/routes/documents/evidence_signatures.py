"""The route of signatures in a piece of evidence: who signed a PDF that somebody filed, and whether it is intact."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from api.http.dependencies import Tx
from api.http.problems import refusals
from api.http.schemas import Output
from api.routes.documents.evidence import Read
from states.archive.absence import read
from states.archive.evidence.service import may_have_signatures, need_bytes

router = APIRouter(tags=["evidence"])


class SignatureOut(Output):
    signer: str = Field(description="whom the certificate names; empty: the signature cannot be read")
    issuer: str = Field(description="who made the certificate")
    signed_at: datetime | None = Field(description="by the signer's own clock")
    stamped_at: datetime | None = Field(description="by an authority's clock; null: none said it")
    intact: bool = Field(description="what it covers is as it was signed")
    whole: bool = Field(description="it covers the file to its end; false: something was added behind it")
    trust: str = Field(
        description="`trusted` or `untrusted`, by the certificates of this installation; `unknown`: it trusts none"
    )


class SignaturesOut(Output):
    checked: bool = Field(description="false: it is no PDF, or too large to be looked through")
    signatures: list[SignatureOut]


@router.get("/evidence/{evidence_id}/signatures", responses=refusals(409))
def get_evidence_signatures(row: Read, session: Tx) -> SignaturesOut:
    """Read who signed a PDF, when, whether it is intact since, and whether somebody trusted vouches for the signer."""
    need_bytes(row)
    if not may_have_signatures(row):
        return SignaturesOut(checked=False, signatures=[])
    # Here, not above: pyHanko takes half a second, and no other route needs it.
    from documents.signatures import signatures_of

    found = signatures_of(read(session, row.sha256))
    return SignaturesOut(
        checked=True, signatures=[SignatureOut.model_validate(one, from_attributes=True) for one in found]
    )
