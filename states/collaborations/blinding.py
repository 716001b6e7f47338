"""What hides who is behind a collaboration: its partners by letter, itself by number where its title tells."""

from collections.abc import Sequence

from sqlmodel import Session

from states.collaborations.queries import MemberEntry, partners_ever_of
from states.collaborations.tables import Collaboration, MemberPart
from states.rights.blinding import Blinding, Concealed, partner_label


def labels_of(entries: Sequence[MemberEntry]) -> dict[str, str]:
    """Return the label of each organisation that is or was a partner, by its id.

    Letters go by the day of joining, the lead first: who joins later moves nobody, and who leaves keeps the letter.
    """
    order = sorted(
        entries, key=lambda one: (one.member.joined_on, one.member.part is not MemberPart.LEAD, one.member.id)
    )
    return {entry.organisation.id: partner_label(index) for index, entry in enumerate(order)}


def number_of(row: Collaboration) -> str:
    """Return the number by which a collaboration goes where title and short name would tell who is behind it."""
    return row.id[:8]


def blind_title(session: Session, row: Collaboration) -> str:
    """Return the title as a reviewer in a blind stage is told of it, by mail and in a calendar too."""
    return blinding_over(row, partners_ever_of(session, [row.id])[row.id]).text(row.title)


def blinding_over(row: Collaboration, entries: Sequence[MemberEntry]) -> Blinding:
    """Return what hides all who are or were partners, and a title and short name that name one of them.

    The short name is always hidden: it may be made of theirs.
    """
    labels = labels_of(entries)
    partners = Blinding(
        tuple(
            Concealed(
                labels[entry.organisation.id],
                names=(entry.organisation.name, *entry.organisation.domains),
                keys=(entry.organisation.slug,),
            )
            for entry in entries
        )
    )
    own = [Concealed(f"collaboration-{number_of(row)}", names=(), keys=(row.slug,))]
    if partners.text(row.title) != row.title:
        own.append(Concealed(f"Collaboration {number_of(row)}", names=(row.title,)))
    return Blinding((*partners.concealed, *own))
