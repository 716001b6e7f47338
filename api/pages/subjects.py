"""What of a case a file or a question may be about, in groups, for a choice on a form."""

from sqlmodel import Session

from api.pages.languages import gettext
from api.pages.rights import Abilities
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.funding.queries import costs_of
from states.playbooks.editions import playbook_of
from states.review.queries import conditions_of_rounds, rounds_of
from states.review.tables import ConditionState

Groups = list[tuple[str, list[tuple[str, str]]]]


def subjects_of(session: Session, row: Collaboration, can: Abilities, *, members: bool = False) -> Groups:
    """Return what there is, as `subject:name` with its title, as far as the reader may know it."""
    sections = playbook_of(session, row).protocol
    lines = costs_of(session, row.id) if can("read_funding_case") else []
    found = [
        (gettext("Sections of the protocol"), [(f"section:{one.key}", one.title) for one in sections]),
        (gettext("Cost lines"), [(f"cost_line:{one.slug}", one.title or one.slug) for one in lines]),
    ]
    if members:
        partners = [one.organisation for one in members_of(session, [row.id])[row.id]]
        found.insert(0, (gettext("Partners"), [(f"organisation:{one.slug}", one.name) for one in partners]))
    if can("read_decision"):
        rounds = [one.id for one in rounds_of(session, [row.id])]
        conditions = [one for some in conditions_of_rounds(session, rounds).values() for one in some]
        still_open = [one for one in conditions if one.state is ConditionState.OPEN]
        found.append((gettext("Conditions"), [(f"condition:{one.id}", one.text) for one in still_open]))
    return [(title, options) for title, options in found if options]
