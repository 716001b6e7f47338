"""To whom a proposal is addressed: a bank, a region or a fund; its class, order and depth follow from that."""

from dataclasses import dataclass
from enum import StrEnum

from documents.languages import marked
from documents.meta import Confidentiality
from states.archive.tables import BETWEEN

_OF = ":"


class Addressee(StrEnum):
    """Who reads it; a region may be named, a bank and a fund are not."""

    BANK = "bank"
    REGION = "region"
    FUND = "fund"


CLASSES = {
    Addressee.BANK: Confidentiality.BANK,
    Addressee.REGION: Confidentiality.AUTHORITY,
    Addressee.FUND: Confidentiality.FUND,
}
SUBTITLES = {
    Addressee.BANK: marked("Proposal to a bank"),
    Addressee.REGION: marked("Proposal to the regional authorities"),
    Addressee.FUND: marked("Proposal to an investor"),
}
_FRONT = ("decision", "missing")
_PROJECT = ("project", "partners", "market", "technology", "standards", "plan", "procurement")
_BACK = ("other", "earlier", "annexes")
ORDER: dict[Addressee, tuple[str, ...]] = {
    Addressee.BANK: (
        *_FRONT,
        *("financing", "analysis", "sensitivity", "risks"),
        *_PROJECT,
        *("aid", "effects", "regions", "approvals"),
        *_BACK,
    ),
    Addressee.REGION: (
        *_FRONT,
        *("regions", "aid", "financing", "effects"),
        *_PROJECT,
        *("risks", "summary", "sensitivity", "approvals"),
        *_BACK,
    ),
    Addressee.FUND: (
        *_FRONT,
        *_PROJECT,
        *("analysis", "sensitivity", "risks", "financing", "effects", "approvals"),
        *_BACK,
    ),
}
"""The chapters of each reader, in order: `summary` is the analysis without its statements."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A scenario's proposal to a reader; `region_id` names the one region, where it is one."""

    scenario_id: str
    reader: Addressee = Addressee.BANK
    region_id: str = ""

    @property
    def subject(self) -> str:
        """The subject of the document: for a bank the scenario's id alone, as before there were other readers."""
        if self.reader is Addressee.BANK:
            return self.scenario_id
        return f"{self.scenario_id}{BETWEEN}{self.reader.value}{f'{_OF}{self.region_id}' if self.region_id else ''}"

    @classmethod
    def read(cls, subject: str) -> "Addressed":
        """Return what a subject says; a reader that nobody knows makes it one that nothing has."""
        scenario_id, _, rest = subject.partition(BETWEEN)
        reader, _, region_id = rest.partition(_OF)
        known = {one.value: one for one in Addressee} | {"": Addressee.BANK}
        return cls(scenario_id, known[reader], region_id) if reader in known else cls(subject)
