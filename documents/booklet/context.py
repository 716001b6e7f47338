"""The booklet of an event: its programme, who takes part and agreed to stand in it, and what they offer and seek."""

from collections.abc import Iterator
from datetime import date, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from pydantic import Field
from sqlmodel import Session

from documents.agenda.parts import EventFacts, EventSubject, Guest, event_meta, event_subject
from documents.languages import gettext as _
from documents.meta import DocumentContext, Line, Plain
from documents.words import word
from states.archive.tables import DocumentKind
from states.matchmaking.consents.service import consents_of
from states.matchmaking.consents.tables import ConsentPurpose
from states.matchmaking.event_day.queries import participants_of
from states.matchmaking.event_day.setup import sessions_of
from states.matchmaking.event_day.tables import ParticipantState
from states.matchmaking.profiles.queries import live_profiles
from states.matchmaking.profiles.tables import Cooperation, Profile
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.partners.tables import Organisation
from states.texts.text import spoken_language


class Part(Plain):
    """A session of the programme."""

    title: Line
    day: date
    starts: time
    ends: time
    tables: int = Field(ge=0)


class Card(Plain):
    """A profile as everybody at the event reads it: it has no field for a person or an address."""

    reference: Line
    kind: Line
    title: Line
    organisation: Line
    country: str = ""
    summary: str = ""
    description: str = ""
    advantages: str = ""
    sought: str = Field(default="", description="expertise that is sought, or what the partner would do")
    development: str = ""
    cooperation: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    illustrative: bool = False


class BookletContext(DocumentContext):
    """The booklet."""

    KIND: ClassVar[DocumentKind] = DocumentKind.EVENT_BOOKLET

    event: EventFacts
    programme: tuple[Part, ...] = ()
    participants: tuple[Guest, ...] = ()
    unnamed: int = Field(default=0, ge=0, description="participants who have not agreed to stand here")
    cards: tuple[Card, ...] = ()


def gather(session: Session, *, subject_id: str) -> BookletContext:
    """Read the booklet of an event by its id: validated participants who consent, their organisations' public profiles.

    Of an organisation none of whose participants consents, its profiles are left out too: they would tell who comes.
    """
    about = event_subject(session, subject_id)
    coming = [
        (row, organisation)
        for row, organisation in participants_of(session, subject_id)
        if row.state is ParticipantState.VALIDATED
    ]
    words = consents_of(session, [row.id for row, _ in coming])
    said = {key: of[ConsentPurpose.BOOKLET] for key, of in words.items() if ConsentPurpose.BOOKLET in of}
    there = [(row, one) for row, one in coming if row.id in said and said[row.id].given]
    guests = tuple(Guest(organisation=one.name, label=row.label, country=one.country) for row, one in there)
    keys = {organisation.id for _, organisation in there}
    profiles = [one for one in live_profiles(session, about.row.partnership_id) if one[1].id in keys]
    tree = taxonomy_of(session, about.row.partnership_id)
    cards = tuple(_card(profile, organisation, tree) for profile, organisation in profiles)
    return BookletContext(
        meta=event_meta(
            about,
            BookletContext.KIND,
            subtitle=_("Programme, participants and profiles"),
            shown=[*guests, *cards],
            changes=[*(row.registered_at for row, _ in coming), *(one.at for one in said.values())],
            illustrative=any(row.illustrative for row, _ in there),
        ),
        event=about.facts,
        programme=tuple(_programme(about)),
        participants=guests,
        unnamed=len(coming) - len(there),
        cards=cards,
    )


def _programme(about: EventSubject) -> Iterator[Part]:
    zone = ZoneInfo(about.row.time_zone)
    for one in sessions_of(about.row):
        starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        yield Part(title=one.title, day=starts.date(), starts=starts.time(), ends=ends.time(), tables=one.tables)


def _card(row: Profile, organisation: Organisation, tree: Taxonomy) -> Card:
    return Card(
        reference=row.reference,
        kind=word(row.type),
        title=row.title,
        organisation=organisation.name,
        country=organisation.country,
        summary=row.summary,
        description=row.description,
        advantages=row.advantages,
        sought=row.expertise_sought or row.partner_role,
        development=word(row.development) if row.development else "",
        cooperation=tuple(word(Cooperation(key)) for key in row.cooperation),
        keywords=tuple(tree.label(code, spoken_language()) for code in row.keywords),
        languages=tuple(map(_language_name, row.languages)),
        illustrative=row.illustrative,
    )


def _language_name(code: str) -> str:
    """Return what a language is called in the language that is spoken; its code where nobody knows it."""
    try:
        return Locale.parse(code).get_language_name(spoken_language()) or code
    except (UnknownLocaleError, ValueError):
        return code
