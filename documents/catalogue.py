"""Which documents there are: for each kind its folder, its template, its style sheets and its context."""

from dataclasses import dataclass

from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.protocol.context import ProtocolContext
from documents.report.context import ConfidentialReportContext, PublicReportContext
from documents.review.context import ReviewContext
from states.archive.tables import DocumentKind


@dataclass(frozen=True, slots=True)
class Edition:
    """A document as the house prints it; `sample` renders it without a database."""

    name: str
    folder: str
    context: type[DocumentContext]
    template: str = "template.html"
    sample: str = "sample.json"
    watermark: bool = False


EDITIONS: dict[DocumentKind, Edition] = {
    DocumentKind.INVESTMENT_PROTOCOL: Edition("Investment protocol", "protocol", ProtocolContext),
    DocumentKind.REVIEW_DOSSIER: Edition("Review dossier", "review", ReviewContext),
    DocumentKind.PROPOSAL: Edition("Bankable proposal", "proposal", ProposalContext),
    DocumentKind.MONITORING_REPORT_PUBLIC: Edition("Monitoring report", "report", PublicReportContext),
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: Edition(
        "Monitoring report, confidential edition",
        "report",
        ConfidentialReportContext,
        template="confidential.html",
        sample="sample-confidential.json",
        watermark=True,
    ),
}
