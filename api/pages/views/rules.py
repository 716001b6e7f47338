"""The law that an office keeps: a document checked line by line, verified by a second person, put in force, ended."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.words import document_states
from api.routes.funding import rules
from states.funding.rules.states import PUT_IN_FORCE, SUPERSEDE, VERIFY, WITHDRAW
from states.rights.access import Action, Scope, may

router = APIRouter(prefix="/funding/rules")

Step = Literal["verify", "put_in_force", "supersede", "withdraw"]
_STEPS = (VERIFY, PUT_IN_FORCE, SUPERSEDE, WITHDRAW)


@router.get("/new")
def get_new_rules_page(
    request: Request, actor: rules.Keeper, session: Tx, like: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """Ask for the text of a document; it may begin with that of another one."""
    text = rules.get_rules(like, session, actor, UNANSWERED).text if like else ""
    return page(request, "funding/rules_new.html", text=text, checked=None)


@router.post("/new")
def post_new_rules_page(request: Request, sent: Form, actor: rules.Keeper, session: Tx) -> Response:
    """Check a document and show every fault with its line, or keep it as a draft."""
    said = sent.read(rules.RuleTextIn)
    if sent.get("then") == "check":
        checked = rules.check_rules(said, session, actor)
        return page(request, "funding/rules_new.html", text=said.text, checked=checked)
    made = rules.post_rules(said, session, actor, UNANSWERED)
    return lead_to(f"/funding/rules/{made.key}", told="made")


@router.get("/{rules_key}")
def get_rules_page(
    request: Request,
    rules_key: rules.Key,
    session: Tx,
    actor: rules.Insider,
    lists: Lists,
    compared: Annotated[str, Query(alias="with", max_length=80)] = "",
) -> Response:
    """Show a document with its text and what may be done with it next, and how another one differs."""
    one, here = rules.get_rules(rules_key, session, actor, UNANSWERED), Scope(actor.partnership_id)
    kinds = [other for other in rules.list_rules(session, actor, lists.whole()).items if other.kind == one.kind]
    able = {step.name: may(actor, _action(step.name), here) for step in _STEPS}
    return page(
        request,
        "funding/rules_one.html",
        one=one,
        steps={step.name for step in _STEPS if able[step.name] and one.state in step.starts},
        states=document_states(),
        keeps=may(actor, Action.EDIT_RULES, here),
        others=[(other.key, f"{other.title} ({other.key})") for other in kinds if other.key != one.key],
        compared=rules.compare_rules(one.key, session, actor, compared) if compared else None,
    )


@router.post("/{rules_key}/{step}")
def post_rules_step(sent: Form, rules_key: rules.Key, step: Step, session: Tx, actor: CurrentActor) -> Response:
    """Verify a document, put it in force, or end it with a reason."""
    row = rules.OfDocument(_action(step))(rules_key, session, actor)
    version = must_match(sent.version)
    match step:
        case VERIFY.name:
            rules.verify_rules(row, version, session, actor, UNANSWERED)
        case PUT_IN_FORCE.name:
            rules.put_rules_in_force(row, version, session, UNANSWERED)
        case SUPERSEDE.name:
            rules.supersede_rules(row, version, sent.read(rules.EndingIn), session, UNANSWERED)
        case _:
            rules.withdraw_rules(row, version, sent.read(rules.EndingIn), session, UNANSWERED)
    return lead_to(f"/funding/rules/{rules_key}", told=step)


def _action(step: str) -> Action:
    return Action.VERIFY_RULES if step == VERIFY.name else Action.EDIT_RULES
