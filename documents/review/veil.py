"""The veil of a blind stage: partners appear by letter wherever their registered name stands."""

import re
from dataclasses import dataclass
from string import ascii_uppercase

from documents.gathering import Subject
from documents.parts import Identity, Partner, Section


@dataclass(frozen=True, slots=True)
class Veil:
    """What stands for each partner's name; a name that is written otherwise than in the registry stays visible."""

    names: tuple[str, ...]

    @classmethod
    def over(cls, subject: Subject) -> "Veil":
        """Return the veil over a collaboration's present partners, the lead being Partner A."""
        return cls(tuple(entry.organisation.name for entry in subject.members))

    def text(self, text: str) -> str:
        """Return the text with the partners' names replaced, the longest first, in whatever case they are written."""
        if not self.names:
            return text
        order = sorted(range(len(self.names)), key=lambda index: len(self.names[index]), reverse=True)
        pattern = "|".join(rf"((?<!\w){re.escape(self.names[index])}(?!\w))" for index in order)
        return re.sub(
            pattern, lambda found: f"Partner {_letter(order[(found.lastindex or 1) - 1])}", text, flags=re.IGNORECASE
        )

    def identity(self, identity: Identity) -> Identity:
        """Return the identity without the lead's name."""
        return Identity.model_validate(self._veiled(identity.model_dump()))

    def partners(self, partners: tuple[Partner, ...]) -> tuple[Partner, ...]:
        """Return the partners by letter, with kind and region; a site or a contribution would tell who they are."""
        bare = {"site_nuts3": "", "site_name": "", "commitment": ""}
        return tuple(partner.model_copy(update={"name": self.text(partner.name), **bare}) for partner in partners)

    def section(self, section: Section) -> Section:
        """Return the section with the names replaced in its texts and tables."""
        return Section.model_validate(self._veiled(section.model_dump()))

    def _veiled(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._veiled(item) for key, item in value.items()}
        return tuple(self._veiled(item) for item in value) if isinstance(value, tuple) else value


def _letter(index: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    before, place = divmod(index, len(ascii_uppercase))
    return (_letter(before - 1) if before else "") + ascii_uppercase[place]
