"""Keep the words of collaborations, organisations and documents, and an index over them; `update` fills it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLAIN = ("title", "outline", "details", "inside")
_BLIND = ("blind_title", "blind_outline", "blind_details")
# Every text is made of folded words with one space between them. PostgreSQL's parser would still take 4e26d for a
# number and what follows it: so it sees letters in the place of digits.
_DIGITS = ("0123456789", "ᚠᚢᚦᚨᚱᚲᚷᚹᚺᚾ")


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in (*_PLAIN, *_BLIND)),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("kind", "subject_id", "partnership_id"),
    )
    op.create_index("ix_search_entry_partnership_id", "search_entry", ["partnership_id"])
    op.create_index("ix_search_entry_collaboration_id", "search_entry", ["collaboration_id"])
    for statement in _on_sqlite() if op.get_bind().dialect.name == "sqlite" else _on_postgresql():
        op.execute(statement)


def _on_sqlite() -> list[str]:
    # The tokenizer parts words at blanks alone and leaves all other letters as they are: they are folded already.
    columns = (*_PLAIN, *_BLIND)
    own, new, old = (", ".join(f"{of}{name}" for name in columns) for of in ("", "new.", "old."))
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns)
    forget = f"INSERT INTO search_index (search_index, rowid, {own}) VALUES ('delete', old.number, {old})"
    keep = f"INSERT INTO search_index (rowid, {own}) VALUES (new.number, {new})"
    return [
        f"CREATE VIRTUAL TABLE search_index USING fts5({own}, content='search_entry', content_rowid='number',"
        " tokenize='ascii', prefix='2 3')",
        f"CREATE TRIGGER search_entry_made AFTER INSERT ON search_entry BEGIN {keep}; END",
        f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {forget}; END",
        f"CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry WHEN {changed} BEGIN {forget}; {keep}; END",
    ]


def _on_postgresql() -> list[str]:
    vectors = {
        name: " || ".join(
            f"setweight(to_tsvector('simple'::regconfig, translate({column}, '{_DIGITS[0]}', '{_DIGITS[1]}')), '{weight}')"
            for column, weight in zip(columns, "ABCD", strict=False)
        )
        for name, columns in (("plain_words", _PLAIN), ("blind_words", _BLIND))
    }
    return [
        statement
        for name, vector in vectors.items()
        for statement in (
            f"ALTER TABLE search_entry ADD COLUMN {name} tsvector GENERATED ALWAYS AS ({vector}) STORED",
            f"CREATE INDEX ix_search_entry_{name} ON search_entry USING gin ({name})",
        )
    ]


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_entry")
