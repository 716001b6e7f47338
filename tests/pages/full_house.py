"""A house in which every page has something to show, and who sees it there: for what looks at all pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from states.archive.shares.service import share_document, share_link
from states.archive.tables import DocumentClass, IssuedDocument
from states.clock import today
from states.credentials.links import LinkFor, LinkPurpose, lasting_link, make_link
from states.crossings.evidence import ask_for_evidence
from states.crossings.implementation.progress import open_due_progress
from states.crossings.review.rounds import open_requested_round
from states.crossings.sign_in import link_for
from states.funding.case.instruments import DE_MINIMIS
from states.funding.catalogue.calls import Closing
from states.funding.inputs.accounts import Holding, YearAccounts, record_accounts, record_holding
from states.funding.inputs.aid_received import Award, record_aid
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.partners.queries import holders
from states.review.evaluations import save_draft
from states.review.service import close_round
from states.review.tables import Outcome
from states.rights.access import Role
from tests.after_factories import a_chosen_scenario, agree_on_sources
from tests.api.everything import everything
from tests.api.house import MANAGER
from tests.factories import (
    REVIEWERS,
    World,
    a_collaboration,
    a_collaboration_at,
    answer_iag,
    clear,
    decide,
    evaluate,
    open_iag,
    s3,
    scores_of,
)
from tests.pages.house import Reader
from tests.pages.test_shares import two_editions
from tests.pages.walk import templates, walk

NOBODY = ""  # who needs no session: a link of a mail, the sign-in
# The set-up page is there as long as nothing else is; these others lead on at once.
NOT_HERE = {
    "/set-up/{key}",
    "/sign-in/oidc",
    "/sign-in/oidc/back",
    "/scenarios/{scenario_id}",
    "/timetables/{timetable_id}",
}
PASSKEY = "/sign-in/passkey"  # for `localhost` and real domains alone
ROLES = (
    *(MANAGER, "administrator", "iag_secretary", "iag_chair", "iag_member 1", "iag_member 2"),
    *("upper-silesia", "wgra_chair", "partner", "observer"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A page that is there: its path with names in braces, who reads it, and where."""

    template: str
    who: str
    address: str


def a_full_house(world: World) -> tuple[dict[str, str], list[str]]:
    """Fill a world; return a value for each name in a path, and the links by which strangers come."""
    keys = everything(world)
    known = {"number": "1", "area": "2", "name": "drop", "token": "none"}
    _money(world)
    _figures(world)
    return keys | known | _rounds(world), _links(world, keys)


def _rounds(world: World) -> dict[str, str]:
    """Have rounds that are begun, scored apart, agreed on, decided, before regions; return which is decided, begun."""
    session, panel = world.session, s3().panels["iag"]
    a_collaboration(world, slug="young")
    case = a_collaboration_at(world, "iag_review", slug="apart")
    apart = open_iag(world, case)
    for name, score in zip(REVIEWERS, ("4", "4", "2"), strict=True):
        clear(world, case, apart, name)
        evaluate(world, case, apart, name, score=score)
    close_round(session, apart, panel=panel)
    answer_iag(world, a_collaboration_at(world, "iag_review", slug="agreed"))
    case = a_collaboration_at(world, "iag_review", slug="begun")
    begun = open_iag(world, case)
    clear(world, case, begun, "iag_member 1")
    person, (scores, comments) = world.people["iag_member 1"].id, scores_of()
    save_draft(session, begun, person_id=person, scores=scores, comments=comments, panel=panel, collaboration=case)
    case = a_collaboration_at(world, "iag_review", slug="decided")
    decided = answer_iag(world, case)
    decide(world, case, decided, outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=("A permit.",))
    case = a_collaboration_at(world, "wgra_review", slug="regional")
    clear(world, case, open_requested_round(session, case.id, "wgra"), "upper-silesia")
    return {"round_id": decided.id, "begun": begun.id}


def _figures(world: World) -> None:
    """Have an organisation with accounts, a holder and aid that it received, and an instrument with a call."""
    session, own, other = world.session, world.organisations["gliwice"], world.organisations["katowice"]
    for year in (2024, 2025):
        record_accounts(session, own, year, YearAccounts(Decimal(42), Decimal(6_500_000), Decimal(5_100_000)))
    record_holding(session, other, own, Holding(Decimal(60)))
    grant = Instrument(
        partnership_id=world.partnership.id,
        slug="regional-grant",
        name="Grant of the region",
        programme="Regional fund",
        kind=SourceKind.GRANT,
    )
    add_instrument(session, grant, closing=Closing(today() + timedelta(days=90), None, ""))
    record_aid(session, own, Award("PL", today() - timedelta(days=400), Decimal(100_000), DE_MINIMIS))


