"""What can go wrong in the domain, as a tree that each edge maps once.

BankableError
├── Missing      what was named does not exist (or may not be seen)
├── Denied       the actor's role does not permit it
├── Refused      the rules of the lifecycle say no, with every reason
├── Stale        somebody else changed it first
├── Outage       something that all work needs is away; it is tried again
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

    def __hash__(self) -> int:
        return hash(self.text)  # short: lists look for the same refusal again and again

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


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """One thing wrong with an input: its place (field, line, cell), what is wrong, what to do.

    Both sentences stand in the catalogue under their codes, of the kinds `fault` and `remedy`; further keywords are
    what they speak of. A remedy that another error gives is passed on as its text.
    """

    place: str
    text: Text
    advice: Text | None

    def __init__(
        self, place: str, code: str | Text, /, *, remedy: str | Text | None = None, **parameters: Value
    ) -> None:
        text = code if isinstance(code, Text) else Text("fault", code, **parameters)
        advice = Text("remedy", remedy, **parameters) if isinstance(remedy, str) else remedy
        object.__setattr__(self, "place", place)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "advice", advice)

    @property
    def code(self) -> str:
        """Name what is wrong."""
        return self.text.code

    @property
    def message(self) -> str:
        """Say in English what is wrong."""
        return str(self.text)

    @property
    def remedy(self) -> str:
        """Say in English what to do, where that is known."""
        return str(self.advice or "")

    @property
    def parameters(self) -> dict[str, Value]:
        """Return what the sentences speak of."""
        return self.text.parameters | (self.advice.parameters if self.advice else {})

    def at(self, place: str) -> "Fault":
        """Return the same fault at another place."""
        return Fault(place, self.text, remedy=self.advice)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" ({self.remedy})" if self.advice else "")


class BankableError(Exception):
    """Something in Bankable did not work.

    What it says stands in the catalogue, kind `error`: under the class's code, or under `text` where a class says
    several things. Those with `reasons` or `faults` say them instead, and have no text of their own.
    """

    code = "error"

    def __init__(self, text: str = "", /, **parameters: Value) -> None:
        super().__init__()
        self.text: Text | None = Text("error", text or self.code, **parameters)

    @property
    def message(self) -> str:
        """Say it in English."""
        return str(self)

    def __str__(self) -> str:
        return str(self.text)

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error go from process to process, whatever its class is made from."""
        return _again, (type(self), vars(self))


def _again(kind: type[BankableError], kept: dict[str, object]) -> BankableError:
    error = kind.__new__(kind)
    vars(error).update(kept)
    return error


class Missing(BankableError):
    """It does not exist, or it is not yours to see."""

    code = "missing"

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(noun=noun, key=str(key))
        self.noun, self.key = noun, key

    @property
    def said(self) -> Text:
        """Return the sentence, for a fault that passes it on."""
        return Text("error", self.code, noun=self.noun, key=str(self.key))


class Denied(BankableError):
    """Your role does not permit this."""

    code = "denied"


class Refused(BankableError):
    """The rules refuse it; `reasons` holds every one of them."""

    code = "refused"

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        super().__init__()
        self.text = None
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return " ".join(reason.message for reason in self.reasons)


class Stale(BankableError):
    """It was changed by somebody else in the meantime."""

    code = "stale"

    def __init__(self, noun: str, *, expected: int | None = None, actual: int | None = None) -> None:
        if expected is None or actual is None:
            super().__init__(noun=noun)
        else:
            super().__init__("stale_version", noun=noun, expected=expected, actual=actual)
        self.expected, self.actual = expected, actual


class Outage(BankableError):
    """Something that all work needs is away: nothing in hand is to blame, and it is tried again."""


class Invalid(BankableError):
    """The input is wrong; `faults` names each place and remedy. One fault may be given by its code."""

    code = "invalid"

    def __init__(
        self,
        fault: str = "",
        /,
        *,
        field: str = "",
        remedy: str | Text | None = None,
        faults: Sequence[Fault] = (),
        **parameters: Value,
    ) -> None:
        super().__init__()
        self.text = None
        self.faults = tuple(faults) or (Fault(field, fault, remedy=remedy, **parameters),)
        self._alone = bool(fault)

    def __str__(self) -> str:
        return self.faults[0].message if self._alone else "; ".join(str(fault) for fault in self.faults)
