"""What if a partner joins: which kind of partner would mend a collaboration's refusals, and who in the pool is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from states.errors import Refusal
from states.matchmaking.suggestions.lookups import coverage
from states.matchmaking.suggestions.needs import (
    ASKS,
    OUTERMOST,
    Minimums,
    Need,
    Party,
    counts,
    has_category,
    need_of,
    reason,
    remaining,
)
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.texts import Text

_MINIMUMS = {"partners": "min_partners", "regions": "min_regions", "countries": "min_countries"}


@dataclass(frozen=True, slots=True)
class Fit:
    """An organisation of the pool: the refusals it mends alone and those it helps to mend, with the reasons.

    `competence` is how far it covers what the collaboration is about, 0 to 1.
    """

    party: Party
    mends: tuple[Refusal, ...]
    helps: tuple[Refusal, ...]
    reasons: tuple[str, ...]
    competence: float


@dataclass(frozen=True, slots=True)
class PartnerWanted:
    """What would help: a need for each refusal that a partner can mend, who fits, and who would do together.

    `together` is a small set that mends all that can be mended, each one chosen because it mends most of what is then
    left; it is not proven to be the smallest. `unmet` are needs of which something is left even then.
    """

    needs: tuple[Need, ...]
    not_by_a_partner: tuple[Refusal, ...]
    fits: tuple[Fit, ...]
    together: tuple[Fit, ...]
    unmet: tuple[Need, ...]


def partner_wanted(
    members: Sequence[Party],
    refusals: Sequence[Refusal],
    pool: Sequence[Party],
    *,
    on: date,
    about: frozenset[str] = frozenset(),
    tree: Taxonomy | None = None,
    top: int = 20,
) -> PartnerWanted:
    """Say which kind of partner would mend each refusal, and which organisations of the pool are one, the best first.

    Who mends more stands first, then who helps to mend more, then who knows most of what the collaboration is `about`.
    """
    needs = tuple(need for refusal in refusals if (need := need_of(refusal, members, tree=tree)) is not None)
    fits = [_fit(party, needs, about, on) for party in pool if _may_join(party, members)]
    useful = sorted((fit for fit in fits if fit.mends or fit.helps), key=_order)
    together = _together(useful, needs, on)
    left = [need for need in needs if remaining(need, [fit.party for fit in together], on=on)]
    return PartnerWanted(
        needs=needs,
        not_by_a_partner=tuple(refusal for refusal in refusals if refusal.code not in ASKS),
        fits=tuple(useful[:top]),
        together=tuple(together),
        unmet=tuple(left),
    )


def shortfalls(minimums: Minimums, members: Sequence[Party], *, on: date) -> tuple[Refusal, ...]:
    """Say as refusals what a consortium lacks for an instrument: partners, regions, countries, a category of region."""
    sites = [member.nuts for member in members]
    found = [
        Refusal(
            _MINIMUMS[one.plural],
            instrument=minimums.title,
            present=one.present,
            least=one.least,
            lacking=one.lacking,
            missing=(Text("missing", "more", count=one.lacking),),
        )
        for one in counts(minimums, sites)
        if one.lacking
    ]
    if not has_category(minimums, sites, on=on):
        wanted = (*sorted(minimums.categories), *(OUTERMOST,) * minimums.outermost)
        found.append(Refusal("min_category", instrument=minimums.title, wanted=wanted, missing=wanted))
    return tuple(found)


def _may_join(party: Party, members: Sequence[Party]) -> bool:
    """Keep out who is a member already, and who avoids a member or is avoided by one."""
    return not any(
        party.organisation in {member.organisation, *member.avoids} or member.organisation in party.avoids
        for member in members
    )


def _fit(party: Party, needs: Sequence[Need], about: frozenset[str], on: date) -> Fit:
    left = [(need, remaining(need, [party], on=on)) for need in needs]
    return Fit(
        party,
        mends=tuple(need.refusal for need, rest in left if not rest),
        helps=tuple(need.refusal for need, rest in left if 0 < rest < need.lacking),
        reasons=tuple(reason(need, party, on=on) for need, rest in left if rest < need.lacking),
        competence=coverage(about, party.keywords, tree=party.tree),
    )


def _order(fit: Fit) -> tuple[int, int, float, str]:
    return -len(fit.mends), -len(fit.helps), -fit.competence, fit.party.organisation


def _together(useful: Sequence[Fit], needs: Sequence[Need], on: date) -> list[Fit]:
    chosen: list[Fit] = []

    def left_with(more: Sequence[Fit]) -> int:
        joined = [fit.party for fit in (*chosen, *more)]
        return sum(remaining(need, joined, on=on) for need in needs)

    while left := left_with([]):
        possible = [fit for fit in useful if _may_join(fit.party, [one.party for one in chosen])]
        best = min(possible, key=lambda fit: left_with([fit]), default=None)
        if best is None or left_with([best]) == left:
            break
        chosen.append(best)
    return chosen