def _money(world: World) -> None:
    """Have a case about to be submitted, and one that runs on signed agreements."""
    a_collaboration_at(world, "bankable", slug="sure")
    case = a_collaboration_at(world, "funding_scenario", slug="paid")
    a_chosen_scenario(world, case)
    agree_on_sources(world.session, case, began=today() - timedelta(days=30), days=730)
    open_due_progress(world.session, case)


def _links(world: World, keys: Mapping[str, str]) -> list[str]:
    """Return where each kind of link leads that a mail carries."""
    session, person = world.session, world.people["partner"].id

    def link(door: str, purpose: LinkPurpose, subject: str, of: str = person) -> str:
        return f"/links{door}/{make_link(session, LinkFor(world.partnership.id, of, purpose, subject), days=14)}"

    case = a_collaboration_at(world, "investment_protocol", slug="asked")
    wanted = ask_for_evidence(
        session,
        case,
        organisation="medtech-gliwice",
        kind="accounts",
        evidence_class=DocumentClass.CONFIDENTIAL,
        person_id=person,
    )
    *_, edition = two_editions(world)
    _, share = share_document(session, session.get_one(IssuedDocument, edition), recipient="Banca Alpina", days=30)
    [observer] = [one.grant.id for one in holders(session, world.partnership.id, Role.OBSERVER)]
    return [
        link("/sign-off", LinkPurpose.SIGN_OFF, keys["sign_off_id"]),
        link("/evidence", LinkPurpose.EVIDENCE, wanted.id),
        link("/question", LinkPurpose.QUESTION, keys["question_id"]),
        link("", LinkPurpose.DECLARE, keys["round_id"], world.people["iag_member 2"].id),
        link("/progress", LinkPurpose.PROGRESS, keys["progress_id"]),
        link("/part", LinkPurpose.PART, keys["collaboration_id"]),
        link("/role", LinkPurpose.ROLE, observer, world.people["observer"].id),
        f"/links/share/{share_link(share).rpartition('/')[2]}",
        f"/unsubscribe/{lasting_link(keys['mail_id'], purpose=LinkPurpose.UNSUBSCRIBE)}",
        f"/sign-in/link/{link_for(session, world.people['observer']).rpartition('/')[2]}",
        "/sign-in",
        "/sign-in/link",
        "/sign-in/password",
        "/verify",
    ]


def places(
    cookies: Mapping[str, str], *, keys: Mapping[str, str] = MappingProxyType({}), links: Iterable[str] = ("/sign-in",)
) -> list[Place]:
    """Return a place for each page: of all that there are, the one where most stands.

    Of a page to which no link leads a value is taken for each name in its path from `keys`.
    """
    fullest: dict[str, tuple[int, Place]] = {}

    def note(who: str, found: Mapping[str, Mapping[str, int]]) -> None:
        for template, addresses in found.items():
            for address, letters in addresses.items():
                if letters > fullest.get(template, (0, None))[0]:
                    fullest[template] = letters, Place(template, who, address)

    note(NOBODY, walk(Reader(), *links, strict=False))
    for who, cookie in cookies.items():
        note(who, walk(Reader(cookie), each=2 if who == MANAGER else 1, strict=False))
    if keys:  # a move without its reason is refused and told: reminders would end the links
        office, many = Reader(cookies[MANAGER]), {"case": [keys["collaboration_id"]], "act": "move:drop"}
        done = office.send("/cases/bulk", many, page="/cases?view=table").headers["Location"]
        note(MANAGER, walk(office, done, most=1))
    for template in sorted(templates() - fullest.keys() - NOT_HERE) if keys else ():
        address = template.replace("{round_id}/evaluation", "{begun}/evaluation").format_map(keys)
        for who, cookie in cookies.items():
            note(who, walk(Reader(cookie), address, most=1, strict=False))
    fullest[PASSKEY] = 0, Place(PASSKEY, NOBODY, PASSKEY)
    return sorted((place for _, place in fullest.values()), key=lambda one: one.template)
