"""The timetable as a formula: who meets in which slot, and where breaks lie; only solving processes import it.

The heart is count[t][k]: a participant has had k meetings at least before slot t. A break follows the k-th meeting
where count[t][k] holds and count[t + 1][k + 1] does not.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum

from states.matchmaking.timetable.formula import FALSE, TRUE, Answer, Formula, no
from states.matchmaking.timetable.problem import Problem

Slots = Sequence[int | None]  # of each meeting


class Form(StrEnum):
    """How tables are counted; neither wins everywhere."""

    LINEAR = "linear"
    TOTALIZER = "totalizer"


class Timetable:
    """The places of the free meetings, where all others stand as they are (or have no place and get none).

    `droppable` lets a free meeting go without a place; breaks can then not be counted.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        form: Form = Form.LINEAR,
        standing: Slots | None = None,
        free: Collection[int] | None = None,
        droppable: bool = False,
    ) -> None:
        self.problem, self.formula = problem, Formula()
        self.free = frozenset(range(len(problem.meetings)) if free is None else free)
        self._standing = {
            number: slot for number, slot in enumerate(standing or ()) if slot is not None and number not in self.free
        }
        self.place: dict[tuple[int, int], int] = {}
        self.dropped: dict[int, int] = {}
        self.busy = {one: self._standing_slots(one) for one in self._concerned()}
        self._set_meetings(droppable)
        self._set_participants()
        self._set_shared_booths()
        self._set_order()
        self._set_tables(form)

    def bound_breaks(
        self,
        most: Sequence[int | None],
        least: Sequence[int] | None = None,
        *,
        at_least: int = 0,
        in_all: int | None = None,
    ) -> None:
        """Allow each participant concerned so many breaks and all of them `in_all`, and want `at_least` of each.

        With `least`, what each has anyway (so that the search need not find it out), the sum is minimised.
        """
        objective: list[int] = []
        breaks: list[int] = []
        for one, busy in self.busy.items():
            after = self._breaks(busy, len(self._held(one)), exact=at_least > 0)
            if (limit := most[one]) is not None or at_least:
                self.formula.between(at_least, after, len(after) if limit is None else limit)
            breaks += after
            if least is None:
                continue
            if least[one]:
                over = [self.formula.variable() for _ in range(len(after) - least[one])]
                self.formula.between(0, [*after, *map(no, over)], least[one] + len(over))
                objective += over
            else:
                objective += after
        if in_all is not None:
            self.formula.between(0, breaks, in_all)
        if least is not None:
            self.formula.minimise(((one, 1) for one in objective), sum(least[one] for one in self.busy))

    def slots(self, answer: Answer) -> list[int | None]:
        """Return the slot of each meeting in a solution."""
        found = [self._standing.get(number) for number in range(len(self.problem.meetings))]
        for (number, slot), variable in self.place.items():
            if answer.values[variable]:
                found[number] = slot
        return found

    def _concerned(self) -> list[int]:
        return sorted({one for number in self.free for one in self.problem.meetings[number].participants})

    def _held(self, one: int) -> list[int]:
        """Return the meetings of a participant that have a place or get one."""
        return [number for number in self.problem.meetings_of[one] if number in self.free or number in self._standing]

    def _standing_slots(self, one: int) -> list[int]:
        busy = [FALSE] * len(self.problem.slots)
        for number in self.problem.meetings_of[one]:
            if number in self._standing:
                busy[self._standing[number]] = TRUE
        return busy

    def _set_meetings(self, droppable: bool) -> None:
        for number in sorted(self.free):
            who = self.problem.meetings[number].participants
            options = []
            for slot in self.problem.domains[number]:
                if not any(self.busy[one][slot] == TRUE for one in who):
                    self.place[number, slot] = self.formula.variable()
                    options.append(self.place[number, slot])
            if droppable:
                self.dropped[number] = self.formula.variable()
                options.append(self.dropped[number])
            self.formula.exactly_one(options)

    def _set_participants(self) -> None:
        for one, busy in self.busy.items():
            held = self._held(one)
            for slot, known in enumerate(busy):
                options = [self.place[number, slot] for number in held if (number, slot) in self.place]
                if options and known == FALSE:
                    busy[slot] = self.formula.variable()
                    self.formula.exactly_one([*options, no(busy[slot])])
            participant = self.problem.participants[one]
            if (most := participant.most) is not None:
                self.formula.between(0, busy, most)
            if (most := participant.most_per_session) is not None:
                for session in {slot.session for slot in self.problem.slots}:
                    inside = [busy[at] for at, slot in enumerate(self.problem.slots) if slot.session == session]
                    self.formula.between(0, inside, most)

    def _set_shared_booths(self) -> None:
        for booth in self.problem.shared_booths:
            at_booth = [number for number, table in enumerate(self.problem.booths) if table == booth]
            for slot in range(len(self.problem.slots)):
                taken = any(self._standing.get(number) == slot for number in at_booth)
                options = [self.place[number, slot] for number in at_booth if (number, slot) in self.place]
                self.formula.between(0, options, 0 if taken else 1)

    def _set_order(self) -> None:
        for before, after in self.problem.precedences:
            if {before, after} & self.free:
                earlier, later = self._options(before), self._options(after)
                for slot, literal in later.items():
                    sooner = [one for other, one in earlier.items() if other < slot]
                    self.formula.clause(no(literal), *sooner, self.dropped.get(before, FALSE))

    def _options(self, number: int) -> dict[int, int]:
        """Return for each slot where a meeting may be the literal that says so."""
        if number in self._standing:
            return {self._standing[number]: TRUE}
        return {slot: self.place[number, slot] for slot in self.problem.domains[number] if (number, slot) in self.place}

    def _set_tables(self, form: Form) -> None:
        problem = self.problem
        taken = Counter(self._standing[number] for number in problem.seated if number in self._standing)
        seated = [number for number in problem.seated if number in self.free]
        groups = _clusters(problem, seated) if form is Form.TOTALIZER else [[number] for number in seated]
        for slot, tables in enumerate(problem.shared):
            here = [[self.place[number, slot] for number in group if (number, slot) in self.place] for group in groups]
            room = len(tables) - taken[slot]
            options = [one for group in here for one in group]
            if room <= 0:
                self.formula.between(0, options, 0)
            elif form is Form.TOTALIZER and sum(map(bool, here)) > room:
                row = self.formula.counted([self.formula.either(group) for group in here if group], room + 1)
                self.formula.clause(no(row[room]))
            elif len(options) > room:
                self.formula.between(0, options, room)
                if self._all_pairs_at_tables():
                    self.formula.between(0, [busy[slot] for busy in self.busy.values()], 2 * len(tables))

    def _all_pairs_at_tables(self) -> bool:
        """Tell whether everybody's being busy says how many tables are taken: an implied bound that helps."""
        whole = len(self.free) == len(self.problem.meetings) == len(self.problem.seated)
        return whole and all(len(meeting.participants) == 2 for meeting in self.problem.meetings)

    def _counts(self, busy: Sequence[int], total: int) -> list[list[int]]:
        """Return count[t][k], known wherever slots taken or closed tell."""
        span, rows = len(busy), []
        for slot in range(span + 1):
            before, behind = busy[:slot], busy[slot:]
            sure = max(before.count(TRUE), total - (len(behind) - behind.count(FALSE)))
            possible = min(len(before) - before.count(FALSE), total - behind.count(TRUE))
            rows.append(
                [TRUE if k <= sure else FALSE if k > possible else self.formula.variable() for k in range(total + 2)]
            )
        for slot, here in enumerate(busy):
            for k in range(1, total + 2):
                had, have = rows[slot], rows[slot + 1]
                self.formula.clause(no(had[k]), have[k])
                self.formula.clause(no(had[k - 1]), no(here), have[k])
                self.formula.clause(no(have[k]), had[k], here)
                self.formula.clause(no(have[k]), had[k - 1])
        return rows

    def _breaks(self, busy: Sequence[int], total: int, *, exact: bool) -> list[int]:
        """Return a literal for each meeting but the last: a break follows it; `exact` if never without one."""
        count, after = self._counts(busy, total), []
        for k in range(1, total):
            one = self.formula.variable()
            after.append(one)
            ends = [(count[slot][k], count[slot + 1][k + 1]) for slot in range(k, len(busy))]
            for had, goes_on in ends:
                self.formula.clause(no(had), goes_on, one)
            if exact:
                gaps = [self.formula.variable() for _ in ends]
                self.formula.clause(no(one), *gaps)
                for gap, (had, goes_on) in zip(gaps, ends, strict=True):
                    self.formula.clause(no(gap), had)
                    self.formula.clause(no(gap), no(goes_on))
        return after


def _clusters(problem: Problem, meetings: Collection[int]) -> list[list[int]]:
    """Part the meetings so that those of one part share a participant: one of them at most is in a slot."""
    left, parts = set(meetings), []
    while left:
        held = Counter(one for number in left for one in problem.meetings[number].participants)
        most = max(held, key=lambda one: (held[one], -one))
        parts.append([number for number in sorted(left) if most in problem.meetings[number].participants])
        left -= set(parts[-1])
    return parts
