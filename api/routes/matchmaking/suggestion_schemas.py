"""What the routes of suggestions and of partners wanted answer."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlmodel import Session, col, select

from api.http.examples import example
from api.http.problems import ReasonOut
from api.http.schemas import Input, Output, Prose
from states.matchmaking.profiles.tables import Profile, ProfileType
from states.matchmaking.suggestions.explain import Sight, Suggestion
from states.matchmaking.suggestions.introductions import USUAL_PRIORITY
from states.matchmaking.suggestions.lookups import Covered
from states.matchmaking.suggestions.match_terms import TermName
from states.matchmaking.suggestions.needs import Gain
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.partners.tables import Organisation, OrganisationKind

_DIGITS = 4


class Language(StrEnum):
    """The languages of the taxonomy."""

    EN = "en"
    DE = "de"
    FR = "fr"
    IT = "it"
    PL = "pl"


class TermOut(Output):
    name: TermName
    value: float = Field(description="0 to 1")
    weight: float
    contribution: float = Field(description="value times weight; all of them add up to the score")


class NodeOut(Output):
    """A keyword that was stated, and the nearest one on the other side."""

    keyword: str
    label: str
    by: str | None = Field(description="null: nothing is near")
    by_label: str | None
    credit: float = Field(description="1 for the same node, a part for a near one")
    weight: float


class SightOut(Output):
    """What one side sees in the other: the score with its terms and the nodes of the taxonomy that meet."""

    score: float
    terms: list[TermOut]
    nodes: list[NodeOut]


class WordOut(Output):
    word: str
    language: str
    part: float


class GainOut(Output):
    """What the partner would add towards a funding instrument."""

    instrument: str
    says: str = Field(description="the whole of it in words")
    opens: bool = Field(description="all minimums of the consortium are met then")
    adds: list[str]
    still: list[str] = Field(description="what is missing even then")
    caveats: list[str] = Field(description="on what this rests and nobody has verified")


class SuggestedOut(Output):
    """The profile that is suggested; who is behind it is told once both sides agree."""

    profile_id: str
    reference: str
    type: ProfileType
    title: str
    summary: str
    organisation: str
    organisation_name: str
    kind: OrganisationKind
    country: str
    nuts: str
    illustrative: bool


class SuggestionOut(Output):
    """A profile worth meeting: how it was ranked, what either side sees, what is missing, what it would add."""

    rank: int
    score: float = Field(description="the geometric mean of what both sides see; `spread` is already in the rank")
    spread: float = Field(description="by this factor it stands back behind others of the same region")
    profile_id: str = Field(description="the own profile to which it is suggested")
    other: SuggestedOut
    own: SightOut
    theirs: SightOut
    words: list[WordOut] = Field(description="that both texts have in common")
    lacking: list[str] = Field(description="what the other leaves open")
    gains: list[GainOut]


class GuestOut(Output):
    participant_id: str
    label: str


class IntroductionOut(SuggestionOut):
    guests: list[GuestOut] = Field(description="whom to ask, those with most free slots in common first")


class StepIn(Input):
    message: Prose = Field(default="", description="left out: says what brings the two together")


class InterestStepIn(StepIn):
    model_config = example(message="We make hip stems and look for a coating.", role_proposed="Tests")

    role_proposed: Prose = Field(default="", description="left out: the partner's role by the own profile")


class MeetingStepIn(StepIn):
    model_config = example(message="We make hip stems and look for a coating.", priority=3)

    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = Field(
        default=USUAL_PRIORITY, description="1 to 5; 5 is most wanted"
    )


class NeedOut(Output):
    """What a refusal asks of a partner."""

    refusal: ReasonOut
    says: str
    dimension: str
    lacking: int


class FitOut(Output):
    organisation: str
    organisation_name: str
    kind: OrganisationKind
    country: str
    nuts: str
    mends: list[str] = Field(description="refusals that it mends alone, in words")
    helps: list[str] = Field(description="refusals that it helps to mend")
    reasons: list[str]
    competence: float = Field(description="how far it covers what the collaboration is about, 0 to 1")
    illustrative: bool


class InstrumentFitOut(Output):
    instrument: str
    title: str
    met: bool = Field(description="the consortium meets the minimums that can be counted")
    source: str
    caveats: list[str]


class PartnersWantedOut(Output):
    """Which kind of partner would mend what stands against a collaboration, and who is one."""

    about: list[str] = Field(description="codes of the taxonomy")
    needs: list[NeedOut]
    not_by_a_partner: list[ReasonOut]
    instruments: list[InstrumentFitOut]
    fits: list[FitOut] = Field(description="organisations of the partnership, those first that mend most")
    together: list[FitOut] = Field(description="a few that mend together all that can be mended")
    unmet: list[str] = Field(description="needs that nobody here meets")


def suggested(session: Session, keys: Sequence[str]) -> dict[str, SuggestedOut]:
    """Return what is shown of suggested profiles, by id."""
    query = (
        select(Profile, Organisation)
        .join(Organisation, col(Organisation.id) == col(Profile.organisation_id))
        .where(col(Profile.id).in_(keys))
    )
    return {
        row.id: SuggestedOut(
            profile_id=row.id,
            reference=row.reference,
            type=row.type,
            title=row.title,
            summary=row.summary,
            organisation=owner.slug,
            organisation_name=owner.name,
            kind=owner.kind,
            country=owner.country,
            nuts=owner.nuts,
            illustrative=row.illustrative or owner.illustrative,
        )
        for row, owner in session.exec(query)
    }


def suggestion_values(one: Suggestion, *, own: str, other: SuggestedOut, language: str) -> dict[str, object]:
    """Return the fields of a suggestion, labels in that language."""
    return {
        "rank": one.rank,
        "score": round(one.score, _DIGITS),
        "spread": round(one.spread, _DIGITS),
        "profile_id": own,
        "other": other,
        "own": _sight(one.own, one.other.tree, language),
        "theirs": _sight(one.theirs, one.other.tree, language),
        "words": [WordOut(word=w.word, language=w.language, part=round(w.part, _DIGITS)) for w in one.words],
        "lacking": list(one.lacking),
        "gains": [_gain(gain) for gain in one.gains],
    }


def _sight(one: Sight, tree: Taxonomy, language: str) -> SightOut:
    terms = [
        TermOut(
            name=term.name,
            value=round(term.value, _DIGITS),
            weight=term.weight,
            contribution=round(term.contribution, _DIGITS),
        )
        for term in one.terms
    ]
    nodes = [_node(node, tree, language) for node in one.nodes]
    return SightOut(score=round(one.score, _DIGITS), terms=terms, nodes=nodes)


def _node(one: Covered, tree: Taxonomy, language: str) -> NodeOut:
    label = tree.label
    return NodeOut(
        keyword=one.keyword,
        label=label(one.keyword, language),
        by=one.by,
        by_label=label(one.by, language) if one.by else None,
        credit=round(one.credit, _DIGITS),
        weight=round(one.weight, _DIGITS),
    )


def _gain(one: Gain) -> GainOut:
    return GainOut(
        instrument=one.instrument,
        says=str(one),
        opens=one.opens,
        adds=list(one.adds),
        still=list(one.still),
        caveats=list(one.caveats),
    )
