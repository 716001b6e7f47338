"""Guards on evidence."""

from states.archive.evidence.definition import Source
from states.archive.evidence.facts import Demand, DemandState, EvidenceFacts
from states.errors import Refusal
from states.texts import Text

_ANYBODY = {
    Source.LEAD: Text("word", "evidence_from_lead"),
    Source.A_REGION: Text("word", "evidence_from_region"),
}


def evidence_filed(facts: EvidenceFacts) -> Refusal | None:
    """What the playbook asks for in this stage is filed, in force, and not too old."""
    if not facts.owed:
        return None
    return Refusal(
        "evidence_missing",
        count=len(facts.owed),
        mend_by=("project_manager", "partner"),
        where="evidence",
        missing=tuple(_said(one) for one in facts.owed),
    )


def _said(owed: Demand) -> Text:
    owner = owed.owner or _ANYBODY.get(owed.source, Text("word", "evidence_from_anybody"))
    if owed.state is DemandState.STALE and owed.dated_on is not None and owed.oldest is not None:
        return Text("missing", "evidence_stale", title=owed.title, owner=owner, day=owed.dated_on, oldest=owed.oldest)
    return Text("missing", "evidence_owed", title=owed.title, owner=owner)
