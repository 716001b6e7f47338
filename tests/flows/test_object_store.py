"""A store in an object store: S3 as s3fs speaks it, a server of it on loopback, and other machines that write to it."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import fsspec
import httpx
import pytest
from s3fs import S3FileSystem
from sqlmodel import select
from typer.testing import CliRunner

from api.cli import app
from api.operations.integrity import stored
from flows.catalogue import flow_named
from flows.host import run_here
from flows.relay import relay_batch
from states.archive.absence import StoreAway, keep, name_of_store, read
from states.archive.store import Kept, is_named, keep_bytes, read_bytes, sweep_partial_files, verify
from states.archive.tables import IssuedDocument
from states.errors import Missing
from states.settings import settings
from states.storage import begin, new_id
from tests import unrecorded
from tests.expect import race
from tests.flows.conftest import World, announce, event_state, free_port, relay_all
from tests.states.outbox.outbox import end_lease
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

CONTENT = b"%PDF-1.7 a proposal"
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that speaks S3."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(url), of=process)
        yield url
        process.terminate()
        process.wait(HANG_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture
def bucket(server: str, installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store of this installation, which its environment names as docs/how-to/operations.md says."""
    name = f"bankable-{new_id()}"
    for key, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL_S3": server,
        "AWS_MAX_ATTEMPTS": "1",
        "BANKABLE_STORE_URL": f"s3://{name}/store",
    }.items():
        monkeypatch.setenv(key, value)
    _begin_anew()
    elsewhere().mkdir(name)
    yield f"{name}/store"
    _begin_anew()


def _begin_anew() -> None:
    settings.cache_clear()
    S3FileSystem.clear_instance_cache()


def elsewhere() -> S3FileSystem:
    """Return the store as another machine has it."""
    return fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)


def path_of(bucket: str, digest: str) -> str:
    return f"{bucket}/{digest[:2]}/{digest}"


def test_what_is_kept_is_there_and_what_is_damaged_is_written_anew(bucket: str) -> None:
    before = (is_named(), verify(DIGEST))
    name = name_of_store()
    assert (keep_bytes(CONTENT), keep_bytes(CONTENT)) == (DIGEST, DIGEST)
    assert (before, is_named(), name_of_store()) == ((False, Kept.MISSING), True, name)
    assert elsewhere().find(bucket) == [path_of(bucket, DIGEST), f"{bucket}/name"]

    elsewhere().pipe_file(path_of(bucket, DIGEST), b"!" * len(CONTENT))
    damaged = verify(DIGEST)
    with pytest.raises(Missing, match="intact stored file"):
        read_bytes(DIGEST)
    keep_bytes(CONTENT)

    assert (damaged, read_bytes(DIGEST), verify(DIGEST)) == (Kept.DAMAGED, CONTENT, Kept.INTACT)


def test_what_another_machine_does_is_seen(bucket: str) -> None:
    keep_bytes(CONTENT)
    assert (is_named(), sweep_partial_files()) == (False, 0)
    elsewhere().pipe_file(f"{bucket}/name", b"theirs")
    elsewhere().pipe_file(f"{path_of(bucket, DIGEST)}.{new_id()}", b"partial")

    assert (is_named(), name_of_store()) == (True, "theirs")
    assert (sweep_partial_files(), sweep_partial_files(older_than=timedelta(0))) == (0, 1)
    elsewhere().rm_file(path_of(bucket, DIGEST))
    assert verify(DIGEST) is Kept.MISSING


@pytest.mark.usefixtures("bucket")
def test_many_may_keep_the_same_bytes_at_once() -> None:
    digests = race(*[lambda: (keep_bytes(CONTENT), verify(DIGEST))] * 4)

    assert digests == [(DIGEST, Kept.INTACT)] * 4


def test_a_server_that_is_away_is_no_missing_object(bucket: str, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(CONTENT)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    _begin_anew()
    with pytest.raises(StoreAway, match="Could not connect to the endpoint"):
        keep(CONTENT)
    with pytest.raises(StoreAway), begin(read_only=True) as session:
        read(session, DIGEST)
    said = stored(deep=True, tell=lambda *_: None)

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    _begin_anew()
    assert (said[0], read_bytes(DIGEST)) == (False, CONTENT)


@pytest.mark.usefixtures("bucket")
def test_without_its_package_or_its_keys_a_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_STORE_URL", "gs://elsewhere/store")
    _begin_anew()
    with pytest.raises(StoreAway, match="gcsfs"):
        keep(CONTENT)
    monkeypatch.setenv("BANKABLE_STORE_URL", "s3://elsewhere/store")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(key)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    _begin_anew()
    with pytest.raises(StoreAway, match="Unable to locate credentials"):
        keep(CONTENT)


@pytest.mark.long
@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_document_is_printed_healed_and_backed_up(
    bucket: str, world: World, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    _begin_anew()
    asked = announce(world, "document.requested", kind="investment-protocol")
    relay_batch()
    waiting = event_state(asked)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    _begin_anew()
    end_lease(asked)
    relay_all()
    with begin(read_only=True) as session:
        (row,) = session.exec(select(IssuedDocument)).all()
    assert (waiting.tries_failed, waiting.tries_broken_off, verify(row.sha256)) == (0, 1, Kept.INTACT)

    elsewhere().pipe_file(path_of(bucket, row.sha256), b"damaged")
    elsewhere().pipe_file(f"{bucket}/ab/stray", b"nobody names it")
    found = stored(deep=True, tell=lambda *_: None)
    run_here(flow_named("heal_documents"), {})
    relay_all()
    mended = stored(deep=True, tell=lambda *_: None)
    content = read_bytes(row.sha256)
    made = CliRunner().invoke(app, ["backup", "make", str(tmp_path / "backup.zip")])
    monkeypatch.setenv("BANKABLE_STORE_URL", f"s3://{bucket}-restored")
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "restored"))
    _begin_anew()
    with unrecorded.whole_database():
        restored = CliRunner().invoke(app, ["backup", "restore", str(tmp_path / "backup.zip")])

    assert (made.exception, restored.exception) == (None, None)
    assert read_bytes(row.sha256) == content != b"damaged"
    assert (found[0], mended[0], "ab/stray" in str(mended)) == (False, True, True), (found, mended)
