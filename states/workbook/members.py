"""The sheet of members: who takes part in each collaboration, as lead or partner, and what it brings in."""

from collections.abc import Iterable

from states.collaborations.queries import MemberEntry
from states.collaborations.service import Joining
from states.collaborations.tables import MemberPart
from states.crossings.consortium import change_part, join
from states.rights.access import Actor, Role
from states.workbook.cells import TEXT, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World


class Members(Sheet[MemberEntry]):
    """Who takes part now: a new line lets an organisation join; who leaves, leaves elsewhere."""

    name = "members"
    says = (
        "Who takes part in each collaboration, and what it brings in. A new line lets an organisation join; one with "
        "lead lets it take over. Who leaves, leaves over the API or by a command."
    )
    handle = ("collaboration", "organisation")
    columns = (
        Column(
            name="collaboration", required=True, key=True, refers="collaborations", example="soil-sensors", width=24
        ),
        Column(name="organisation", required=True, key=True, refers="organisations", example="acme"),
        Column(name="part", kind=choice(MemberPart, empty=MemberPart.PARTNER), example="partner", width=12),
        Column(name="contribution", kind=TEXT, note="what it brings in", example="a test field", width=50),
    )

    def rows(self, world: World) -> Iterable[MemberEntry]:
        by_slug = sorted(world.collaborations.items())
        return [entry for _, row in by_slug for entry in world.partners_of(row)]

    def values_of(self, world: World, row: MemberEntry) -> Values:
        places = {one.id: slug for slug, one in world.collaborations.items()}
        member = row.member
        return {
            "collaboration": places[member.collaboration_id],
            "organisation": row.organisation.slug,
            "part": member.part.value,
            "contribution": member.contribution,
        }

    def find(self, world: World, line: Line) -> MemberEntry | None:
        collaboration = world.collaborations.get(line.text("collaboration"))
        entries = world.partners_of(collaboration) if collaboration is not None else []
        return next((one for one in entries if one.organisation.slug == line.text("organisation")), None)

    def check(self, world: World, line: Line, row: MemberEntry | None) -> None:
        if line.text("collaboration") not in world.collaborations:
            world.missing(line, "collaboration", "collaborations", world.collaborations)
        world.organisation(line, "organisation")
        was_lead = row is not None and row.member.part is MemberPart.LEAD
        if was_lead and line.word("part", MemberPart) is not MemberPart.LEAD:
            line.fault("part", "lead_steps_back", remedy="let_another_lead")

    def keep(self, world: World, line: Line, row: MemberEntry | None) -> MemberEntry:
        session, collaboration = world.session, world.collaborations[line.text("collaboration")]
        organisation = world.members[line.text("organisation")][0]
        part = line.word("part", MemberPart) or MemberPart.PARTNER
        actor = Actor(Role.PROJECT_MANAGER, world.partnership.id)
        if row is None:
            join(session, collaboration, Joining(organisation, part, line.text("contribution")), actor=actor)
        else:
            changed = part if part is not row.member.part else None
            said = line.text("contribution")
            change_part(session, collaboration, organisation.id, part=changed, contribution=said, actor=actor)
        world.members_of.pop(collaboration.id, None)
        found = self.find(world, line)
        assert found is not None  # it has just joined
        return found
