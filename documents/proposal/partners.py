"""Who takes part: part and site, size with how it is known, what each promised in words and brings in money."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from documents.gathering import Subject
from documents.languages import gettext
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.names import is_made_up, told
from documents.proposal.scenario import Scenario, SourceLine
from documents.words import word
from states.collaborations.tables import MemberPart
from states.funding.tables import SourceKind
from states.partners.tables import SizeClass
from states.places.nuts import unit
from states.protocol.content import Content, table_rows

_OWN = frozenset({SourceKind.OWN_CASH, SourceKind.IN_KIND})


class PartnerLine(Plain):
    """A partner; amounts in EUR are of the chosen scenario, `said` is what the protocol says that it brings."""

    name: Line
    kind: Line
    part: Line
    region_code: Line
    region_name: Line
    country: str
    site: str = ""
    size: str = ""
    said: str = ""
    spends: Euro = Decimal("0.00")
    brings: Euro = Decimal("0.00")
    borrows: Euro = Decimal("0.00")
    granted: Euro = Decimal("0.00")
    illustrative: bool = False


def partner_lines(
    subject: Subject, content: Mapping[str, Content], chosen: Scenario | None, sizes: Mapping[str, str]
) -> tuple[PartnerLine, ...]:
    """Return the present members, the lead first; `sizes` are those that the case counts with, by short name."""
    roles = {row.get("organisation", ""): row for row in table_rows(content, "partners", "roles")}
    lines = []
    for entry in subject.members:
        organisation, lead = entry.organisation, entry.member.part is MemberPart.LEAD
        row = roles.get(organisation.name) or roles.get(organisation.slug) or {}
        code, name = subject.place(organisation.nuts)
        uses = [one for one in chosen.uses if one.partner_slug == organisation.slug] if chosen else []
        paid = [one for one in chosen.sources if one.partner_slug == organisation.slug] if chosen else []
        stated = word(organisation.size_class) if organisation.size_class is not SizeClass.UNKNOWN else ""
        lines.append(
            PartnerLine(
                name=told(organisation.name),
                kind=word(organisation.kind),
                part=told(row.get("role", "")) or (gettext("Lead partner") if lead else gettext("Partner")),
                region_code=code,
                region_name=name,
                country=organisation.country,
                site=f"{unit(organisation.nuts).name} ({organisation.nuts})",
                size=sizes.get(organisation.slug) or stated,
                said=told(row.get("commitment", "") or entry.member.contribution),
                spends=sum((one.amount for one in uses), Decimal("0.00")),
                brings=_of(paid, *_OWN),
                borrows=_of(paid, SourceKind.LOAN),
                granted=_of(paid, SourceKind.GRANT),
                illustrative=is_made_up(organisation.name),
            )
        )
    return tuple(lines)


def _of(lines: Iterable[SourceLine], *kinds: SourceKind) -> Decimal:
    return sum((one.amount for one in lines if one.kind in kinds), Decimal("0.00"))
