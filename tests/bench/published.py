"""The published instances: where they lie, their optima, and an event written in their syntax."""

from pathlib import Path

from states.matchmaking.timetable.problem import Problem

FOLDER = Path(__file__).parents[3] / "shared" / "b2b"

# JAIR 74 (2022) 263-301: fewest breaks with fairness 2.
OPTIMA = {
    "forum-13": 0,
    "forum-14": 2,
    "forumt-14": 5,
    "forumt-14crafc": 5,
    "forumt-14crafd": 4,
    "tic-12": 0,
    "tic-12crafc": 0,
    "tic-13": 0,
    "tic-13crafb": 0,
    "tic-14crafa": 0,
    "tic-14crafc": 0,
    "tic-14crafd": 0,
    "ticf-13crafa": 0,
    "ticf-13crafc": 1,
}

_ANY = 3


def written(event: Problem) -> str:
    """Write an event of two sessions and equal tables as a published instance is written."""
    rows = (f"{one + 1},{other + 1},{m.session or _ANY}" for m in event.meetings for one, other in (m.participants,))
    closed = ("{" + ",".join(str(slot + 1) for slot in sorted(one.forbidden)) + "}" for one in event.participants)
    return (
        f"nBusiness = {len(event.participants)};\nnTables = {len(event.slots[0].tables)};\n"
        f"nTotalSlots = {len(event.slots)};\nnMorningSlots = {sum(slot.session == 1 for slot in event.slots)};\n"
        f"requested = [|{' | '.join(rows)} |];\nforbidden = [{', '.join(closed)}];\n"
    )
