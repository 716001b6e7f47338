"""Which documents there are: for each kind its folder, template, sample, context, and how to gather that."""

from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from documents.agenda import context as agenda
from documents.booklet import context as booklet
from documents.briefing import context as briefing
from documents.certificate import context as certificate
from documents.comparison import context as comparison
from documents.consensus import context as consensus
from documents.evaluation import context as evaluation
from documents.funnel import context as funnel
from documents.languages import marked
from documents.letter import context as letter
from documents.meta import DocumentContext
from documents.minutes import context as minutes
from documents.portfolio import context as portfolio
from documents.proposal import context as proposal
from documents.protocol import context as protocol
from documents.redline import context as redline
from documents.report import context as report
from documents.review import context as review
from documents.tableplan import context as tableplan
from documents.teaser import context as teaser
from states.archive.tables import DocumentClass, DocumentKind


class Gather(Protocol):
    """Reads the context of the version, round, evaluation, scenario or report with that id, or raises `Missing`."""

    def __call__(self, session: Session, *, subject_id: str) -> DocumentContext: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as the house prints it; `sample` renders it without a database.

    One of `one_page` has no cover: what a cover says stands at its foot, and it is set tighter until it fits.
    """

    name: str
    folder: str
    context: type[DocumentContext]
    gather: Gather
    template: str = "template.html"
    sample: str = "sample.json"
    watermark: bool = False
    one_page: bool = False
    document_class: DocumentClass = DocumentClass.CONFIDENTIAL


PAPERS: dict[DocumentKind, Paper] = {
    DocumentKind.INVESTMENT_PROTOCOL: Paper(
        marked("Investment protocol"), "protocol", protocol.ProtocolContext, protocol.gather
    ),
    DocumentKind.REVIEW_DOSSIER: Paper(marked("Review dossier"), "review", review.ReviewContext, review.gather),
    DocumentKind.EVALUATION_REPORT: Paper(
        marked("Evaluation report"), "evaluation", evaluation.EvaluationContext, evaluation.gather
    ),
    DocumentKind.CONSENSUS_REPORT: Paper(
        marked("Consensus report"), "consensus", consensus.ConsensusContext, consensus.gather
    ),
    DocumentKind.PANEL_MINUTES: Paper(marked("Panel minutes"), "minutes", minutes.MinutesContext, minutes.gather),
    DocumentKind.DECISION_LETTER: Paper(marked("Decision letter"), "letter", letter.LetterContext, letter.gather),
    DocumentKind.PROPOSAL: Paper(marked("Bankable proposal"), "proposal", proposal.ProposalContext, proposal.gather),
    DocumentKind.MONITORING_REPORT_PUBLIC: Paper(
        marked("Monitoring report"),
        "report",
        report.PublicReportContext,
        report.gather_public,
        document_class=DocumentClass.PUBLIC,
    ),
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: Paper(
        marked("Monitoring report, confidential edition"),
        "report",
        report.ConfidentialReportContext,
        report.gather_confidential,
        template="confidential.html",
        sample="sample-confidential.json",
        watermark=True,
    ),
    DocumentKind.PERSONAL_AGENDA: Paper(marked("Personal agenda"), "agenda", agenda.AgendaContext, agenda.gather),
    DocumentKind.TABLE_PLAN: Paper(marked("Table plan"), "tableplan", tableplan.TablePlanContext, tableplan.gather),
    DocumentKind.EVENT_BOOKLET: Paper(marked("Event booklet"), "booklet", booklet.BookletContext, booklet.gather),
    DocumentKind.FUNNEL_REPORT: Paper(marked("Funnel report"), "funnel", funnel.FunnelContext, funnel.gather),
    DocumentKind.REDLINE: Paper(marked("Redline"), "redline", redline.RedlineContext, redline.gather),
    DocumentKind.TEASER: Paper(
        marked("Teaser"),
        "teaser",
        teaser.TeaserContext,
        teaser.gather,
        one_page=True,
        document_class=DocumentClass.PUBLIC,
    ),
    DocumentKind.BRIEFING: Paper(marked("Briefing of a region"), "briefing", briefing.BriefingContext, briefing.gather),
    DocumentKind.COMPARISON: Paper(
        marked("Scenarios compared"), "comparison", comparison.ComparisonContext, comparison.gather
    ),
    DocumentKind.CERTIFICATE: Paper(
        marked("Certificate of the file's history"), "certificate", certificate.CertificateContext, certificate.gather
    ),
    DocumentKind.PORTFOLIO: Paper(marked("Portfolio book"), "portfolio", portfolio.PortfolioContext, portfolio.gather),
}
