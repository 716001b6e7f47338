"""Guards on checklists."""

from collections.abc import Sequence

from states.checklists.definition import ItemSpec
from states.checklists.facts import ChecklistFacts, ItemState, Standing
from states.errors import Refusal
from states.texts import Text

_SAID = {
    ItemState.MISSING: "item_missing",
    ItemState.WITHOUT_EVIDENCE: "item_without_evidence",
    ItemState.UNCONFIRMED: "item_unconfirmed",
    ItemState.FAILING: "item_failing",
}


def missing_of(standing: Standing, items: Sequence[ItemSpec]) -> tuple[Text, ...]:
    """Say of these items what each lacks, and whose it is."""
    return tuple(
        Text(
            "missing",
            _SAID[standing.items[item.key]],
            item=item.text,
            roles=standing.spec.fillers(item),
            evidence=item.evidence or "",
        )
        for item in items
    )


def checklist_passed(facts: ChecklistFacts, *, checklist: str) -> Refusal | None:
    """The list is signed off, and every answer that is needed is there and passes; one that is not needed may fail."""
    standing = facts[checklist]
    spec = standing.spec
    wrong = standing.wrong
    if standing.passed:
        return None
    return Refusal(
        "checklist_not_passed" if wrong else "checklist_not_signed",
        checklist=spec.title,
        count=len(wrong),
        roles=spec.signers,
        mend_by=tuple(dict.fromkeys(role.value for item in wrong for role in spec.fillers(item)))
        or tuple(role.value for role in spec.signers),
        where=f"checklists/{checklist}",
        missing=missing_of(standing, wrong),
    )
