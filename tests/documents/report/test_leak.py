"""Nothing of the self-assessment reaches the public edition: it has no place to stand in."""

from collections.abc import Mapping
from io import BytesIO

import pytest
from pydantic import ValidationError
from pypdf import PdfReader

from documents.meta import DocumentContext
from documents.render import render
from documents.report.context import ConfidentialReportContext, PublicReportContext, SelfAssessment
from states.archive.tables import DocumentKind

SECRET = "Quarrelsome Kittiwake"


def everything(content: bytes) -> str:
    reader = PdfReader(BytesIO(content))
    return " ".join([page.extract_text() for page in reader.pages] + [str(reader.metadata), str(reader.outline)])


@pytest.fixture(scope="module")
def secret_report(samples: Mapping[DocumentKind, DocumentContext]) -> ConfidentialReportContext:
    sample = samples[DocumentKind.MONITORING_REPORT_CONFIDENTIAL]
    assert isinstance(sample, ConfidentialReportContext)
    line = SelfAssessment(id="III.1", heading=f"{SECRET}?", question=SECRET, text=SECRET)
    return sample.model_copy(update={"self_assessment": (line,)})


def test_confidential_edition_shows_it(secret_report: ConfidentialReportContext) -> None:
    written = everything(render(DocumentKind.MONITORING_REPORT_CONFIDENTIAL, secret_report))

    assert (written.count(SECRET), "CONFIDENTIAL" in written) == (3, True)


def test_public_context_has_no_field_for_it(secret_report: ConfidentialReportContext) -> None:
    plain = secret_report.model_dump()
    plain["meta"]["kind"] = DocumentKind.MONITORING_REPORT_PUBLIC

    with pytest.raises(ValidationError, match="self_assessment\n  Extra inputs are not permitted"):
        PublicReportContext.model_validate(plain)


def test_public_edition_of_the_same_report_does_not(secret_report: ConfidentialReportContext) -> None:
    plain = secret_report.model_dump(exclude={"self_assessment"})
    plain["meta"] |= {"kind": DocumentKind.MONITORING_REPORT_PUBLIC, "confidentiality": "public"}

    written = everything(render(DocumentKind.MONITORING_REPORT_PUBLIC, PublicReportContext.model_validate(plain)))

    assert (SECRET in written, "self-assessment" in written.lower(), "CONFIDENTIAL" in written) == (False, True, False)
