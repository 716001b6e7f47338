"""The sheet of collaborations: each with the contact from which it came, the lead and the partners."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from states.collaborations.queries import MemberEntry
from states.collaborations.service import Joining, add_member, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.deadlines.followers import followed
from states.lifecycle.opening import Origin, open_with_origin
from states.matchmaking.tables import ContactKind
from states.partners.registry_faults import slug_fault
from states.partners.tables import Organisation
from states.workbook.cells import DAY, FLAG, MANY, TEXT, WHOLE, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World

_PARTNERS = replace(MANY, says=f"{MANY.says}; short names as in the sheet organisations")
_FIXED = ("lead", "came_from", "held_on", "subject", "illustrative")


class Collaborations(Sheet[Collaboration]):
    """Collaborations: a new line opens one, with the contact behind it; stages are moved elsewhere."""

    name = "collaborations"
    says = "Who works together on what; a new line opens a collaboration. Stages are moved over the API or a command."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="small letters, digits, hyphens", example="soil-sensors"),
        Column(name="title", required=True, example="Soil sensors for three river basins", width=40),
        Column(name="lead", required=True, refers="organisations", example="acme"),
        Column(name="partners", kind=_PARTNERS, required=True, example="technology-park; polar", width=34),
        Column(
            name="came_from",
            kind=choice(ContactKind),
            required=True,
            note="a meeting that was held, or an expression of interest that was accepted, of the lead with a partner",
            example="meeting",
            width=22,
        ),
        Column(name="held_on", kind=DAY, note="day of the meeting", example=None, width=12),
        Column(name="subject", note="what it was about; the title where it is empty", width=34),
        Column(name="working_area", kind=WHOLE, note="its number", example=1, width=12),
        Column(name="summary", kind=TEXT, width=50),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Collaboration]:
        return sorted(world.collaborations.values(), key=lambda row: row.slug)

    def values_of(self, world: World, row: Collaboration) -> Values:
        members, contact = world.members_of[row.id], world.contact_behind.get(row.id)
        areas = {entry.area.id: number for number, entry in world.areas.items()}
        lead = next((one.organisation.slug for one in members if one.member.part is MemberPart.LEAD), "")
        return row.model_dump() | {
            "lead": lead,
            "partners": _partners(members),
            "came_from": contact.kind.value if contact else "",
            "held_on": contact.held_on if contact else None,
            "subject": contact.subject if contact else "",
            "working_area": areas.get(row.working_area_id or ""),
        }

    def find(self, world: World, line: Line) -> Collaboration | None:
        return world.collaborations.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        if "partners" in line.values:
            line.values["partners"] = tuple(sorted(line.many("partners")))

    def refer(self, world: World, line: Line) -> None:
        if "subject" in line.values and not line.text("subject"):
            line.values["subject"] = line.text("title")

    def check(self, world: World, line: Line, row: Collaboration | None) -> None:
        fault = slug_fault(line.text("slug"), taken=False)
        line.blame([fault] if fault else [])
        world.organisation(line, "lead")
        for place, slug in enumerate(line.many("partners"), start=1):
            if slug not in world.members and ("organisations", slug) not in world.doubtful:
                known = tuple(world.members)
                line.fault("partners", "partner_unknown", remedy="one_of", place=place, organisation=slug, known=known)
        number = line.whole("working_area")
        if number is not None and number not in world.areas:
            line.fault("working_area", "working_area_unknown", remedy="one_of", area=number, known=tuple(world.areas))
        for name in _FIXED if row is not None else ():
            if name in line.changed:
                line.fault(name, "fixed_when_opened", remedy="leave_as_it_is")
        if row is not None and set(_partners(world.members_of[row.id])) - set(line.many("partners")):
            line.fault("partners", "partner_left_out", remedy="partners_leave_elsewhere")

    def keep(self, world: World, line: Line, row: Collaboration | None) -> Collaboration:
        session, number = world.session, line.whole("working_area")
        area = world.areas[number].area if number is not None else None
        organisations = [world.members[slug][0] for slug in line.many("partners")]
        if row is None:
            row = _opened(world, line, world.members[line.text("lead")][0], organisations)
        elif new := [one for one in organisations if one.slug not in _partners(world.members_of[row.id])]:
            with followed(session, row):
                for one in new:
                    add_member(session, row, Joining(one))
        edit_collaboration(session, row, title=line.text("title"), summary=line.text("summary"), working_area=area)
        world.collaborations[row.slug] = row
        return row


def _opened(world: World, line: Line, lead: Organisation, partners: Sequence[Organisation]) -> Collaboration:
    origin = Origin(ContactKind(line.text("came_from")), line.text("subject"), line.day("held_on"))
    return open_with_origin(
        world.session,
        world.partnership,
        origin,
        lead=lead,
        partners=partners,
        slug=line.text("slug"),
        title=line.text("title"),
        illustrative=line.flag("illustrative"),
    )


def _partners(members: Sequence[MemberEntry]) -> tuple[str, ...]:
    return tuple(sorted(one.organisation.slug for one in members if one.member.part is not MemberPart.LEAD))
