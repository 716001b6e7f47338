"""A seal lies behind the bytes that were issued, breaks neither standard, and is checked by poppler and by pyHanko."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from documents.render import render
from documents.seal_keys import make_key
from documents.sealing import AuthorityAway, SealKeyUnfit, seal
from documents.signatures import Signature, Trust, signatures_of
from states.archive.codes import Stamp
from states.archive.tables import DocumentKind, SealLevel
from states.errors import Invalid
from states.settings import settings
from tests.authority import PASSPHRASE, Authority, an_authority
from tests.documents.conforming import faults_of
from tests.documents.test_conformance import Samples

LETTER, PROTOCOL = DocumentKind.DECISION_LETTER, DocumentKind.INVESTMENT_PROTOCOL
STAMP = Stamp("7K3M9QXT2P", "https://bankable.example/verify/7K3M9QXT2P")


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with an_authority() as made:
        yield made


@pytest.fixture
def key(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Set a key of the authority, and that it is trusted."""
    monkeypatch.setenv("BANKABLE_SEAL_KEY", str(authority.keep_key(tmp_path)))
    monkeypatch.setenv("BANKABLE_SEAL_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("BANKABLE_SEAL_ROOTS", str(authority.keep_root(tmp_path)))
    settings.cache_clear()
    yield authority
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def clock(key: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Let the authority stamp the time, too."""
    set_to(monkeypatch, "BANKABLE_SEAL_TIMESTAMP_URL", key.address)
    return key


def set_to(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()


@pytest.fixture(scope="module")
def letter(samples: Samples) -> bytes:
    return render(LETTER, samples[LETTER], stamp=STAMP)


def one_signature(content: bytes) -> Signature:
    [found] = signatures_of(content)
    return found


def plain(found: Signature) -> Signature:
    """Return a signature without its times."""
    return replace(found, signed_at=None, stamped_at=None)


GOOD = Signature(
    "Office of the partnership", "Test Authority", None, None, intact=True, whole=True, trust=Trust.TRUSTED
)


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget the settings of a test."""
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("forgotten")
def test_a_key_of_ones_own_seals_and_who_has_its_certificate_trusts_it(
    letter: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_key(tmp_path / "own.p12", "Office without an authority", passphrase=PASSPHRASE)
    monkeypatch.setenv("BANKABLE_SEAL_KEY", str(tmp_path / "own.p12"))
    set_to(monkeypatch, "BANKABLE_SEAL_PASSPHRASE", PASSPHRASE)
    sealed = seal(letter).content
    strangers = one_signature(sealed)
    set_to(monkeypatch, "BANKABLE_SEAL_ROOTS", str(certificate))
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    told = subprocess.run(["pdfsig", "sealed.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert (tmp_path / "own.p12").stat().st_mode & 0o077 == 0
    assert (strangers.signer, strangers.trust) == ("Office without an authority", Trust.UNKNOWN)
    assert one_signature(sealed).trust is Trust.TRUSTED
    assert ("Signature is Valid." in told, "Office without an authority" in told) == (True, True)
    assert faults_of(sealed) == []


@pytest.mark.parametrize("holder", [" ", "x" * 65])
def test_a_holder_that_no_certificate_can_name(holder: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        make_key(tmp_path / "own.p12", holder)

    assert list(tmp_path.iterdir()) == []


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    make_key(tmp_path / "own.p12", "Office")
    before = (tmp_path / "own.p12").read_bytes()

    with pytest.raises(FileExistsError):
        make_key(tmp_path / "own.p12", "Office")

    assert (tmp_path / "own.p12").read_bytes() == before


@pytest.mark.usefixtures("key")
def test_a_seal_without_an_authority_is_basic(letter: bytes) -> None:
    made = seal(letter)

    assert (made.level, made.signer, made.authority) == (SealLevel.BASIC, "Office of the partnership", "")
    assert made.content.startswith(letter)
    assert faults_of(made.content) == []
    assert (plain(one_signature(made.content)), one_signature(made.content).stamped_at) == (GOOD, None)


def test_a_seal_with_an_authority_holds_for_the_long_term(letter: bytes, clock: Authority) -> None:
    made = seal(letter)

    assert (made.level, made.authority) == (SealLevel.LONG_TERM, clock.address)
    assert made.content.startswith(letter)
    assert faults_of(made.content) == []
    found = one_signature(made.content)
    assert (plain(found), found.stamped_at is not None) == (GOOD, True)
    assert all(word in made.content[len(letter) :] for word in (b"/DSS", b"/CRLs", b"/ETSI.CAdES.detached"))


@pytest.mark.usefixtures("clock")
def test_a_certificate_may_end_in_any_byte(letter: bytes, authority: Authority, tmp_path: Path) -> None:
    authority.keep_key(tmp_path, ends=b"\r")  # with a line feed behind it, a validator takes both for one end of a line

    made = seal(letter)

    assert (made.level, faults_of(made.content), plain(one_signature(made.content))) == (SealLevel.LONG_TERM, [], GOOD)


@pytest.mark.long
@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.usefixtures("clock")
def test_every_kind_conforms_with_its_seal(kind: DocumentKind, samples: Samples) -> None:
    made = seal(render(kind, samples[kind], stamp=STAMP))

    assert (faults_of(made.content), plain(one_signature(made.content))) == ([], GOOD)


@pytest.mark.usefixtures("clock")
def test_poppler_says_that_it_is_valid(letter: bytes, tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(seal(letter).content)

    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=True).stdout

    wanted = ["Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "Office of the partnership"]
    assert [one for one in wanted if one not in said] == []


@pytest.mark.usefixtures("clock")
def test_one_byte_that_is_changed_shows(letter: bytes) -> None:
    content = bytearray(seal(letter).content)
    content[letter.index(b"stream") + 40] ^= 1

    assert plain(one_signature(bytes(content))) == replace(GOOD, intact=False, trust=Trust.UNTRUSTED)


@pytest.mark.usefixtures("clock")
def test_what_is_added_behind_shows(letter: bytes) -> None:
    content = seal(letter).content + b"\n% a comment"

    assert plain(one_signature(content)) == replace(GOOD, whole=False)


def test_whom_nobody_vouches_for_is_not_trusted(
    letter: bytes, key: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = seal(letter).content

    with an_authority("Another Authority") as another:
        set_to(monkeypatch, "BANKABLE_SEAL_ROOTS", str(another.keep_root(tmp_path)))
    assert plain(one_signature(content)) == replace(GOOD, trust=Trust.UNTRUSTED)
    monkeypatch.delenv("BANKABLE_SEAL_ROOTS")
    settings.cache_clear()
    assert plain(one_signature(content)) == replace(GOOD, trust=Trust.UNKNOWN)


def test_where_nobody_tells_what_is_revoked_the_time_stands_alone(
    letter: bytes, authority: Authority, clock: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_authority("Gone soon") as gone:
        monkeypatch.setenv("BANKABLE_SEAL_KEY", str(gone.keep_key(tmp_path)))
        set_to(monkeypatch, "BANKABLE_SEAL_ROOTS", str(gone.keep_root(tmp_path)))

    made = seal(letter)

    assert (made.level, faults_of(made.content)) == (SealLevel.TIMED, [])


def test_an_authority_that_is_away_is_an_outage(letter: bytes, key: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with an_authority("Away") as away:
        set_to(monkeypatch, "BANKABLE_SEAL_TIMESTAMP_URL", away.address)

    with pytest.raises(AuthorityAway, match=re.escape(away.address)):
        seal(letter)


@pytest.mark.parametrize(("name", "value"), [("SEAL_PASSPHRASE", "another"), ("SEAL_KEY", "/no/such/file")])
def test_a_key_that_cannot_be_read_says_which(
    letter: bytes, key: Authority, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    set_to(monkeypatch, f"BANKABLE_{name}", value)

    with pytest.raises(SealKeyUnfit, match=re.escape(str(settings().seal_key))):
        seal(letter)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\3\4", b"%PDF-1.7\n" + b"<<" * 5_000, bytes(1000)])
def test_what_is_no_pdf_has_no_signatures(content: bytes) -> None:
    assert signatures_of(content) == ()


def test_a_document_without_a_seal_has_no_signatures(letter: bytes) -> None:
    assert signatures_of(letter) == ()


@pytest.mark.long
def test_nobody_loads_pyhanko_who_does_not_seal() -> None:
    program = (
        "import sys, api.app, flows.catalogue; print([one for one in ('pyhanko', 'pikepdf') if one in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
