"""What if a partner joins: what a collaboration is refused, and misses for each instrument, and who would mend it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.matchmaking.minimums import minimums_of
from states.errors import Fault, Invalid, Refusal
from states.funding.rules.queries import shelf_for
from states.lifecycle.available_moves import lifecycle_view
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.gather import consortium, pool, topic
from states.matchmaking.suggestions.needs import Minimums, Party
from states.matchmaking.suggestions.partner_wanted import PartnerWanted, partner_wanted, shortfalls
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.partners.tables import Organisation
from states.playbooks.definition import Direction


class PartnersWantedInvalid(Invalid):
    """What is asked for is not known here."""

    code = "partners_wanted_invalid"


@dataclass(frozen=True, slots=True)
class InstrumentView:
    """An instrument of the catalogue: what the consortium lacks for it, and on what the answer rests unproven."""

    minimums: Minimums
    lacking: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """What partners would mend, the instruments that were looked at, and the organisations named, by id."""

    found: PartnerWanted
    about: frozenset[str]
    instruments: tuple[InstrumentView, ...]
    organisations: Mapping[str, Organisation]


def partners_wanted(
    session: Session,
    row: Collaboration,
    *,
    competences: Collection[str] = (),
    instruments: Collection[str] = (),
    top: int = 20,
) -> Joining:
    """Say which kind of partner would mend each refusal, and which organisations of the partnership are one.

    Refusals are those of the moves forward from here, what the consortium misses for each instrument of the catalogue
    (or for those named by slug), and `competences` (codes of the taxonomy) that somebody says are missing. Raises
    `PartnersWantedInvalid` for codes and slugs that are not known.
    """
    on, own = today(), shelf_for(session, row.partnership_id).categories
    members = consortium(session, row, own=own)
    known = minimums_of(session, row.partnership_id, on=on)
    tree = taxonomy_of(session, row.partnership_id)
    _need_known(known, competences, instruments, tree)
    views = tuple(
        InstrumentView(one, shortfalls(one, members, on=on))
        for one in known
        if not instruments or one.instrument in instruments
    )
    refusals = [*_of_moves(session, row), *_of_competence(competences, tree)]
    refusals += [refusal for view in views for refusal in view.lacking]
    about = topic(session, row)
    candidates = pool(session, row.partnership_id, own=own)
    found = partner_wanted(members, refusals, candidates, on=on, about=about, tree=tree, top=top)
    named = {fit.party for fit in (*found.fits, *found.together)}
    return Joining(found, about, views, _organisations(session, named))


def _of_moves(session: Session, row: Collaboration) -> Sequence[Refusal]:
    moves = lifecycle_view(session, row, actor=None).moves
    found = [refusal for one in moves if one.move.direction is Direction.FORWARD for refusal in one.refusals]
    return list(dict.fromkeys(found))  # two moves may be refused for the same reason


def _of_competence(codes: Collection[str], tree: Taxonomy) -> Iterator[Refusal]:
    for code in sorted(set(codes)):
        label = tree.label(code)
        yield Refusal("competence_missing", competence=label, wanted=(code,), missing=(code,))


def _organisations(session: Session, parties: Collection[Party]) -> dict[str, Organisation]:
    keys = [party.organisation for party in parties]
    return {one.id: one for one in session.exec(select(Organisation).where(col(Organisation.id).in_(keys)))}


def _need_known(
    known: Sequence[Minimums], competences: Collection[str], instruments: Collection[str], tree: Taxonomy
) -> None:
    slugs = sorted(one.instrument for one in known)
    faults = [
        Fault("competence", "not_in_taxonomy", remedy="code_of_taxonomy", code=code, taxonomy=tree.version)
        for code in competences
        if code not in tree.nodes
    ]
    remedy = "one_of" if slugs else "put_one_into_the_catalogue"
    faults += [
        Fault("instrument", "terms_not_known", remedy=remedy, instrument=slug, known=tuple(slugs))
        for slug in instruments
        if slug not in slugs
    ]
    if faults:
        raise PartnersWantedInvalid(faults=faults)
