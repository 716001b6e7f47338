"""On which page something is done that the domain names by its address in the API: tasks, refusals, mails."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_API = "/api/v1"
_CASE = r"/collaborations/(?P<case>[^/]+)"
_ROUND = r"/rounds/(?P<round>[^/]+)"

# The first that fits; what stands deeper comes before what it lies in. A page that comes adds its line here.
_PAGES: Sequence[tuple[str, str]] = (
    (r"/links/(?P<link>.+)", "/links/{link}"),
    (r"/unsubscribe/(?P<link>[^/]+)", "/unsubscribe/{link}"),
    (r"/me/tasks", "/"),
    (rf"{_ROUND}/(?:evaluations|draft|corrections)(?:/.*)?", "/rounds/{round}/evaluation"),
    (rf"{_ROUND}/(?:discussions|consensus|minute)", "/rounds/{round}/scores"),
    (rf"{_ROUND}/conditions/(?P<number>\d+)(?:/.*)?", "/rounds/{round}/conditions/{number}"),
    (rf"{_ROUND}/(?:decision|conditions)(?:/.*)?", "/rounds/{round}/decision"),
    (rf"{_ROUND}/(?:declarations|seats|extension|closing|proposed-conflicts)(?:/.*)?", "/rounds/{round}/secretariat"),
    (rf"{_ROUND}/positions/.+", "/rounds/{round}/positions/own"),
    (rf"{_ROUND}/positions", "/rounds/{round}/positions"),
    (_ROUND + r"(?:/.*)?", "/rounds/{round}"),
    (r"/panels/.*", "/ranking"),
    (r"/me/(?:agreement|relations)", "/reviewing"),
    (
        rf"{_CASE}/agreements/(?P<number>\d+)/conditions/(?P<condition>\d+).*",
        "/cases/{case}/agreements/{number}/conditions/{condition}",
    ),
    (rf"{_CASE}/agreements/(?P<number>\d+).*", "/cases/{case}/agreements/{number}"),
    (rf"{_CASE}/(?:agreements|submissions|agreed-sources).*", "/cases/{case}/agreements"),
    (rf"{_CASE}/change-requests/(?P<number>\d+).*", "/cases/{case}/change-requests/{number}"),
    (rf"{_CASE}/change-requests", "/cases/{case}/change-requests"),
    (rf"{_CASE}/(?:progress|drawdown).*", "/cases/{case}/drawdown"),
    (rf"{_CASE}/(?:results|closure).*", "/cases/{case}/closure"),
    (r"/progress/(?P<progress>[^/]+).*", "/progress/{progress}"),
    (rf"{_CASE}/(?:rounds|decisions).*", "/cases/{case}/review"),
    (rf"{_CASE}/moves.*", "/cases/{case}/moves"),
    (rf"{_CASE}/(?:cost-lines|cost-summary).*", "/cases/{case}/costs"),
    (rf"{_CASE}/exchange-rates.*", "/cases/{case}/exchange-rates"),
    (rf"{_CASE}/financial-assumptions.*", "/cases/{case}/finances"),
    (rf"{_CASE}/funding-what-ifs", "/cases/{case}/funding/what-ifs"),
    (rf"{_CASE}/funding-question", "/cases/{case}/funding/question"),
    (rf"{_CASE}/funding-solutions.*", "/cases/{case}/funding/solving"),
    (rf"{_CASE}/(?:funding-rules|rules-comparison|aid-ceilings).*", "/cases/{case}/funding/rules"),
    (rf"{_CASE}/bankability", "/cases/{case}/bankability"),
    (rf"{_CASE}/scenarios.*", "/cases/{case}/funding"),
    (r"/scenarios/(?P<scenario>[^/]+).*", "/scenarios/{scenario}"),
    (r"/instruments/(?P<slug>[^/]+).*", "/funding/instruments/{slug}"),
    (r"/rules/(?P<key>[^/]+).*", "/funding/rules/{key}"),
    (r"/(?:instruments|rules)(?:/.*)?", "/funding"),
    (rf"{_CASE}/protocol/sections/(?P<section>[^/]+).*", "/cases/{case}/protocol/{section}"),
    (rf"{_CASE}/protocol/versions/(?P<version>[0-9]+).*", "/cases/{case}/versions/{version}"),
    (rf"{_CASE}/protocol/sign-offs.*", "/cases/{case}/sign-offs"),
    (rf"{_CASE}/protocol/assignments.*", "/cases/{case}/sections-given"),
    (rf"{_CASE}/protocol/compare.*", "/cases/{case}/redline"),
    (rf"{_CASE}/risk-reviews.*", "/cases/{case}/risk-reviews"),
    (r"/sign-offs/(?P<sign_off>[^/]+).*", "/sign-offs/{sign_off}"),
    (r"/section-assignments/(?P<assignment>[^/]+).*", "/section-assignments/{assignment}"),
    (rf"{_CASE}/protocol.*", "/cases/{case}/protocol"),
    (rf"{_CASE}/evidence(-demands)?.*", "/cases/{case}/evidence"),
    (rf"{_CASE}/checklists/(?P<checklist>[^/]+).*", "/cases/{case}/checklists/{checklist}"),
    (rf"{_CASE}/partners-wanted", "/cases/{case}/partners-wanted"),
    (rf"{_CASE}/members.*", "/cases/{case}/members"),
    (rf"{_CASE}/(?:changes|history).*", "/cases/{case}/history"),
    (rf"{_CASE}/documents.*", "/cases/{case}/documents"),
    (r"/deadlines/(?P<deadline>[^/]+).*", "/deadlines/{deadline}"),
    (r"/documents/(?P<document>[^/]+).*", "/documents/{document}"),
    (rf"{_CASE}/checklists", "/cases/{case}/checklists"),
    (rf"{_CASE}/questions.*", "/cases/{case}/questions"),
    (r"/questions/(?P<question>[^/]+).*", "/questions/{question}"),
    (_CASE + r".*", "/cases/{case}"),
    (r"/evidence/(?P<evidence>[^/]+).*", "/evidence/{evidence}"),
    (
        r"/partnerships/(?P<partnership>[^/]+)/organisations/(?P<organisation>[^/]+)"
        r"/(?:accounts|holders|aid-received|undertaking).*",
        "/partnerships/{partnership}/organisations/{organisation}/figures",
    ),
    (
        r"/partnerships/(?P<partnership>[^/]+)/organisations/(?P<organisation>[^/]+)/vat-status",
        "/partnerships/{partnership}/organisations/{organisation}/vat-status",
    ),
    (r"/partnerships/[^/]+/organisations/(?P<organisation>[^/]+).*", "/organisations/{organisation}"),
    (r"/collaborations", "/cases"),
    (r"/meetings/(?P<meeting>[^/]+).*", "/meetings/{meeting}"),
    (r"/interests/(?P<interest>[^/]+).*", "/interests/{interest}"),
    (r"/interests", "/interests"),
    (r"/profiles/(?P<profile>[^/]+)/suggestions.*", "/profiles/{profile}/suggestions"),
    (r"/profiles/(?P<profile>[^/]+).*", "/profiles/{profile}"),
    (r"/profiles", "/profiles"),
    (r"/contacts/(?P<contact>[^/]+).*", "/contacts/{contact}"),
    (r"/contacts", "/contacts"),
    (r"/avoidances.*", "/avoidances"),
    (r"/funnel", "/funnel"),
    (r"/participants/(?P<participant>[^/]+)/suggestions.*", "/participants/{participant}/suggestions"),
    (r"/participants/(?P<participant>[^/]+).*", "/participants/{participant}"),
    (r"/timetables/(?P<timetable>[^/]+).*", "/timetables/{timetable}"),
    (r"/events/(?P<event>[^/]+)/meetings", "/events/{event}/meetings"),
    (r"/events/(?P<event>[^/]+)/participants", "/events/{event}/participants"),
    (r"/events/(?P<event>[^/]+)/(?:brokerage|slots)", "/events/{event}/brokerage"),
    (r"/events/(?P<event>[^/]+)/timetables", "/events/{event}/timetable"),
    (r"/events/(?P<event>[^/]+)/documents", "/events/{event}/papers"),
    (r"/events/(?P<event>[^/]+).*", "/events/{event}"),
    (r"/me/mail-preferences", "/account/mails"),
    (r"/(me|pipeline)", "/"),
    (r"/reports", "/reports"),
    (r"/partnerships/[^/]+/people/(?P<grant>[0-9a-f]{32}).*", "/partnership/people/{grant}"),
    (r"/partnerships/[^/]+/people.*", "/partnership/people"),
    (r"/partnerships/[^/]+/organisations", "/partnership/members"),
    (r"/partnerships/[^/]+/events/(?P<event>[^/]+).*", "/events/{event}"),
    (r"/partnerships/[^/]+/(?:exchange-rates|money-terms|simplified-costs).*", "/partnership/money"),
    (r"/partnerships/[^/]+/taxonomy", "/partnership/taxonomy"),
    (r"/partnerships/[^/]+/tokens", "/partnership/tokens"),
    (r"/partnerships/[^/]+/calendar-feeds.*", "/partnership/calendars"),
    (r"/partnerships(/.*)?", "/partnership"),
    (r"/me/calendar-feeds.*", "/account/calendars"),
    (r"/operations/.*", "/operations"),
    (r"/mails/(?P<mail>[^/]+).*", "/operations/mails/{mail}"),
    (r"/mails", "/operations/mails"),
    (r"/reminders.*", "/operations/reminders"),
    (r"/reports/(?P<period>[^/]+).*", "/reports/{period}"),
)
_COMPILED = tuple((re.compile(pattern), page) for pattern, page in _PAGES)
_OF_A_CASE = re.compile(
    r"(?:agreements|bankability|change-requests|checklists|cost-lines|evidence|exchange-rates|financial-assumptions"
    r"|funding-question|history|members|moves|positions|progress|protocol|questions|results|rounds|scenarios|submissions)(?:/.*)?"
)


def page_of(address: str, case: str | None = None) -> str | None:
    """Return the page of an address of the API (with or without its prefix, host and query); None where none is.

    A refusal names its place from the case on: `scenarios`, `protocol/versions`.
    """
    path = urlsplit(address).path.removeprefix(_API)
    if case is not None and path == "collaborations":
        return f"/cases/{case}/edit"  # what is wrong lies in the case's own fields
    if not path.startswith("/"):
        is_of_case = case is not None and _OF_A_CASE.fullmatch(path) and not path.startswith("rounds/")
        path = f"/collaborations/{case}/{path}" if is_of_case else f"/{path}"
    for pattern, page in _COMPILED:
        if found := pattern.fullmatch(path):
            return page.format(**found.groupdict())
    return None
