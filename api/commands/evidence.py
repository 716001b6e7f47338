"""The commands `bankable evidence`: file, list, get, supersede, withdraw and redact files, ask for one by a link."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.archive.absence import read, read_chunks
from states.archive.evidence.arriving import arrived
from states.archive.evidence.queries import ORDERS, evidence_by_id, find_evidence
from states.archive.evidence.removal import remove_bytes
from states.archive.evidence.service import (
    Upload,
    file_upload,
    filing_of,
    may_have_signatures,
    need_bytes,
    note_download,
    redact_evidence,
)
from states.archive.evidence.tables import Evidence, EvidenceState, EvidenceSubject, Scan
from states.archive.tables import DocumentClass
from states.collaborations.queries import collaboration_by_id
from states.credentials.links import LinkFor, LinkPurpose, SignedLink, make_link, revoke_link
from states.crossings.evidence import Wanted, ask_for_evidence, demands, file_evidence, withdraw
from states.errors import Missing
from states.partners.addresses import address_key
from states.partners.queries import find_grants, organisation_slugs
from states.rights.access import Role
from states.settings import settings
from states.storage import begin

evidence = typer.Typer(
    help="File, list, get, supersede, withdraw and redact evidence, or ask for some by a link.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(metavar="EVIDENCE", help="its id, as in the list")]
Kind = Annotated[str, typer.Option(help="a kind of the playbook, such as letter_of_support")]
Reason = Annotated[str, typer.Option(help="why")]
Day = Annotated[datetime, typer.Option("--dated", formats=["%Y-%m-%d"], help="the day that the document itself bears")]
Class = Annotated[DocumentClass, typer.Option("--class", help="who may read it")]


@evidence.command("file")
def file_files(
    partnership: Partnership,
    slug: Slug,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="one or more files")],
    kind: Kind,
    dated: Day,
    title: Annotated[str, typer.Option(help="what it is; without it the name of the file")] = "",
    description: Annotated[str, typer.Option(help="more of it")] = "",
    organisation: Annotated[str, typer.Option(help="short name of the member whose it is")] = "",
    region: Annotated[str, typer.Option(help="short name of the region that gave it")] = "",
    subject: Annotated[EvidenceSubject, typer.Option(help="what it is about")] = EvidenceSubject.COLLABORATION,
    subject_name: Annotated[str, typer.Option(help="short name, key or id of that")] = "",
    evidence_class: Class = DocumentClass.CONFIDENTIAL,
) -> None:
    """File files, all of them or none, and print for each its id, SHA-256 and what the scanner said."""
    wanted = Wanted(kind, title, dated.date(), evidence_class, subject, subject_name, organisation, region, description)
    with _arrived(files) as uploads, begin() as session:
        row = collaboration_named(session, partnership, slug)
        for upload in uploads:
            said = replace(wanted, title=title or upload.name)
            _tell(file_evidence(session, row, said, upload, actor=None))


@evidence.command("list")
def list_evidence(
    partnership: Partnership,
    slug: Slug,
    kind: Annotated[str | None, typer.Option(help="these alone")] = None,
    state: Annotated[EvidenceState | None, typer.Option(help="in this state alone")] = None,
) -> None:
    """List evidence, one a line with tabs between: id, kind, whose, date, class, state, bytes, file, title."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        query = find_evidence(row.partnership_id, collaboration_ids=[row.id], kind=kind, state=state)
        found = session.exec(query.order_by(ORDERS["filed"], col(Evidence.id))).all()
        names = organisation_slugs(session, {one.organisation_id for one in found if one.organisation_id})
        for one in found:
            whose, day = names.get(one.organisation_id or "", ""), one.dated_on.isoformat()
            said = (one.id, one.kind, whose, day, one.evidence_class, one.state, str(one.size))
            typer.echo("\t".join((*said, one.file_name, one.title)))


@evidence.command("demands")
def list_demands(partnership: Partnership, slug: Slug) -> None:
    """List what the playbook asks for, one a line with tabs between: kind, who owes it, stages, state, date, since."""
    with begin(read_only=True) as session:
        for one in demands(session, collaboration_named(session, partnership, slug)):
            days = [day.isoformat() if day else "" for day in (one.dated_on, one.oldest)]
            typer.echo("\t".join((one.kind, one.owner or one.source, ",".join(one.stages), one.state, *days)))


