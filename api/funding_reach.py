"""What a path of the funding leads to, and whether the actor may do there what the route does."""

from dataclasses import dataclass

from api.http.dependencies import CurrentActor, Tx
from api.reach import OfCollaboration, collaboration_scope
from api.veil import veil_of
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.computations.service import computation_by_id
from states.computations.tables import Computation
from states.errors import Denied, Missing
from states.funding.solutions import KIND
from states.partners.queries import member_by_slug, partnership_by_slug
from states.partners.tables import Organisation, Partnership
from states.rights.access import Action, Scope, require


@dataclass(frozen=True)
class OfCase:
    """A collaboration by its id, for what a case shows; closed to a reviewer while partners go by kind and region.

    Sites, owners and figures of a case tell who is behind it: no other word in the place of a name would hide that.
    """

    action: Action

    def __call__(self, collaboration_id: str, session: Tx, actor: CurrentActor) -> Collaboration:
        """Return the row, or raise `Missing` or `Denied`."""
        row = OfCollaboration(self.action)(collaboration_id, session, actor)
        if veil_of(session, actor, row).drawn:
            raise Denied("The funding case opens with your own evaluation: this stage is blind.")
        return row


@dataclass(frozen=True, slots=True)
class RunInReach:
    """A solving and its collaboration."""

    row: Computation
    collaboration: Collaboration


@dataclass(frozen=True)
class OfRun:
    """A solving by its id."""

    action: Action

    def __call__(self, run_id: str, session: Tx, actor: CurrentActor) -> RunInReach:
        """Return the solving, or raise `Missing` or `Denied`."""
        row = computation_by_id(session, KIND, run_id)
        collaboration = collaboration_by_id(session, row.subject_id)
        if collaboration.partnership_id != actor.partnership_id:
            raise Missing("funding solution", run_id)
        require(actor, self.action, collaboration_scope(session, actor, collaboration.id))
        if veil_of(session, actor, collaboration).drawn:
            raise Denied("The funding case opens with your own evaluation: this stage is blind.")
        return RunInReach(row, collaboration)


@dataclass(frozen=True, slots=True)
class OrganisationInReach:
    """An organisation and the partnership that it is a member of."""

    row: Organisation
    partnership: Partnership


@dataclass(frozen=True)
class OfOrganisation:
    """An organisation of the own partnership by its slug; its own people and the managers know its figures."""

    action: Action

    def __call__(self, partnership: str, organisation: str, session: Tx, actor: CurrentActor) -> OrganisationInReach:
        """Return the row, or raise `Missing` or `Denied`."""
        found = partnership_by_slug(session, partnership)
        if found.id != actor.partnership_id:
            raise Missing("partnership", partnership)
        row, _ = member_by_slug(session, found.id, organisation)
        require(actor, self.action, Scope(found.id, organisation_ids=frozenset({row.id})))
        return OrganisationInReach(row, found)
