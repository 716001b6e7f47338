"""What a case asks of its funding, as a form: facts of the project, what partners declare, wishes; and read back.

A field is called as the schema places it: `project.trl`, `partners.acme.difficulty.insolvent`, `wanted.gap_most`. What
no field shows (a partner's earlier investments) stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from api.pages.forms import Typed
from api.pages.languages import gettext
from api.pages.numbers import plain_numbers, unmistakable

ANSWER, CHECK, NUMBER, STATES, USED = "answer", "check", "number", "states", "used"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field: an `answer` may be left open, `states` are codes of States; a kind that is no constant names options."""

    key: str
    title: Callable[[], str]
    kind: str = ANSWER


def _(text: str) -> Callable[[], str]:
    return lambda: gettext(text)


PROJECT: Sequence[tuple[Callable[[], str], Sequence[Asked]]] = (
    (
        _("The project"),
        (
            Asked("trl", _("Technology readiness level, 1 to 9"), NUMBER),
            Asked("months", _("Months that it takes"), NUMBER),
            Asked("effective_collaboration", _("The partners share risks, costs and results")),
            Asked("right_to_publish", _("Research organisations may publish their results")),
            Asked("wide_dissemination", _("Results are spread by conferences, publications, open repositories")),
            Asked("licences", _("Licences in time, not exclusive, at market price, to anyone in the EEA")),
            Asked("dissemination_states", _("States in which results are spread"), STATES),
        ),
    ),
    (
        _("Selected by the Union or by several States"),
        (
            Asked("joint_call", _("Selected by an open call, as part of a project that several States designed")),
            Asked("designing_states", _("States that designed it"), STATES),
            Asked("seal_of_excellence", _("Seal of Excellence"), CHECK),
            Asked("msca_seal", _("Seal of Excellence of Marie Skłodowska-Curie or ERC Proof of Concept"), CHECK),
            Asked("teaming", _("Teaming action that the Union co-funds"), CHECK),
            Asked("eu_cofunded", _("Part of a transnational project that the Union co-funds"), CHECK),
            Asked("eureka", _("Eureka project, or of Articles 185 and 187 TFEU"), CHECK),
            Asked("eu_rate", _("Percent that the Union programme pays"), NUMBER),
            Asked("eu_cost_share", _("Percent of all costs that the Union programme covers"), NUMBER),
            Asked("shared_management", _("Supported by Union funds under shared management"), CHECK),
            Asked("interreg", _("Strand of Interreg"), "strands"),
            Asked("clld_rate", _("Percent for community-led local development"), NUMBER),
        ),
    ),
    (
        _("Investments, infrastructure, young enterprises"),
        (
            Asked("initial_investment", _("A new or larger establishment, or new products")),
            Asked("new_activity", _("An economic activity that is new to the area")),
            Asked("infrastructure_terms", _("Infrastructure: separate accounts, market price, open access, claw-back")),
            Asked("states_funding", _("States that pay for the infrastructure"), STATES),
            Asked("eu_selected", _("The infrastructure was selected by the Union"), CHECK),
            Asked("sme_capacity", _("Percent of the infrastructure kept for SMEs"), NUMBER),
            Asked("startup_terms", _("Start-up: unlisted, no profit paid out, nothing taken over, no merger")),
            Asked("risk_stage", _("Risk finance: how far the SME is"), "stages"),
            Asked("risk_finance_terms", _("Risk finance by a fund that was chosen openly, on a business plan")),
        ),
    ),
)
DECLARED: Sequence[Asked] = (
    Asked("own_cash", _("Own cash at most, EUR"), NUMBER),
    Asked("non_profit", _("It works without profit"), CHECK),
    Asked("public_share", _("Percent of it that public bodies hold"), NUMBER),
    Asked("public_share_excepted", _("Of these alone that do not count, such as a university"), CHECK),
    Asked("difficulty.insolvent", _("It is insolvent, or could be declared so")),
    Asked("difficulty.rescue_aid", _("It has a rescue loan not paid back, or is being restructured")),
    Asked("recovery_order", _("An order to pay unlawful aid back is open")),
)
WANTED: Sequence[Asked] = (
    Asked("gap_most", _("The gap at most, EUR"), NUMBER),
    Asked("use", _("Instruments that must pay"), USED),
    Asked("verified_only", _("Rely on no rule and no instrument that nobody verified"), CHECK),
)


def fields_of(slugs: Sequence[str]) -> Iterator[tuple[str, Asked]]:
    """Yield every field by its place."""
    for _title, group in PROJECT:
        yield from ((f"project.{one.key}", one) for one in group)
    for slug in slugs:
        yield from ((f"partners.{slug}.{one.key}", one) for one in DECLARED)
    yield from ((f"wanted.{one.key}", one) for one in WANTED)


def shown_question(kept: Mapping[str, Any], slugs: Sequence[str]) -> dict[str, str | list[str]]:
    """Return by place what a field shows."""
    return {place: _shown(_at(kept, place.split(".")), one.kind) for place, one in fields_of(slugs)}


def read_question(typed: Typed, kept: Mapping[str, Any], slugs: Sequence[str]) -> dict[str, Any]:
    """Return what is asked, as it was typed, with what no field shows."""
    numbers = {place for place, one in fields_of(slugs) if one.kind == NUMBER}
    plain, asked = plain_numbers(typed, numbers), deepcopy(dict(kept))
    for place, one in fields_of(slugs):
        _put(asked, place.split("."), _read(plain, place, one.kind))
    asked["partners"] = {slug: declared for slug, declared in asked["partners"].items() if declared}
    return asked | {"rule_set": typed.get("rule_set")}


def _shown(value: Any, kind: str) -> str | list[str]:
    match kind:
        case "used":
            return list(value or ())
        case "states":
            return " ".join(value or ())
        case "answer" | "check":
            return "" if value is None else "true" if value else "false"
        case "number":
            return "" if value is None else unmistakable(str(value))
        case _:
            return "" if value is None else str(value)


def _read(typed: Typed, place: str, kind: str) -> object:
    text = typed.get(place)
    match kind:
        case "used":
            return typed.all(place) or None
        case "states":
            return text.upper().replace(",", " ").split() or None
        case "check":
            return place in typed or None
        case "answer":
            return {"true": True, "false": False}.get(text)
        case _:
            return text or None


def _at(tree: Any, way: Sequence[str]) -> Any:
    for step in way:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _put(tree: dict[str, Any], way: Sequence[str], value: object) -> None:
    """Set what lies at the end of a way; nothing takes it out, with what is empty then."""
    first, *rest = way
    if not rest:
        tree.pop(first, None)
        if value is not None:
            tree[first] = value
        return
    inner = tree.setdefault(first, {})
    _put(inner, rest, value)
    if not inner and len(rest) == 1 and first not in ("project", "wanted"):
        del tree[first]
