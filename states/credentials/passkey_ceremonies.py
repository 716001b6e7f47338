"""How a passkey is made and shown (WebAuthn, level 3): what a browser is asked, and whether its answer fits.

Importing this loads `webauthn`, which is slow: it is imported where somebody uses a passkey.
"""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, delete, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from states.clock import machine_now
from states.credentials.passkeys import Passkey, PasskeyChallenge, PasskeyRefused, Site, passkeys_of, read_name
from states.partners.tables import Person

CHALLENGE_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked: the options as `navigator.credentials` reads them in JSON, and by which challenge."""

    challenge_id: str
    options: str


def ask_for_new(session: Session, person: Person, site: Site) -> Asked:
    """Ask a browser to make a passkey for this person; authenticators that hold one for this site make no second."""
    held = [one for one in passkeys_of(session, person.id) if one.site == site.host]
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=person.id.encode(),
        user_name=person.email,
        user_display_name=person.label,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(one.credential_id)) for one in held],
    )
    return Asked(_keep(session, options.challenge, person.id), options_to_json(options))


def ask_for_known(session: Session, site: Site) -> Asked:
    """Ask a browser for any passkey of this site: it names its person itself."""
    options = generate_authentication_options(rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED)
    return Asked(_keep(session, options.challenge, None), options_to_json(options))


def use_challenge(session: Session, challenge_id: str, person_id: str | None = None) -> bytes:
    """Take a challenge away and return it, or raise `PasskeyRefused`: of two at once, one has it.

    In a transaction of its own: an answer that does not fit uses it up too.
    """
    query = (
        delete(PasskeyChallenge)
        .where(
            col(PasskeyChallenge.id) == challenge_id,
            col(PasskeyChallenge.person_id).is_not_distinct_from(person_id),
            col(PasskeyChallenge.expires_at) > machine_now(),
        )
        .returning(col(PasskeyChallenge.challenge))
    )
    found = session.exec(query).scalar_one_or_none()
    if found is None:
        raise PasskeyRefused("passkey_too_late")
    return _bytes(found)


def add_passkey(
    session: Session, person: Person, site: Site, *, challenge: bytes, answer: str, name: str = ""
) -> Passkey:
    """Keep the passkey that an authenticator has made, or raise `PasskeyRefused`."""
    try:
        credential = parse_registration_credential_json(answer)
        seen = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused from error
    key = bytes_to_base64url(seen.credential_id)
    if session.exec(select(Passkey.id).where(Passkey.credential_id == key)).one_or_none() is not None:
        raise PasskeyRefused("passkey_known")
    row = Passkey(
        person_id=person.id,
        site=site.host,
        credential_id=key,
        public_key=bytes_to_base64url(seen.credential_public_key),
        sign_count=seen.sign_count,
        transports=[one.value for one in credential.response.transports or ()],
        name=read_name(name) if name.strip() else "",
        made_at=machine_now(),
    )
    session.add(row)
    session.flush()
    return row


def person_of_passkey(session: Session, site: Site, *, challenge: bytes, answer: str) -> str:
    """Return whose passkey has signed the challenge, or raise `PasskeyRefused`; a counter that goes back is refused."""
    try:
        credential = parse_authentication_credential_json(answer)
        query = select(Passkey).where(Passkey.credential_id == credential.id, Passkey.site == site.host)
        row = session.exec(query).one_or_none()
        if row is None:
            raise PasskeyRefused("passkey_unknown")
        seen = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused from error
    row.sign_count, row.used_at = seen.new_sign_count, machine_now()
    session.add(row)
    session.flush()
    return row.person_id


def _keep(session: Session, challenge: bytes, person_id: str | None) -> str:
    session.exec(delete(PasskeyChallenge).where(col(PasskeyChallenge.expires_at) <= machine_now()))
    row = PasskeyChallenge(
        challenge=bytes_to_base64url(challenge), person_id=person_id, expires_at=machine_now() + CHALLENGE_LASTS
    )
    session.add(row)
    session.flush()
    return row.id


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
