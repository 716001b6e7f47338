"""Links by which readers of mails act lie in rows without their signature: it is made when the mail is sent.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"

_MAIL = sa.table(
    "mail",
    sa.column("id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("values", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
)
_ACTED_BY_LINK = ("role_given", "sign_off")


def upgrade() -> None:
    """Take the signatures away; mails that still wait get theirs when they are sent."""
    bind = op.get_bind()
    rows = bind.execute(sa.select(_MAIL.c.id, _MAIL.c["values"]).where(_MAIL.c.kind.in_(_ACTED_BY_LINK))).all()
    for key, values in rows:
        path, _, text = str(values.get("link", "")).rpartition("/")
        if "." in text:
            kept = {**values, "link": f"{path}/{text.partition('.')[0]}"}
            bind.execute(_MAIL.update().where(_MAIL.c.id == key).values({"values": kept}))


def downgrade() -> None:
    """Leave the links as they are: the release before sends them so, and whoever asked may ask once more."""
