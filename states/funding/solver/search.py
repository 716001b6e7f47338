"""The whole search for a case: the best mix, the other names, what binds each, or the rules that clash."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

from states.funding.aid.options import options
from states.funding.aid.unpaid import unpaid
from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import Objective, ScenarioKind, euro_of
from states.funding.checks.checker import arithmetic, open_points
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import RuleSet
from states.funding.solver.answer import Answer, Named, Stage, Unproven, Work, begun, ground_of
from states.funding.solver.building import build
from states.funding.solver.clash import bindings, clash
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.lexicographic import Best, best
from states.funding.solver.meter import PACE, Meter
from states.funding.solver.named import TRULY_DIFFERENT, Wish, apart, differs, wish, without
from states.funding.solver.program import Bound, Program, measures_of, objective_terms, scenario_of, total, unproven_of

_BINDING_SHARE = 0.25  # of the work on a mix is kept for what binds it


class Search:
    """The named mixes of one case, one after the other, with the work of so many seconds of a quiet core."""

    def __init__(
        self, case: FundingCase, rules: RuleSet, *, seconds: float, tell: Callable[[Answer], None] | None = None
    ) -> None:
        self._began = monotonic()
        self._meter = Meter()
        self._work = seconds * PACE
        self._facts = CaseFacts(case, rules)
        self._options = options(self._facts)
        self._mix = build(self._facts, [option for option in self._options if option.open])
        others = [kind for kind in case.scenarios if kind is not ScenarioKind.BEST]
        self.kinds = (ScenarioKind.BEST, *others)
        self._values: dict[ScenarioKind, tuple[int, ...]] = {}
        self._answer = begun(case, rules)
        self._tell = tell

    def answer(self) -> Answer:
        """Return the answer; it is told as it grows, stage by stage and mix by mix."""
        for number, kind in enumerate(self.kinds, start=1):
            self._stage = Stage(kind=kind, number=number, total=len(self.kinds), work=Work.OPTIMUM)
            share = (self._work - self._meter.done) / (len(self.kinds) - number + 1)
            named = self._named(kind, until=self._meter.done + share)
            if named.clash and kind is ScenarioKind.BEST:
                self._say(clash=named.clash, clash_is_smallest=self._smallest)
                break
            self._say(scenarios=(*self._answer.scenarios, named))
            if kind is ScenarioKind.BEST and named.scenario is None:
                return self._answer
        self._say(complete=True, stage=None)
        return self._answer

    def _say(self, **parts: object) -> None:
        """Tell the answer with these parts changed."""
        parts = {"seconds": round(monotonic() - self._began, 2), **parts}
        self._answer = self._answer.model_copy(update=parts)
        if self._tell:
            self._tell(self._answer)

    def _at(self, work: Work, objective: Objective | None = None, values: Sequence[int] | None = None) -> None:
        """Tell what is done next for the mix at hand."""
        gap = None if values is None else euro_of(sum(values[variable] for variable in self._mix.gap.values()))
        self._say(stage=self._stage.model_copy(update={"work": work, "objective": objective, "gap": gap}))

    def _named(self, kind: ScenarioKind, *, until: float) -> Named:
        wanted = wish(self._mix, kind, self._values.get(ScenarioKind.BEST, ()))
        bounds = list(without(self._mix, wanted))
        spared = _BINDING_SHARE * (until - self._meter.done)
        early = until - spared
        found = self._solve(self._mix.program, wanted, bounds, work=Work.OPTIMUM, until=early)
        if found.values is None:
            return self._none(wanted, found, until=self._work if kind is ScenarioKind.BEST else until)
        if twin := self._twin(found.values):
            other = self._apart(wanted, bounds, found.values, until=early)
            if other.values is None:
                return self._no_alternative(wanted, found.values, twin, certain=other.impossible)
            found = replace(other, values=other.values[: len(self._mix.program.tops)])
        return self._alternative(wanted, found, until=self._meter.done + spared)

    def _solve(self, program: Program, wanted: Wish, bounds: Sequence[Bound], *, work: Work, until: float) -> Best:
        solver = CpSat.of(program, meter=self._meter)
        for bound in bounds:
            solver.bound(bound)
        start = self._values.get(ScenarioKind.BEST, ())
        usable = len(program.tops) == len(start) and all(bound.holds(start) for bound in bounds)
        told = partial(self._at, work)
        return best(self._mix, solver, wanted.objectives, until=until, told=told, hint=start if usable else ())

    def _twin(self, values: Sequence[int]) -> ScenarioKind | None:
        """Return the first mix that is too much the same."""
        for kind, other in self._values.items():
            if differs(self._mix, values, other) < TRULY_DIFFERENT:
                return kind
        return None

    def _apart(self, wanted: Wish, bounds: Sequence[Bound], values: Sequence[int], *, until: float) -> Best:
        """Look for a mix that is truly different from all before, and no worse in gap, private cash and its virtue."""
        program = Program(list(self._mix.program.tops), list(self._mix.program.bounds), self._mix.program.links)
        for objective in _kept(wanted):
            terms = objective_terms(self._mix, objective)
            program.bound(terms, high=total(terms, values))
        for other in self._values.values():
            apart(self._mix, program, other)
        return self._solve(program, wanted, bounds, work=Work.ALTERNATIVE, until=until)

    def _alternative(self, wanted: Wish, found: Best, *, until: float) -> Named:
        assert found.values is not None
        self._at(Work.BINDINGS, values=found.values)
        values = self._values[wanted.kind] = found.values
        other = differs(self._mix, values, self._values[ScenarioKind.BEST])
        says = f"{wanted.says[0].upper()}{wanted.says[1:]}"
        if wanted.kind is not ScenarioKind.BEST:
            says += f"; others than in the best mix pay {other} percent of the budget"
        unproven = tuple(unproven_of(self._mix, values, found.least))
        if unproven:
            says += (
                f"; in the time allowed it is not proven that nothing is better in {', '.join(map(_open, unproven))}"
            )
        scenario = scenario_of(self._mix, values, wanted.kind, note=f"{says}.")
        paying = (one.instrument for one in scenario.allocations)
        without = dict.fromkeys(wanted.without, f"this mix is made {wanted.says}.")
        idle = unpaid(self._facts, self._options, paying, without)
        return Named(
            kind=wanted.kind,
            statement=f"{says}.",
            scenario=scenario,
            unpaid=tuple(map(ground_of, idle)),
            open_points=tuple(map(ground_of, open_points(self._mix.case, scenario, rules=self._facts.rules))),
            measures=measures_of(self._mix, values),
            differs=other,
            objectives=wanted.objectives,
            proven=found.proven,
            unproven=unproven,
            bindings=tuple(bindings(self._mix, values, wanted.objectives, meter=self._meter, until=until)),
        )

    def _no_alternative(self, wanted: Wish, values: Sequence[int], twin: ScenarioKind, *, certain: bool) -> Named:
        other = differs(self._mix, values, self._values[twin])
        name = twin.replace("_", " ")
        kept = " and ".join(one.replace("_", " ") for one in _kept(wanted))
        says = f"the mix made {wanted.says} differs from the mix {name!r} in {other} percent of the budget"
        if certain:
            says = f"No real alternative: {says}, and none as good in {kept} differs in {TRULY_DIFFERENT}."
        else:
            says = f"No real alternative found: {says}; in the time allowed it is not shown that none differs more."
        against = differs(self._mix, values, self._values[ScenarioKind.BEST])
        return Named(kind=wanted.kind, statement=says, differs=against, objectives=wanted.objectives)

    def _none(self, wanted: Wish, found: Best, *, until: float) -> Named:
        if not found.impossible:
            says = "In the time allowed no mix was found, and none was ruled out."
            self._smallest = False
            return Named(kind=wanted.kind, statement=says, objectives=wanted.objectives)
        self._at(Work.CLASH)
        sentence = f"This mix is made {wanted.says}."
        extra = [(key, arithmetic(f"scenario-{wanted.kind}", sentence, instrument=key)) for key in wanted.without]
        why = clash(self._facts, extra, meter=self._meter, until=until)
        self._smallest = why.smallest
        articles = "; ".join(dict.fromkeys(one.article for one in why.grounds))
        says = (
            f"There is no such mix: {articles} clash."
            if articles
            else "There is no such mix; the time did not show why."
        )
        return Named(kind=wanted.kind, statement=says, objectives=wanted.objectives, clash=why.grounds)


def _kept(wanted: Wish) -> tuple[Objective, ...]:
    """Return what an alternative must be as good in; else it would differ by being worse only."""
    return tuple(dict.fromkeys((Objective.GAP, Objective.PRIVATE_CASH, *wanted.objectives[1:2])))


def _open(one: Unproven) -> str:
    less = one.found - one.least
    figure = f"{less:.0f}" if one.objective is Objective.APPLICATIONS else f"{less:,.2f} EUR"
    days = " times days" if one.objective is Objective.TIME_TO_MONEY else ""
    return f"{one.objective.replace('_', ' ')} (at most {figure}{days} less)"
