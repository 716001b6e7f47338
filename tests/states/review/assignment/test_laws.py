"""An assignment is what plain enumeration of all assignments finds best."""

from collections.abc import Iterator
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from states.review.assignment.assign import Assignment, Candidate, Dossier, affinity
from tests.laws import often
from tests.states.review.assignment.assignment_samples import FINANCE, Panel, conflict, dossier, person

Judged = tuple[int, int, int, list[int], int]


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    topics = st.sets(st.sampled_from(["a", "b", "c", "finance"]), max_size=3)
    people = [
        person(
            f"p{one}",
            *draw(topics),
            region=draw(st.sampled_from(["A", "B", None])),
            load=draw(st.integers(0, 2)),
            most=draw(st.integers(1, 4)),
        )
        for one in range(draw(st.integers(0, 5)))
    ]
    names = [one.person_id for one in people]
    some = st.sets(st.sampled_from(names), max_size=1) if names else st.just(set[str]())
    files = [
        dossier(f"d{one}", *draw(topics), wanted=draw(st.integers(0, 2)), kept=tuple(draw(some)))
        for one in range(draw(st.integers(0, 4)))
    ]
    pairs = [(file.id, name) for file in files for name in names]
    picked = st.sets(st.sampled_from(pairs), max_size=4) if pairs else st.just(set[tuple[str, str]]())
    return Panel(
        tuple(files),
        tuple(people),
        tuple(conflict(name, file) for file, name in sorted(draw(picked))),
        draw(st.sampled_from([(), (FINANCE,)])),
        tuple(sorted(draw(picked))[:1]),
        draw(st.booleans()),
    )


@settings(max_examples=often(60), deadline=None)
@given(panels())
def test_it_is_the_best_of_all(panel: Panel) -> None:
    found = panel.assigned()

    assert panel.faults(found) == []
    assert (found.proven, _judged(panel, _members(panel, found))) == (True, min(_all(panel)))


def _members(panel: Panel, assignment: Assignment) -> list[tuple[Candidate, ...]]:
    people = {one.person_id: one for one in panel.candidates}
    return [
        tuple(people[seat.person_id] for seat in assignment.seats if seat.dossier_id == file.id)
        for file in panel.dossiers
    ]


def _judged(panel: Panel, members: list[tuple[Candidate, ...]]) -> Judged:
    opened = lacking = repeated = 0
    sums = []
    for file, seated in zip(panel.dossiers, members, strict=True):
        opened += max(0, file.wanted - len(seated))
        lacking += sum(
            max(0, rule.at_least - sum(rule.expertise in one.expertise for one in seated))
            for rule in panel.requirements
        )
        regions = [one.region_id for one in seated if one.region_id and panel.spread_regions]
        repeated += len(regions) - len(set(regions))
        sums.append(-sum(affinity(one, file, panel.requirements) for one in seated))
    loads = [
        one.load
        + sum(
            one in seated and one.person_id not in file.kept
            for file, seated in zip(panel.dossiers, members, strict=True)
        )
        for one in panel.candidates
    ]
    return opened, lacking, repeated, sorted(sums, reverse=True), sum(load**2 for load in loads)


def _all(panel: Panel) -> Iterator[Judged]:
    barred = {(one.dossier_id, one.person_id) for one in panel.excluded}
    standing = {(file.id, name) for file in panel.dossiers for name in file.kept} | set(panel.pinned)
    choices = [list(_choices(panel, file, barred, standing - barred)) for file in panel.dossiers]
    room = {one.person_id: one.most - one.load for one in panel.candidates}
    kept = {(file.id, name) for file in panel.dossiers for name in file.kept}
    for _, name in standing - barred - kept:
        room[name] -= 1

    def go(at: int, members: list[tuple[Candidate, ...]], left: dict[str, int]) -> Iterator[Judged]:
        if at == len(choices):
            yield _judged(panel, members)
            return
        for stands, chosen in choices[at]:
            if all(left[one.person_id] > 0 for one in chosen):
                rest = left | {one.person_id: left[one.person_id] - 1 for one in chosen}
                yield from go(at + 1, [*members, (*stands, *chosen)], rest)

    yield from go(0, [], room)


def _choices(
    panel: Panel, file: Dossier, barred: set[tuple[str, str]], standing: set[tuple[str, str]]
) -> Iterator[tuple[tuple[Candidate, ...], tuple[Candidate, ...]]]:
    """Yield who stands with each set of others that may be chosen beside them."""
    stands = tuple(one for one in panel.candidates if (file.id, one.person_id) in standing)
    free = [one for one in panel.candidates if (file.id, one.person_id) not in standing | barred]
    for size in range(max(0, file.wanted - len(stands)) + 1):
        for chosen in combinations(free, size):
            yield stands, chosen
