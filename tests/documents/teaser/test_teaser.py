"""The teaser: one page whatever it is made of, nothing confidential on it, and what nobody has said told as missing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import cast

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from documents.gathering import current_subject
from documents.imprint import Imprint
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.proposal.context import gather as gather_proposal
from documents.render import render
from documents.teaser.context import Segment, TeaserContext, TeaserPartner, gather
from states.archive.codes import Stamp
from states.archive.tables import Because, DocumentKind
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.funding.queries import scenarios_of
from states.protocol.service import write_section
from tests.after_factories import a_chosen_scenario
from tests.documents.story import text_of
from tests.factories import World, a_collaboration, a_collaboration_at, a_world, content_of, fill_protocol, freeze, s3

KIND = DocumentKind.TEASER
SECRET = "Nobody outside may know this"
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
LONG = "A centre for the biological evaluation of implants and of whatever touches the body of a patient. "


@pytest.fixture(scope="module")
def sample(samples: Mapping[DocumentKind, DocumentContext]) -> TeaserContext:
    found = samples[KIND]
    assert isinstance(found, TeaserContext)
    return found


def partners(count: int, name: str) -> tuple[TeaserPartner, ...]:
    return tuple(
        TeaserPartner(name=f"P{number} {name}", place="Bouches-du-Rhône", country="FR") for number in range(count)
    )


def as_a_later_edition(context: TeaserContext) -> bytes:
    """Print it with all that may stand at its foot."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    imprint, stamp = Imprint(3, at, at, tuple(Because)), Stamp("A" * 12, "https://bankable.example/verify/" + "A" * 12)
    return render(KIND, context, imprint=imprint, stamp=stamp)


def titled(context: TeaserContext, title: str, **more: object) -> TeaserContext:
    meta = context.meta.model_copy(update={"title": title, "partnership": "Partnership " * 12})
    return context.model_copy(update={"meta": meta, **more})


@pytest.mark.parametrize(
    ("title", "many", "what"),
    [
        ("Centre", partners(2, "Lab"), "Short."),
        ((LONG * 4)[:300], partners(20, "Society for the testing of implants with a long name"), LONG * 20),
        ("W" * 300, partners(500, "Donaudampfschiffahrtselektrizitätenhauptbetriebswerk" * 9), "x" * 10_000),
        ("\U0001f680" * 300, partners(30, "\u05d0\u05d1\u05d2 \u4e2d\u6587"), "\u4e2d\u6587\u05d0 " * 900),
    ],
    ids=["short", "long", "absurd", "undrawable"],
)
def test_is_one_page_whatever_it_says(
    title: str, many: tuple[TeaserPartner, ...], what: str, sample: TeaserContext
) -> None:
    market = tuple(Segment(name=LONG * 5, size=Decimal("9876543210.00"), source=f"https://{'s' * 900}") for _ in "12")
    context = titled(sample, title, partners=many, what=what, market=market, contact=LONG * 9)

    written = as_a_later_edition(context)

    assert len(PdfReader(BytesIO(written)).pages) == 1
    shown = text_of(written)
    assert "P0" in shown
    assert f"{len(many)} partners in all" in shown or all(f"P{number}" in shown for number in range(len(many)))


def test_without_anything_it_says_what_is_missing(sample: TeaserContext) -> None:
    empty = TeaserContext(meta=sample.meta, stage="Outline", score=0)

    shown = text_of(render(KIND, empty))

    assert set(empty.missing) == {"what", "ask", "by_when", "level", "market", "figures", "contact"}
    for said in ("is not written yet", "No lead partner", "market is not stated", "readiness is not stated"):
        assert said in shown
    for said in ("What it costs is not stated", "No date is stated", "no financial plan yet", "No contact is stated"):
        assert said in shown


def test_figures_agree(sample: TeaserContext) -> None:
    assert sample.cost == sample.committed + sample.open
    assert sample.missing == ()
    assert len(sample.figures) == 3
    shown = text_of(render(KIND, sample))
    for one in sample.figures:
        assert one.planned.replace("\u00a0", " ").replace("\u202f", " ") in shown
    assert sample.valued.replace("\u00a0", " ").replace("\u202f", " ") in shown


def test_sample_says_what_the_proposal_says(
    sample: TeaserContext, samples: Mapping[DocumentKind, DocumentContext]
) -> None:
    proposal = samples[DocumentKind.PROPOSAL]
    assert isinstance(proposal, ProposalContext)
    assert proposal.decision is not None
    assert proposal.chosen is not None

    assert (sample.cost, sample.standings) == (proposal.chosen.total_uses, proposal.decision.standings)
    assert [one.planned for one in sample.figures] == [
        one.planned for one in proposal.decision.ranges if one.name in {figure.name for figure in sample.figures}
    ]


@SQLITE
def test_nothing_confidential_is_on_it(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    _write_secrets(world, row)
    freeze(world, row)
    scenario = a_chosen_scenario(world, row)
    scenario.note = SECRET
    for one in scenarios_of(session, row.id):
        one.name = SECRET
    members = members_of(session, [row.id])[row.id]
    for entry in members:
        entry.member.contribution = SECRET
    session.flush()
    subject = current_subject(session, KIND, collaboration_id=row.id)

    found = gather(session, subject_id=subject)
    proposal = gather_proposal(session, subject_id=scenario.id)

    assert SECRET in proposal.model_dump_json()  # there is something to leak
    assert SECRET not in found.model_dump_json()
    assert SECRET not in text_of(render(KIND, found))
    assert proposal.decision is not None
    assert (found.standings, found.gap) == (proposal.decision.standings, proposal.decision.gap)
    assert {one.name for one in found.partners} == {entry.organisation.name for entry in members}


PUBLIC = {
    ("identity", "acronym"),
    ("identity", "abstract"),
    ("identity", "contact"),
    ("market", "segments"),
    ("technology", "readiness"),
    ("work_plan", "milestones"),
}


def _write_secrets(world: World, case: Collaboration) -> None:
    """Write a secret into every text of the protocol that is not public, and beside what is."""
    for section in s3().protocol:
        content = content_of(section)
        for field in section.fields:
            public = (section.key, field.key) in PUBLIC
            if not field.columns and not public:
                content[field.key] = SECRET
            elif field.key == "segments":
                market = {"segment": "Implants", "size": "1000.00", "source": "https://example.org/market"}
                content[field.key] = [{**market, "competitor": SECRET, "price": SECRET}]
            elif field.columns and section.key in ("risks", "partners"):
                texts = ("risk", "response", "owner", "role", "commitment")
                known = {column.key: SECRET for column in field.columns if column.key in texts}
                content[field.key] = [row | known for row in cast(list[dict[str, str]], content[field.key])]
        write_section(world.session, case, section.key, content, sections=s3().protocol)


@SQLITE
def test_of_a_short_playbook_it_says_what_there_is(session: Session) -> None:
    world = a_world(session)
    world.partnership.playbook = "lean"
    row = a_collaboration(world)
    fill_protocol(world, row)
    freeze(world, row)

    found = gather(session, subject_id=current_subject(session, KIND, collaboration_id=row.id))

    written = render(KIND, found)
    assert len(PdfReader(BytesIO(written)).pages) == 1
    assert (found.cost, found.standings, found.market, found.level) == (Decimal("1000.10"), (), (), None)
    assert "no way to finance it is chosen yet" in text_of(written)
