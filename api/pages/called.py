"""What organisations, regions and instruments are called where the API says their short names; read when asked."""

import re
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session

from states.funding.queries import instruments_of
from states.partners.queries import names_by_slug
from states.partners.registry_faults import SLUG


@dataclass(frozen=True)
class Called:
    """Say the name of what has a short name in a partnership; what has none is said as it stands."""

    session: Session
    partnership_id: str

    def __call__(self, slug: str) -> str:
        if not re.fullmatch(SLUG, slug):
            return slug  # a sentence, or a name already
        return self._names.get(slug) or self._instruments.get(slug, slug)

    @cached_property
    def _names(self) -> dict[str, str]:
        return names_by_slug(self.session, self.partnership_id)

    @cached_property
    def _instruments(self) -> dict[str, str]:
        return {row.slug: row.name for row in instruments_of(self.session, self.partnership_id)}
