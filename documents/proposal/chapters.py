"""Which chapter of a proposal tells what a protocol says: by section, or by a single field of one."""

from collections.abc import Collection

from documents.gathering import content_of, section_of
from documents.meta import Line, Plain
from documents.parts import Section
from states.playbooks.definition import Playbook
from states.protocol.content import filled
from states.protocol.definition import FieldSpec
from states.protocol.tables import ProtocolVersion

NOWHERE = ""
# Section or section.field of a playbook's protocol; what is not named is told among the other statements.
_CHAPTERS = {
    "identity": "project",
    "investment_thesis": "project",
    "relevance": "project",
    "value_chain": "project",
    "object": "project",
    "investments": "project",
    "object.sites": "procurement",
    "investments.sites": "procurement",
    "object.procurement": "procurement",
    "investments.procurement": "procurement",
    "work_plan.procurement": "procurement",
    "partners": "partners",
    "market": "market",
    "business_model": "market",
    "readiness": "market",
    "readiness.rules": "standards",
    "readiness.standards": "standards",
    "readiness.route": "standards",
    "technology": "technology",
    "technology.regulation": "standards",
    "technology.standards": "standards",
    "technology.route": "standards",
    "work_plan": "plan",
    "impact": "effects",
    "impact.indicators": "plan",
    "support": "regions",
    "risks": "risks",
    "evidence": "annexes",
    # What the chosen scenario and its plan say anew: the older sources stand as history, the rest nowhere.
    "financing_plan": "earlier",
    "financing_plan.security": "financing",
    "financing": "earlier",
    "financing.security": "financing",
    "budget.sources": "earlier",
    "budget": NOWHERE,
    "investment_plan": NOWHERE,
    "projection": NOWHERE,
    "next_steps": NOWHERE,
}
LEFT_OUT = frozenset({"identity.acronym", "identity.contact"})
"""Fields that the cover says, or that are of the office."""


class ChapterText(Plain):
    """What a protocol says in one chapter, section by section."""

    key: Line
    sections: tuple[Section, ...]


def chapters_of(
    playbook: Playbook, version: ProtocolVersion, *, lifted: Collection[str] = ()
) -> tuple[ChapterText, ...]:
    """Divide what a version says among chapters, field by field; `lifted` are sections that stand elsewhere in full.

    A field that is empty is in none: what is missing stands in the one list at the front.
    """
    content = content_of(version)
    found: dict[str, list[Section]] = {}
    for number, spec in enumerate(playbook.protocol, start=1):
        parts: dict[str, list[FieldSpec]] = {}
        for field in spec.fields:
            place = f"{spec.key}.{field.key}"
            if spec.key not in lifted and place not in LEFT_OUT and filled(content, section=spec, field=field):
                chapter = _CHAPTERS.get(place, _CHAPTERS.get(spec.key, "other"))
                parts.setdefault(chapter, []).append(field)
        parts.pop(NOWHERE, None)
        for chapter, fields in parts.items():
            part = spec.model_copy(update={"fields": fields})
            made = section_of(part, content, number=number, illustrative=spec.key in version.illustrative)
            found.setdefault(chapter, []).append(made)
    return tuple(ChapterText(key=key, sections=tuple(several)) for key, several in found.items())