@evidence.command("signatures")
def signatures(key: Key) -> None:
    """Say who signed a PDF, one a line, tabs between: signer, issuer, when, whether intact, whole and trusted."""
    # Here, not above: pyHanko takes half a second, and no other command needs it.
    from documents.signatures import signatures_of

    with begin(read_only=True) as session:
        row = evidence_by_id(session, key)
        need_bytes(row)
        found = signatures_of(read(session, row.sha256)) if may_have_signatures(row) else ()
    for one in found:
        at = one.stamped_at or one.signed_at
        typer.echo(
            "\t".join(
                [
                    one.signer or "unreadable",
                    one.issuer,
                    f"{at:%Y-%m-%d %H:%M} UTC" if at else "",
                    "intact" if one.intact else "ALTERED",
                    "whole" if one.whole else "ADDED TO",
                    one.trust.value,
                ]
            )
        )
    if not found:
        typer.echo("It has no signature.")


@evidence.command("get")
def get(
    key: Key, to: Annotated[Path, typer.Argument(dir_okay=False, help="the file to write; none may be there")]
) -> None:
    """Write a file's bytes, compared with their SHA-256; that the office had them is noted."""
    with begin() as session:
        row = evidence_by_id(session, key)
        need_bytes(row)
        chunks = read_chunks(session, row.sha256)
        try:
            with to.open("xb") as file:
                file.writelines(chunks)
        except OSError as error:
            raise typer.BadParameter(f"{to}: {error.strerror}", param_hint="TO") from error
        note_download(session, row, person_id=None, role=Role.ADMINISTRATOR)
    typer.echo(f"{to}: {row.sha256}")


@evidence.command()
def supersede(
    key: Key,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the newer file")],
    dated: Day,
    title: Annotated[str, typer.Option(help="what it is; without it the former title")] = "",
) -> None:
    """File a newer file in the place of one: of the same kind, subject, class and organisation."""
    with _arrived([file]) as [upload], begin() as session:
        former = evidence_by_id(session, key)
        said = replace(filing_of(former), dated_on=dated.date(), title=title or former.title)
        row = collaboration_by_id(session, former.collaboration_id)
        _tell(file_upload(session, row, said, upload, person_id=None, supersedes=former))


@evidence.command("withdraw")
def withdraw_one(key: Key, reason: Reason) -> None:
    """Withdraw a file on which nobody relied yet; its bytes are removed."""
    with begin() as session:
        withdraw(session, evidence_by_id(session, key), reason=reason)
    remove_bytes()
    typer.echo("It is withdrawn.")


@evidence.command()
def redact(key: Key, reason: Reason) -> None:
    """Remove the bytes of a file; its record, hash and the reason stay."""
    with begin() as session:
        redact_evidence(session, evidence_by_id(session, key), reason=reason)
    remove_bytes()
    typer.echo("It is redacted.")


@evidence.command("link")
def link(
    partnership: Partnership,
    slug: Slug,
    organisation: Annotated[str, typer.Argument(help="short name of the member that is asked")],
    person: Annotated[str, typer.Option(help="e-mail address of somebody who speaks for it")],
    kind: Kind,
    days: Annotated[int, typer.Option(min=1, max=60, help="how long it is good")] = 30,
    evidence_class: Class = DocumentClass.CONFIDENTIAL,
) -> None:
    """Print a link by which a member's person files one kind of evidence without an account."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        found = session.exec(find_grants(row.partnership_id, role=Role.PARTNER, email=address_key(person))).first()
        if found is None:
            raise Missing("person", person)
        key = found[1].id
        asked = ask_for_evidence(
            session, row, organisation=organisation, kind=kind, evidence_class=evidence_class, person_id=key
        )
        wanted = LinkFor(row.partnership_id, key, LinkPurpose.EVIDENCE, asked.id)
        text = make_link(session, wanted, days=days)
    typer.echo(f"{settings().public_url}/api/v1/links/evidence/{text}")


@evidence.command("unlink")
def unlink(text: Annotated[str, typer.Argument(metavar="LINK", help="as `link` printed it")]) -> None:
    """End a link at once; what was filed by it stays."""
    key = text.rpartition("/")[2].partition(".")[0]
    with begin() as session:
        row = session.get(SignedLink, key)
        if row is None or row.purpose is not LinkPurpose.EVIDENCE:
            raise Missing("link", key)
        revoke_link(session, key)
    typer.echo("The link is revoked.")


@contextmanager
def _arrived(files: list[Path]) -> Iterator[list[Upload]]:
    with ExitStack() as stack:
        opened = [(stack.enter_context(file.open("rb")), file.name) for file in files]
        yield stack.enter_context(arrived(opened))


def _tell(row: Evidence) -> None:
    scanned = "not scanned: no scanner is configured" if row.scan is Scan.NOT_SCANNED else row.scan.value
    typer.echo("\t".join((row.id, row.sha256, row.file_name, scanned)))
