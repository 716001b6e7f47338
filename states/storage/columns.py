"""Column types: money as whole cents, instants in UTC, enums by value, and JSON (to be assigned anew, not mutated)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from secrets import token_hex
from typing import Any, NoReturn

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from states.errors import BankableError

_CENT = Decimal("0.01")
_MOST = Decimal("90000000000000000.00")  # what 64 bits of cents hold, rounded down


class StoredValueUnknown(BankableError, ValueError):
    """The database holds a word that this release does not know."""

    code = "stored_value_unknown"


def new_id() -> str:
    """Return a new random identifier: 32 hexadecimal digits."""
    return token_hex(16)


def new_list() -> list[object]:
    """Return a new empty list, as the default of a column.

    Of `list` itself pydantic asks the signature for each new row, which takes longer than all else of the row.
    """
    return []


def new_dict() -> dict[str, object]:
    """Return a new empty dict, as the default of a column; for the reason see `new_list`."""
    return {}


def fits_cents(amount: Decimal) -> bool:
    """Tell whether EUR can be kept exactly: at most two decimals, and not beyond 64 bits of cents."""
    return amount.is_finite() and abs(amount) <= _MOST and amount == amount.quantize(_CENT)


class Cents(TypeDecorator[Decimal]):
    """EUR as Decimal in Python, whole cents in the database; what does not fit is an error, never rounded."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not fits_cents(value):
            raise ValueError(f"{value} EUR has more than two decimals, or is too much")
        return int(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2).quantize(_CENT)


class Exact(TypeDecorator[Decimal]):
    """A Decimal with all its digits, kept as text: neither engine rounds it."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant; stored in UTC on both engines (SQLite drops the offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        read = self.impl_instance.result_processor(dialect, coltype)

        def in_utc(value: Any) -> datetime | None:  # nothing else is called for a NULL: lists read thousands of them
            if value is None:
                return None
            found: Any = value if read is None else read(value)
            instant: datetime = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
            return instant

        return in_utc


class Json(TypeDecorator[object]):
    """A JSON value: JSONB on PostgreSQL. A change inside it is not noticed, so assign a new value."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[object]:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())


class _Known(dict[str | None, StrEnum | None]):
    """The members of an enum by what is stored of them."""

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__({None: None} | {one.value: one for one in kind})
        self._kind = kind

    def __missing__(self, value: object) -> NoReturn:
        raise StoredValueUnknown(value=str(value), what=self._kind.__name__, known=tuple(self._kind))


@cache
def EnumText(kind: type[StrEnum]) -> type[TypeDecorator[StrEnum]]:  # noqa: N802 - stands where a column type stands
    """Return a column type that stores the value of a StrEnum and refuses any other."""

    known = _Known(kind)

    class _EnumText(TypeDecorator[StrEnum]):
        impl = String(40)
        cache_ok = True
        words = kind

        def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
            return None if value is None else kind(value).value

        def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], StrEnum | None]:
            return known.__getitem__  # in C: lists read thousands of them

    _EnumText.__name__ = f"{kind.__name__}Text"
    return _EnumText
