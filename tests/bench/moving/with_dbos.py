"""With DBOS: a durable workflow whose one step is the transaction with the necessary statements."""

from collections.abc import Callable

from dbos import DBOS, SQLAlchemyDatasource
from sqlalchemy import text
from sqlalchemy.engine import make_url

from states.clock import now
from states.storage.engine import make_engine
from tests.bench.moving.work import (
    END,
    FACTS,
    LAST,
    LINE,
    LOCK,
    MESSAGE,
    ROW,
    SCHEMA,
    STEP,
    Task,
    check,
    need,
    plain,
    rows_of,
)


def mover(url: str) -> Callable[[Task], None]:
    """Return what makes a move; DBOS keeps its workflows in the same database, on SQLite in a file beside it."""
    address = make_url(url)
    sqlite = address.get_backend_name() == "sqlite"
    kept = f"{url}.dbos" if sqlite else url
    DBOS(config={"name": "moves", "system_database_url": kept, "dbos_system_schema": SCHEMA, "log_level": "ERROR"})
    engine = make_engine(url)
    source = SQLAlchemyDatasource.create(engine.url.render_as_string(hide_password=False), engine=engine)
    row_of = text(ROW if sqlite else ROW + LOCK)
    facts_of, last_of, step, line, message = (text(one) for one in (FACTS, LAST, STEP, LINE, MESSAGE))

    @source.transaction(isolation_level="SERIALIZABLE" if sqlite else "READ COMMITTED")
    def moved(key: str, version: int) -> None:
        session = source.sql_session()
        row = session.execute(row_of, {"key": key}).one()
        need(stage=row.stage, version=row.version, expected=version)
        facts = session.execute(facts_of, {"key": key}).all()
        check([site for site, _ in facts], facts[0][1] if facts else 0)
        last = session.execute(last_of, {"key": key}).first()
        at = now()
        made = rows_of(key, row.partnership_id, None if last is None else (last[0], last[1]), at)
        session.execute(step, plain({"key": key, "stage": END, "at": at, "version": version}, sqlite=sqlite))
        session.execute(line, plain(made.line, sqlite=sqlite))
        session.execute(message, plain(made.message, sqlite=sqlite))

    @DBOS.workflow()
    def move(key: str, version: int) -> None:
        moved(key, version)

    DBOS.launch()
    return lambda task: move(task.key, task.version)
