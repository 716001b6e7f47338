"""Texts are in one order on both engines, whatever locale the database was made with."""

from sqlmodel import Session, select

from states.partners.tables import Organisation, OrganisationKind
from states.storage.text_order import by_text

# What locales put elsewhere: capitals, blanks and hyphens, letters with accents, other scripts.
IN_ORDER = ("a b", "a-b", "A-C", "ab", "AC", "alpha", "Beta", "zeta", "Éclair", "éclair", "Ω", "ж")


def test_capitals_and_small_letters_stand_together_and_all_else_by_character(session: Session) -> None:
    for number, name in enumerate(sorted(IN_ORDER)):
        kind = OrganisationKind.SME
        session.add(Organisation(slug=f"one-{number}", name=name, kind=kind, country="PL", nuts="PL229"))
    session.flush()

    for order, names in ((by_text(Organisation.name), IN_ORDER), (by_text(Organisation.name).desc(), IN_ORDER[::-1])):
        assert session.exec(select(Organisation.name).order_by(order)).all() == list(names)


def test_alike_but_for_capitals_is_equal(session: Session) -> None:
    session.add(Organisation(slug="one", name="ALPHA", kind=OrganisationKind.SME, country="PL", nuts="PL229"))
    session.flush()

    for name, found in (("alpha", ["ALPHA"]), ("alphb", []), ("éALPHA", [])):
        assert session.exec(select(Organisation.name).where(by_text(Organisation.name) == name)).all() == found
