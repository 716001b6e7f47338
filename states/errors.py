"""What can go wrong in the domain, as a tree that each edge maps once.

BankableError
├── Missing      what was named does not exist (or may not be seen)
├── Denied       the actor's role does not permit it
├── Refused      the rules of the lifecycle say no, with every reason
├── Stale        somebody else changed it first
└── Invalid      the input is wrong, with the place and the remedy

Small subclasses live beside their cause; the class attribute `code` is stable and public.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from states.texts import Text, Value


@dataclass(frozen=True, slots=True, init=False)
class Refusal:
    """One reason against an action: what is missing, who can mend it, and where.

    Its sentence stands in the catalogue (`states.texts`, kind `refusal`) under its code, or under `text` where one code
    has several sentences; what the sentence speaks of are further keywords.
    """

    code: str
    text: Text
    mend_by: tuple[str, ...]
    where: str
    missing: tuple[str | Text, ...]

    def __init__(
        self,
        code: str,
        /,
        *,
        mend_by: tuple[str, ...] = (),
        where: str = "",
        missing: tuple[str | Text, ...] = (),
        text: str = "",
        **parameters: Value,
    ) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "text", Text("refusal", text or code, **parameters))
        object.__setattr__(self, "mend_by", mend_by)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "missing", missing)

    @property
    def message(self) -> str:
        """Say it in English."""
        return str(self.text)

    @property
    def parameters(self) -> dict[str, Value]:
        """Return what the sentence speaks of."""
        return self.text.parameters


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: its place (field, line, cell), what is wrong, what to do."""

    place: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


class BankableError(Exception):
    """Something in Bankable did not work."""

    code = "error"

    @property
    def message(self) -> str:
        return str(self)


class Missing(BankableError):
    """It does not exist, or it is not yours to see."""

    code = "missing"

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(f"There is no {noun} {str(key)!r} here.")
        self.noun, self.key = noun, key


class Denied(BankableError):
    """Your role does not permit this."""

    code = "denied"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "Your role does not permit this.")


class Refused(BankableError):
    """The rules refuse it; `reasons` holds every one of them."""

    code = "refused"

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        super().__init__(" ".join(reason.message for reason in reasons))
        self.reasons = tuple(reasons)


class Stale(BankableError):
    """It was changed by somebody else in the meantime."""

    code = "stale"

    def __init__(self, noun: str, *, expected: int | None = None, actual: int | None = None) -> None:
        read = f" (you read version {expected}, it is at {actual})" if expected is not None else ""
        super().__init__(f"This {noun} was changed by somebody else{read}: read it again, then repeat the change.")
        self.expected, self.actual = expected, actual


class Invalid(BankableError):
    """The input is wrong; `faults` names each place and remedy."""

    code = "invalid"

    def __init__(self, message: str = "", *, field: str = "", remedy: str = "", faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults) or (Fault(field, message, remedy),)
        super().__init__(message or "; ".join(str(fault) for fault in self.faults))
