"""Guards on the consortium: pure functions from facts to a refusal or nothing."""

from states.collaborations.facts import ConsortiumFacts
from states.errors import Refusal

_MANAGER = ("project_manager",)


def organisations_at_least(facts: ConsortiumFacts, *, count: int) -> Refusal | None:
    """A collaboration is between organisations: fewer than `count` is none yet."""
    if facts.organisations >= count:
        return None
    return Refusal(
        "too_few_organisations",
        f"{facts.organisations} of at least {count} organisations have joined.",
        _MANAGER,
        "members",
        (f"{count - facts.organisations} more",),
    )


def regions_at_least(facts: ConsortiumFacts, *, count: int) -> Refusal | None:
    """Interregional means sites in at least `count` NUTS 2 regions."""
    if len(facts.nuts2) >= count:
        return None
    here = ", ".join(sorted(facts.nuts2)) or "none"
    return Refusal(
        "not_interregional",
        f"The partners' sites lie in {len(facts.nuts2)} NUTS 2 region(s) ({here}); at least {count} are needed.",
        _MANAGER,
        "members",
        (f"a partner with its site in another NUTS 2 region than {here}",),
    )


def lead_named(facts: ConsortiumFacts) -> Refusal | None:
    """One partner leads."""
    if facts.lead:
        return None
    return Refusal("no_lead", "No lead partner is named.", _MANAGER, "members", ("lead partner",))


def working_area_named(facts: ConsortiumFacts) -> Refusal | None:
    """A collaboration belongs to one working area of the partnership."""
    if facts.working_area:
        return None
    return Refusal("no_working_area", "No working area is named.", _MANAGER, "", ("working area",))


def summary_written(facts: ConsortiumFacts) -> Refusal | None:
    """The outline says in a few sentences what is wanted."""
    if facts.summary:
        return None
    return Refusal("no_summary", "The outline has no summary yet.", _MANAGER, "", ("summary",))
