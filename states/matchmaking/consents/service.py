"""What participants consent to: recorded with day and version of the text, withdrawn at any time, never assumed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from sqlmodel import Session, col, select

from states.archive.queries import documents_of
from states.archive.tables import DocumentKind
from states.clock import now
from states.errors import Fault, Invalid
from states.matchmaking.consents.tables import Consent, ConsentPurpose
from states.matchmaking.event_day.tables import Participant
from states.outbox.service import publish

EVIDENCE_LENGTH = 500


class ConsentInvalid(Invalid):
    """The consent cannot be kept so."""

    code = "consent_invalid"


@dataclass(frozen=True, slots=True)
class ConsentTexts:
    """The words of the present version, by purpose and language (the five of the taxonomy)."""

    version: str
    texts: Mapping[str, Mapping[str, str]]

    def text(self, purpose: ConsentPurpose, language: str) -> str:
        """Return the words, in English where the language is not one of the five."""
        words = self.texts[purpose]
        return words.get(language, words["en"])


@cache
def consent_texts() -> ConsentTexts:
    raw = yaml.safe_load(files("states.matchmaking.consents").joinpath("consents.yaml").read_text(encoding="utf-8"))
    return ConsentTexts(raw["version"], raw["texts"])


def record_consent(
    session: Session,
    participant: Participant,
    purpose: ConsentPurpose,
    *,
    given: bool,
    text_version: str,
    person_id: str,
    evidence: str = "",
    own: bool = True,
) -> Consent:
    """Record a consent, or its withdrawal, which stands at once; who says the same again adds nothing.

    Consent is given to the text as it reads now. Where it is not the participant's own organisation that records it
    (`own`), `evidence` says how it was given; nobody needs evidence to withdraw.
    """
    faults, present = [], consent_texts().version
    if given and text_version != present:
        faults.append(
            Fault(
                "text_version",
                "not_the_text_of_today",
                remedy="read_and_give_that",
                text_version=text_version,
                present=present,
            )
        )
    if given and not own and not evidence.strip():
        faults.append(Fault("evidence", "blank", remedy="say_how_participant_consented_form_mail_which"))
    if len(evidence) > EVIDENCE_LENGTH:
        faults.append(Fault("evidence", "too_long", remedy="at_most_characters", most=EVIDENCE_LENGTH))
    if faults:
        raise ConsentInvalid(faults=faults)
    session.refresh(participant, with_for_update=True)  # the newest word counts: one after the other
    known = consents_of(session, [participant.id])[participant.id].get(purpose)
    if known is not None and known.given is given and (not given or known.text_version == present):
        return known
    row = Consent(
        participant_id=participant.id,
        purpose=purpose,
        given=given,
        text_version=present if given or known is None else known.text_version,
        evidence=evidence.strip(),
        recorded_by=person_id,
        at=now(),
    )
    session.add(row)
    session.flush()
    if purpose is ConsentPurpose.BOOKLET and known is not None and not given:
        _issue_booklet_anew(session, participant)
    return row


def _issue_booklet_anew(session: Session, participant: Participant) -> None:
    """Ask for the event's booklet once more, if there is one that shows what is not to be shown any more."""
    issued = documents_of(session, partnership_id=participant.partnership_id)
    kind, event_id = DocumentKind.EVENT_BOOKLET, participant.event_id
    if any((one.kind, one.subject_id) == (kind, event_id) for one in issued):
        publish(
            session,
            "document.requested",
            partnership_id=participant.partnership_id,
            kind=kind.value,
            subject_id=event_id,
        )


def consents_of(session: Session, participant_ids: Sequence[str]) -> dict[str, dict[ConsentPurpose, Consent]]:
    """Return the word of each participant that counts, by purpose."""
    query = select(Consent).where(col(Consent.participant_id).in_(participant_ids)).order_by(col(Consent.id))
    found: dict[str, dict[ConsentPurpose, Consent]] = {key: {} for key in participant_ids}
    for row in session.exec(query):
        found[row.participant_id][row.purpose] = row
    return found


def consenting(session: Session, participant_ids: Sequence[str], purpose: ConsentPurpose) -> frozenset[str]:
    """Return which of these participants consent to a purpose now."""
    found = consents_of(session, participant_ids)
    return frozenset(key for key, words in found.items() if purpose in words and words[purpose].given)


def keeps_contact_hidden(session: Session, people: Collection[str], partnership_id: str) -> frozenset[str]:
    """Return which of these people said last, at whichever event of a partnership, that their contact is not shown."""
    query = (
        select(Participant.person_id, Consent.given)
        .join(Consent, col(Consent.participant_id) == col(Participant.id))
        .where(
            Participant.partnership_id == partnership_id,
            col(Participant.person_id).in_(people),
            Consent.purpose == ConsentPurpose.CONTACT,
        )
        .order_by(col(Consent.id))
    )
    last = dict(session.exec(query).all())
    return frozenset(key for key, given in last.items() if key is not None and not given)
