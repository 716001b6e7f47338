"""Column types keep what they are given, exactly, on both engines, and refuse the rest."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel, func, select

from states.partners.tables import Organisation, OrganisationKind, Partnership, PartnershipKind, Person, RoleGrant
from states.rights.access import Role
from states.storage import EnumText

NOON = datetime(2020, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def _with_turnover(slug: str, amount: Decimal) -> Organisation:
    return Organisation(slug=slug, name=slug, kind=OrganisationKind.SME, country="PL", nuts="PL229", turnover=amount)


def _grant(session: Session, since: datetime) -> RoleGrant:
    partnership = Partnership(slug="one", name="One", kind=PartnershipKind.ESCP_S3, playbook="s3")
    person = Person(label="Manager", email="manager@example.org")
    session.add_all([partnership, person])
    session.flush()
    return RoleGrant(partnership_id=partnership.id, person_id=person.id, role=Role.PROJECT_MANAGER, since=since)


@pytest.mark.parametrize(
    "amount", ["0.00", "0.01", "-7.30", "1250000.5", "12345678901234567.89", "89999999999999999.99"]
)
def test_money_comes_back_as_it_went(session: Session, amount: str) -> None:
    row = _with_turnover("one", Decimal(amount))
    session.add(row)
    session.flush()
    session.expire_all()
    stored = session.execute(text("SELECT turnover FROM organisation")).scalar_one()
    assert row.turnover == Decimal(amount)
    assert row.turnover.as_tuple().exponent == -2
    assert stored == int(Decimal(amount) * 100)


@pytest.mark.parametrize("amount", ["0.001", "10.005", "90000000000000000.01", "1e30", "NaN", "Infinity"])
def test_money_that_does_not_fit_is_refused_not_rounded(session: Session, amount: str) -> None:
    with pytest.raises(StatementError, match="has more than two decimals, or is too much"), session.begin_nested():
        session.add(_with_turnover("one", Decimal(amount)))


def test_the_database_adds_money_up_exactly(session: Session) -> None:
    session.add_all(_with_turnover(f"o{n}", Decimal("30000000000000000.01")) for n in range(3))
    session.flush()
    assert session.exec(select(func.sum(Organisation.turnover))).one() == Decimal("90000000000000000.03")


def test_an_instant_comes_back_in_utc_to_the_microsecond(session: Session) -> None:
    row = _grant(session, NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))
    session.add(row)
    session.flush()
    session.expire_all()
    assert row.since == NOON
    assert row.since.utcoffset() == timedelta(0)
    assert row.until is None


def test_an_instant_without_a_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="has no time zone"), session.begin_nested():
        session.add(_grant(session, NOON.replace(tzinfo=None)))


def test_an_enum_is_stored_by_value(session: Session) -> None:
    row = _grant(session, NOON)
    stored = session.execute(text("SELECT kind FROM partnership")).scalar_one()
    session.expire_all()
    assert stored == "escp_s3"
    assert session.get_one(Partnership, row.partnership_id).kind is PartnershipKind.ESCP_S3


def test_an_enum_refuses_an_unknown_value_on_the_way_in(session: Session) -> None:
    with pytest.raises(StatementError, match="'guild' is not a valid PartnershipKind"), session.begin_nested():
        session.add(Partnership(slug="one", name="One", kind="guild", playbook="s3"))  # type: ignore[arg-type]


def test_an_enum_refuses_an_unknown_value_on_the_way_out(session: Session) -> None:
    _grant(session, NOON)
    session.execute(text("UPDATE partnership SET kind = 'guild'"))
    session.expire_all()
    with pytest.raises(ValueError, match="'guild' is not a valid PartnershipKind"):
        session.exec(select(Partnership)).one()


def test_an_enum_has_one_column_type() -> None:
    assert EnumText(Role) is EnumText(Role)
    assert EnumText(Role) is not EnumText(PartnershipKind)


def test_json_is_kept_when_assigned_anew(session: Session) -> None:
    row = Partnership(slug="one", name="One", kind=PartnershipKind.TSSP, playbook="s3", acknowledges=["A"])
    session.add(row)
    session.flush()
    row.acknowledges = [*row.acknowledges, "Ś"]
    session.flush()
    session.expire_all()
    assert row.acknowledges == ["A", "Ś"]


def test_no_row_asks_a_class_of_python_for_its_default() -> None:
    """Pydantic asks the signature of a default for each new row; that of `list` takes longer than all else of it."""
    slow = [
        f"{model.__name__}.{name}"
        for model in SQLModel.__subclasses__()
        for name, field in model.model_fields.items()
        if field.default_factory in (list, dict, set)
    ]
    assert slow == []
