"""The sheet of events, with how their meetings are arranged."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from states.calendars.event_announcements import announce, change_event, plan_event
from states.matchmaking.event_day.setup import Setup, sessions_of, set_up_event, setup_faults
from states.matchmaking.event_day.tables import EventMode, Scheduling
from states.partners.event_plans import EventPlan, is_over, plan_of
from states.partners.partial_dates import InvalidPartialDate, PartialDate
from states.partners.registry_faults import blank
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role
from states.workbook.cells import FLAG, TEXT, WHOLE, Kind, Unreadable, choice, choices
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.times import SESSION_FORM, clock_time, moment, read_sessions, write_sessions
from states.workbook.world import World

_DEFAULTS = {field.name: field.default for field in fields(Setup)}
_WITH_MEETINGS = (EventKind.BROKERAGE.value, EventKind.CLUSTER_TO_CLUSTER.value)
_TIMES = ("requests_from", "requests_until")
_PLANNED = {"kind", "place", "url", "information", "illustrative"}
_NEEDED = ("scheduling", "time_zone", "sessions", *_TIMES)


def _number(name: str, note: str, example: int | None = None) -> Column:
    default = _DEFAULTS[name]
    kind = replace(WHOLE, empty=default) if isinstance(default, int) else WHOLE
    shown = f"{note}; empty: {default}" if isinstance(default, int) else f"{note}; empty: no limit"
    return Column(name=name, kind=kind, note=shown, example=example, width=12)


_SETUP = (
    Column(name="mode", kind=choice(EventMode), note="empty: no meetings are arranged", example="on_site", width=10),
    Column(name="scheduling", kind=choice(Scheduling), note="who places meetings", example="organiser", width=13),
    Column(name="time_zone", note="IANA name; all times of the event are by its clock", example="Europe/Warsaw"),
    Column(name="sessions", note=f"one on each line: {SESSION_FORM}", example=SESSION_FORM, width=60),
    Column(name="requests_from", note="from when meetings are asked for", example="2026-04-01 09:00"),
    Column(name="requests_until", note="until when", example="2026-04-30 18:00"),
    _number("slot_minutes", "length of a meeting", 20),
    _number("pause_minutes", "between two slots"),
    _number("answer_hours", "after so many an unanswered request expires"),
    _number("most_meetings", "accepted ones of one participant"),
    _number("most_per_session", "of one participant"),
    _number("most_requests", "unanswered ones of one participant"),
    _number("fairness", "largest difference of breaks"),
    Column(name="link_base", note="address of online meetings; begins with https://", width=24),
)


def _held_on(raw: object) -> str:
    text = str(TEXT.read(raw))  # type: ignore[arg-type]
    try:
        return str(PartialDate.parse(text))
    except InvalidPartialDate as error:
        reason = error.faults[0]
        raise Unreadable("date_of_event_unreadable", remedy=reason.advice, why=error.why) from None


class Events(Sheet[PartnershipEvent]):
    """Events; an event with a mode has meetings, and then all that is needed to arrange them."""

    name = "events"
    says = "Events of the partnership. Those with meetings between participants have a mode, sessions and slots."
    handle = ("name",)
    columns = (
        Column(name="name", required=True, key=True, example="Spring brokerage event", width=34),
        Column(
            name="held_on",
            kind=Kind(_held_on, TEXT.write, ""),
            note="a day, or as much as is known: 2026-05",
            required=True,
            key=True,
            example="2026-05-04",
        ),
        Column(name="kind", kind=choice(EventKind), required=True, example="brokerage"),
        Column(name="place", example="Gliwice", width=24),
        Column(name="url", note="page of the event", width=24),
        Column(name="information", width=40),
        Column(
            name="audience",
            kind=replace(choices(Role), says=f"{choices(Role).says}; empty: all"),
            note="roles that are told of it by mail once it is announced",
            example="project_manager; partner",
            width=24,
        ),
        Column(name="announced", kind=FLAG, note="yes: its audience is told by mail", example="no", width=11),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
        *_SETUP,
    )

    def rows(self, world: World) -> Iterable[PartnershipEvent]:
        return [row for row in world.events if row.cancelled_at is None]

    def values_of(self, world: World, row: PartnershipEvent) -> Values:
        known = {column.name: column.kind.empty for column in _SETUP} | row.model_dump(
            include={"name", "held_on", *_PLANNED}
        )
        known["audience"] = tuple(sorted(row.audience))
        known["announced"] = row.announced_at is not None
        setup = world.setups.get(row.id)
        if setup is None:
            return known
        zone = ZoneInfo(setup.time_zone)
        times = {name: clock_time(getattr(setup, name), zone) for name in _TIMES}
        return known | setup.model_dump() | times | {"sessions": write_sessions(sessions_of(setup), zone)}

    def find(self, world: World, line: Line) -> PartnershipEvent | None:
        wanted = (line.text("name"), line.text("held_on"))
        return next((row for row in self.rows(world) if (row.name, row.held_on) == wanted), None)

    def prepare(self, line: Line) -> None:
        if "audience" in line.values:
            line.values["audience"] = tuple(sorted(line.many("audience")))
        zone = _zone(line)
        if zone is None:
            return
        for name in _TIMES:
            if line.text(name) and (instant := _moment(line, name, zone)):
                line.values[name] = clock_time(instant, zone)
        try:
            line.values["sessions"] = write_sessions(read_sessions(line.text("sessions"), zone), zone)
        except Unreadable as error:
            line.note("sessions", error.fault)

    def check(self, world: World, line: Line, row: PartnershipEvent | None) -> None:
        fault = blank("name", line.text("name"))
        line.blame([fault] if fault and line.ok("name") else [])
        told = set(row.audience or Role) if row is not None and row.announced_at is not None else set()
        if told and "announced" in line.changed:
            line.fault("announced", "announced_already", remedy="leave_as_it_is")
        if "audience" in line.changed and line.many("audience") and told - set(line.many("audience")):
            line.fault("audience", "audience_knows_already", remedy="name_all_or_leave_empty")
        if not line.text("mode"):
            if line.ok("mode"):
                _check_without_meetings(world, line, row)
            return
        if line.ok("kind") and line.text("kind") not in _WITH_MEETINGS:
            line.fault(
                "kind", "has_no_meetings_arrange", remedy="kind_with_meetings", with_meetings=tuple(_WITH_MEETINGS)
            )
        for name in _NEEDED:
            if not line.text(name):
                line.fault(name, "needed_with_a_mode", remedy="fill_it")
        if line.ok("time_zone") and _zone(line) is None:
            line.fault("time_zone", "no_time_zone", remedy="iana_name_europe_warsaw")
        if line.ok("mode", *_NEEDED):
            line.blame(setup_faults(_setup(line)))

    def keep(self, world: World, line: Line, row: PartnershipEvent | None) -> PartnershipEvent:
        kind, held_on = EventKind(line.text("kind")), line.text("held_on")
        if row is None:
            plan = _planned(line, EventPlan("", kind, held_on))
            row = plan_event(world.session, world.partnership, plan, audience=line.words("audience", Role))
            world.events.append(row)
        elif _PLANNED & {*line.changed} or "audience" in line.changed:
            audience = line.words("audience", Role) if "audience" in line.changed else None
            change_event(world.session, row, _planned(line, replace(plan_of(row), kind=kind)), audience=audience)
        if line.flag("announced") and row.announced_at is None and not is_over(row):
            announce(world.session, row)
        if line.text("mode") and {column.name for column in _SETUP} & {*line.changed}:
            world.setups[row.id] = set_up_event(world.session, row, _setup(line))
        return row


def _planned(line: Line, plan: EventPlan) -> EventPlan:
    """Put into a plan what the workbook has of it; an event's exact times stay as they are."""
    return replace(
        plan,
        name=line.text("name"),
        place=line.text("place"),
        url=line.text("url"),
        information=line.text("information"),
        illustrative=line.flag("illustrative"),
    )


