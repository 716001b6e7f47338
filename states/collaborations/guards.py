"""Guards on the consortium: pure functions from facts to a refusal or nothing."""

from states.collaborations.facts import ConsortiumFacts
from states.errors import Refusal
from states.texts import Text

_MANAGER = ("project_manager",)
_ITSELF = "collaborations"


def organisations_at_least(facts: ConsortiumFacts, *, count: int) -> Refusal | None:
    """A collaboration is between organisations: fewer than `count` is none yet."""
    if facts.organisations >= count:
        return None
    lacking = count - facts.organisations
    return Refusal(
        "too_few_organisations",
        present=facts.organisations,
        least=count,
        lacking=lacking,
        mend_by=_MANAGER,
        where="members",
        missing=(Text("missing", "more", count=lacking),),
    )


def regions_at_least(facts: ConsortiumFacts, *, count: int) -> Refusal | None:
    """Interregional means sites in at least `count` NUTS 2 regions."""
    if len(facts.nuts2) >= count:
        return None
    here = tuple(sorted(facts.nuts2)) or (Text("word", "none"),)
    return Refusal(
        "not_interregional",
        count=len(facts.nuts2),
        regions=here,
        least=count,
        lacking=count - len(facts.nuts2),
        mend_by=_MANAGER,
        where="members",
        missing=(Text("missing", "partner_elsewhere", regions=here),),
    )


def lead_named(facts: ConsortiumFacts) -> Refusal | None:
    """One partner leads."""
    if facts.lead:
        return None
    return Refusal("no_lead", mend_by=_MANAGER, where="members", missing=(Text("missing", "lead_partner"),))


def working_area_named(facts: ConsortiumFacts) -> Refusal | None:
    """A collaboration belongs to one working area of the partnership."""
    if facts.working_area:
        return None
    return Refusal(
        "no_working_area", mend_by=_MANAGER, where="collaborations", missing=(Text("missing", "working_area"),)
    )


def merge_target_named(facts: ConsortiumFacts) -> Refusal | None:
    """What merges says into which collaboration."""
    if facts.merges:
        return None
    return Refusal(
        "no_merge_target", mend_by=_MANAGER, where="collaborations", missing=(Text("missing", "merge_target"),)
    )


def summary_written(facts: ConsortiumFacts) -> Refusal | None:
    """The outline says in a few sentences what is wanted."""
    if facts.summary:
        return None
    return Refusal("no_summary", mend_by=_MANAGER, where=_ITSELF, missing=(Text("missing", "summary"),))
