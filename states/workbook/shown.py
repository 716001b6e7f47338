"""Sheets that only show what came of the collaborations; their names begin with `_`, so an import leaves them alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from states.archive.evidence.tables import Evidence
from states.collaborations.queries import history_of
from states.funding.tables import Scenario, Use
from states.review.tables import Condition, Decision, ReviewRound
from states.workbook.cells import Written
from states.workbook.world import World

Shown = tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet that only shows: its columns and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: list[Shown]


def pages(world: World) -> Iterator[Page]:
    """Yield what the collaborations have come to: scenarios, decisions, conditions, evidence and moves."""
    places = {row.id: slug for slug, row in sorted(world.collaborations.items())}
    yield Page(
        "_scenarios", ("collaboration", "name", "chosen", "uses", "sources", "gap", "note"), _scenarios(world, places)
    )
    rounds = _rounds(world, places)
    on = ("collaboration", "panel", "round")
    days = ("prepared_on", "confirmed_on", "released_on")
    yield Page("_decisions", (*on, "outcome", "reasons", *days), list(_decisions(world, places, rounds)))
    yield Page(
        "_conditions",
        (*on, "number", "text", "state", "evidence", "closed_on"),
        list(_conditions(world, places, rounds)),
    )
    said = ("kind", "organisation", "title", "dated_on", "state", "class", "file", "bytes", "sha256")
    yield Page("_evidence", ("collaboration", *said), list(_evidence(world, places)))
    moved = ("number", "made_on", "move", "from", "to", "role", "reason")
    yield Page("_moves", ("collaboration", *moved), list(_moves(world, places)))


def _scenarios(world: World, places: Mapping[str, str]) -> list[Shown]:
    rows = world.session.exec(select(Scenario).where(col(Scenario.collaboration_id).in_(places))).all()
    uses = world.session.exec(select(Use).where(col(Use.scenario_id).in_([row.id for row in rows]))).all()
    found: list[Shown] = []
    for row in sorted(rows, key=lambda row: (places[row.collaboration_id], row.name)):
        spent = sum((one.amount for one in uses if one.scenario_id == row.id), row.gap * 0)
        paid = sum((one.source.amount for one in world.sources.values() if one.scenario.id == row.id), row.gap * 0)
        chosen = "yes" if row.chosen else "no"
        found.append((places[row.collaboration_id], row.name, chosen, spent, paid, row.gap, row.note))
    return found


def _rounds(world: World, places: Mapping[str, str]) -> dict[str, ReviewRound]:
    rows = world.session.exec(select(ReviewRound).where(col(ReviewRound.collaboration_id).in_(places))).all()
    ordered = sorted(rows, key=lambda row: (places[row.collaboration_id], row.opened_at, row.id))
    return {row.id: row for row in ordered}


def _on(places: Mapping[str, str], held: ReviewRound) -> tuple[Written, ...]:
    return places[held.collaboration_id], held.panel, held.number


def _decisions(world: World, places: Mapping[str, str], rounds: Mapping[str, ReviewRound]) -> Iterator[Shown]:
    rows = world.session.exec(select(Decision).where(col(Decision.round_id).in_(rounds)))
    by_round = {row.round_id: row for row in rows}
    for key, held in rounds.items():
        if (row := by_round.get(key)) is not None:
            days = [one.date() if one else None for one in (row.prepared_at, row.confirmed_at, row.released_at)]
            yield (*_on(places, held), row.outcome.value, row.reasons, *days)


def _conditions(world: World, places: Mapping[str, str], rounds: Mapping[str, ReviewRound]) -> Iterator[Shown]:
    order = list(rounds)
    rows = world.session.exec(select(Condition).where(col(Condition.round_id).in_(rounds))).all()
    for row in sorted(rows, key=lambda row: (order.index(row.round_id), row.number)):
        closed = row.closed_at.date() if row.closed_at else None
        yield (*_on(places, rounds[row.round_id]), row.number, row.text, row.state.value, row.evidence, closed)


def _evidence(world: World, places: Mapping[str, str]) -> Iterator[Shown]:
    rows = world.session.exec(select(Evidence).where(col(Evidence.collaboration_id).in_(places))).all()
    for row in sorted(rows, key=lambda row: (places[row.collaboration_id], row.filed_at, row.id)):
        owner = world.slug_of.get(row.organisation_id or "", "")
        said = (row.kind, owner, row.title, row.dated_on, row.state.value, row.evidence_class.value)
        yield (places[row.collaboration_id], *said, row.file_name, row.size, row.sha256)


def _moves(world: World, places: Mapping[str, str]) -> Iterator[Shown]:
    history = history_of(world.session, list(places))
    for key, slug in places.items():
        for line in history[key]:
            stages = (line.move, line.from_stage, line.to_stage, line.actor_role.value)
            yield (slug, line.number, line.at.date(), *stages, line.reason)