def _check_without_meetings(world: World, line: Line, row: PartnershipEvent | None) -> None:
    if row is not None and row.id in world.setups:
        line.fault("mode", "mode_needed", remedy="mode_import_takes_nothing_away")
        return
    for column in _SETUP:
        if line.ok(column.name) and line.values[column.name] != column.kind.empty:
            line.fault(column.name, "says_nothing_without_mode", remedy="fill_mode_or_empty_cell")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # read from the disk, hundreds of files


def _zone(line: Line) -> ZoneInfo | None:
    name = line.text("time_zone")
    return ZoneInfo(name) if name in _zones() else None


def _moment(line: Line, name: str, zone: ZoneInfo) -> datetime | None:
    try:
        return moment(line.text(name), zone)
    except Unreadable as error:
        line.note(name, error.fault)
        return None


def _setup(line: Line) -> Setup:
    """Return how meetings are to be arranged, where everything that is needed could be read."""
    zone = _zone(line) or ZoneInfo("UTC")
    epoch = datetime.fromtimestamp(0, UTC)
    numbers = {column.name: line.whole(column.name) for column in _SETUP if column.name in _NUMBERS}
    return Setup(
        mode=EventMode(line.text("mode")),
        scheduling=Scheduling(line.text("scheduling")),
        time_zone=line.text("time_zone"),
        sessions=read_sessions(line.text("sessions"), zone),
        requests_from=_moment(line, "requests_from", zone) or epoch,
        requests_until=_moment(line, "requests_until", zone) or epoch,
        link_base=line.text("link_base"),
        **numbers,  # type: ignore[arg-type] # those with a default are never None: their kind is read so
    )


_NUMBERS = frozenset(
    ("slot_minutes", "pause_minutes", "answer_hours", "most_meetings", "most_per_session", "most_requests", "fairness")
)
