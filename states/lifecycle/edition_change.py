"""Move a running collaboration to another edition of its playbook: first what would not fit, then the change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.checklists.queries import answered_lists
from states.collaborations.queries import Step, collaborations_of, history_of
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.sync import renew_deadlines
from states.errors import Refusal, Refused
from states.lifecycle.available_moves import target
from states.partners.tables import Partnership
from states.playbooks.definition import CAME_FROM, Playbook, StageKind
from states.playbooks.editions import need_playbook, playbooks_of
from states.protocol.content import SectionInvalid, checked
from states.protocol.queries import drafts_of, latest_versions
from states.review.queries import rounds_of
from states.review.tables import ReviewRound, RoundState
from states.storage import bump_version


class EditionUnfit(Refused):
    """The collaboration does not fit the edition."""

    code = "edition_unfit"


@dataclass(frozen=True, slots=True)
class Fitting:
    """A collaboration beside an edition: every reason why it does not fit, or none."""

    collaboration: Collaboration
    reasons: tuple[Refusal, ...]

    @property
    def fits(self) -> bool:
        return not self.reasons


def fittings(session: Session, rows: Sequence[Collaboration], playbook: Playbook) -> list[Fitting]:
    """Say of each collaboration whether it fits this edition, in a fixed number of statements."""
    keys = [row.id for row in rows]
    present, histories, versions = (
        playbooks_of(session, rows),
        history_of(session, keys),
        latest_versions(session, keys),
    )
    rounds: dict[str, list[ReviewRound]] = {key: [] for key in keys}
    for one in rounds_of(session, keys):
        rounds[one.collaboration_id].append(one)
    contents: dict[str, list[tuple[str, object]]] = {key: [] for key in keys}
    for key, drafts in drafts_of(session, keys).items():
        contents[key] += [(draft.key, draft.content) for draft in drafts]
    for key, version in versions.items():
        contents[key] += version.content.items()
    answered = answered_lists(session, keys)
    return [
        Fitting(
            row,
            (
                *_of_stages(row, present[row.id], playbook, histories[row.id]),
                *_of_panels(present[row.id], playbook, rounds[row.id]),
                *_of_protocol(playbook, contents[row.id]),
                *_of_checklists(present[row.id], playbook, answered[row.id]),
            ),
        )
        for row in rows
    ]


def change_edition(
    session: Session, row: Collaboration, playbook: Playbook, *, expected_version: int | None = None
) -> Collaboration:
    """Let a collaboration go on under another edition; its deadlines follow. Raises `EditionUnfit`, or `Stale`."""
    [fitting] = fittings(session, [row], playbook)
    if not fitting.fits:
        raise EditionUnfit(fitting.reasons)
    bump_version(session, row, expected=expected_version)
    if row.playbook != playbook.key:
        row.playbook = playbook.key
        session.flush()
        renew_deadlines(session, row)
    return row


def change_editions(session: Session, partnership: Partnership, chosen: str) -> list[Fitting]:
    """Let every collaboration of a partnership that fits go on under an edition; return those of other editions.

    What is over for good, `final` by its own edition, is left as it is.
    """
    playbook = need_playbook(session, chosen)
    found = fittings(session, of_other_editions(session, partnership, playbook), playbook)
    for one in found:
        if one.fits:
            change_edition(session, one.collaboration, playbook)
    return found


def of_other_editions(session: Session, partnership: Partnership, playbook: Playbook) -> list[Collaboration]:
    """Return the collaborations that are not over and go by another edition than this, first opened first."""
    rows = [row for row in collaborations_of(session, partnership.id) if row.playbook != playbook.key]
    present = playbooks_of(session, rows)
    return [row for row in rows if present[row.id].stages[row.stage].kind is not StageKind.FINAL]


def running(session: Session, partnership_id: str) -> list[str]:
    """Return the short names of the collaborations that mature or wait: what is over or closed does not count."""
    rows = collaborations_of(session, partnership_id)
    present = playbooks_of(session, rows)
    over = (StageKind.CLOSED, StageKind.FINAL)
    return [row.slug for row in rows if present[row.id].stages[row.stage].kind not in over]


def _of_stages(
    row: Collaboration, present: Playbook, wanted: Playbook, history: Sequence[HistoryLine]
) -> Iterator[Refusal]:
    if row.stage not in wanted.stages:
        yield Refusal("stage_gone", stage=present.stages[row.stage].title, edition=wanted.key, where="moves")
        return
    for move in wanted.moves_from(row.stage):
        if move.to == CAME_FROM:
            steps = [Step(one.number, one.at, one.move, one.from_stage, one.to_stage, one.seal) for one in history]
            origin = target(move, steps, playbook=present)
            if origin not in wanted.stages:
                title = present.stages[origin].title
                yield Refusal("stage_of_return_gone", stage=title, move=move.title, edition=wanted.key, where="moves")


def _of_panels(present: Playbook, wanted: Playbook, rounds: Sequence[ReviewRound]) -> Iterator[Refusal]:
    for panel in dict.fromkeys(one.panel for one in rounds):
        if panel not in wanted.panels:
            yield Refusal("panel_gone", panel=panel, edition=wanted.key, where="rounds")
        elif present.panels[panel] != wanted.panels[panel] and any(
            one.panel == panel and one.state is RoundState.OPEN for one in rounds
        ):
            yield Refusal("panel_differs", panel=panel, edition=wanted.key, where="rounds")


def _of_checklists(present: Playbook, wanted: Playbook, answered: Mapping[str, Collection[str]]) -> Iterator[Refusal]:
    """Yield each list of which an answer would have no place any more."""
    kept = {spec.key: spec.by_key for spec in wanted.checklists}
    titles = {spec.key: spec.title for spec in present.checklists}
    for key, items in answered.items():
        if lost := tuple(item for item in items if item not in kept.get(key, {})):
            yield Refusal(
                "answers_without_place",
                checklist=titles.get(key, key),
                edition=wanted.key,
                count=len(lost),
                missing=lost,
                where=f"checklists/{key}",
            )


def _of_protocol(wanted: Playbook, contents: Sequence[tuple[str, object]]) -> Iterator[Refusal]:
    sections = {section.key: section for section in wanted.protocol}
    lost: list[str] = []
    for key, content in contents:
        if not isinstance(content, Mapping) or not any(content.values()):
            continue
        if key not in sections:
            lost.append(key)
            continue
        try:
            checked(content, section=sections[key])
        except SectionInvalid as error:
            lost += [fault.place for fault in error.faults]
    if lost:
        places = tuple(dict.fromkeys(lost))
        yield Refusal("content_without_place", edition=wanted.key, missing=places, count=len(places), where="protocol")
