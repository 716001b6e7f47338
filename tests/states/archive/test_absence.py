"""A store that is away while documents are on record: no other one is begun in its place, unless somebody says so."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.archive.absence import StoreAway, keep, name_of_store
from states.archive.editions import Printing
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes, read_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.partners.tables import Partnership, PartnershipKind
from states.storage import begin

OLD, NEW = b"%PDF old", b"%PDF new"
PRINTING = Printing("1" * 64, "2" * 64, "3")

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def store(installation: Path) -> Path:
    """The folder of a store that one document on record lies in; it has no name yet, as in release 0.1.0."""
    keep_bytes(OLD)
    with begin() as session:
        partnership = Partnership(slug="optics", name="Optics", kind=PartnershipKind.TSSP, playbook="s3")
        session.add(partnership)
        session.flush()
        shown = Rendered(
            DocumentKind.DECISION_LETTER, DocumentClass.CONFIDENTIAL, "Test bed", "one", "{}", OLD, PRINTING
        )
        record_document(session, shown, partnership_id=partnership.id)
    return installation / "store"


def test_a_store_without_a_name_is_known_by_its_first_document_and_then_named(store: Path) -> None:
    keep(NEW)

    assert (read_bytes(sha256(NEW).hexdigest()), (store / "name").read_text(encoding="utf-8")) == (NEW, name_of_store())


def test_a_new_installation_begins_its_store(installation: Path) -> None:
    assert (name_of_store(), (installation / "store/name").exists()) == (name_of_store(), True)


@pytest.mark.parametrize("leaves_its_folder", [False, True], ids=["renamed", "not mounted"])
def test_what_comes_while_it_is_away_waits_until_it_is_back(store: Path, *, leaves_its_folder: bool) -> None:
    name = name_of_store()
    elsewhere = store.rename(store.with_name("elsewhere"))
    if leaves_its_folder:
        store.mkdir()

    for step in (name_of_store, lambda: keep(NEW)):
        with pytest.raises(StoreAway, match="put it back"):
            step()
    assert (store.exists(), list(store.glob("*"))) == (leaves_its_folder, [])

    elsewhere.replace(store)
    keep(NEW)
    assert name_of_store() == name


def test_where_it_is_lost_for_good_somebody_says_so_and_a_new_one_begins(store: Path) -> None:
    name = name_of_store()
    shutil.rmtree(store)

    assert CliRunner().invoke(app, ["documents", "heal", "--dry-run"]).exit_code == 0
    assert not store.exists()
    done = CliRunner().invoke(app, ["documents", "heal"])

    assert (done.exit_code, done.output.splitlines()[-1].split(",")[0]) == (0, "1 will be printed again")
    keep(NEW)
    assert name_of_store() != name
