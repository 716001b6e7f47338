"""The commands `bankable documents ...` and `verify`: issued documents, their editions, and genuine files."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, col, select

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from api.commands.backups import verify_backup
from api.commands.case_files import tell_case_file
from api.commands.collaborations import collaboration_named
from api.http.lookups import addressed_to, briefing_for, compared
from documents.imprint import in_words
from documents.languages import LANGUAGES
from states.archive.codes import shown_code
from states.archive.editions import Around, around, differences, editions_of, printing_of
from states.archive.evidence.service import note_download
from states.archive.healing import heal as ask_for_files
from states.archive.healing import unfit_files
from states.archive.portfolios import ask_for_portfolio
from states.archive.queries import document_by_id, find_documents, find_outdated, is_current
from states.archive.sealed_copies import ask_for_seal, unsealed
from states.archive.service import ask_for_edition, ask_for_editions, ask_for_language, offered
from states.archive.shares.queries import Openings, counted, shares_of
from states.archive.shares.service import end_share, share_by_id, share_document, share_link
from states.archive.shares.tables import DocumentShare
from states.archive.store import Kept, store_name, sweep_partial_files
from states.archive.tables import Because, DocumentClass, DocumentKind, IssuedDocument
from states.archive.verification import Verdict, verify_file
from states.backups.service import is_backup
from states.casefile.reading import is_case_file
from states.clock import machine_now
from states.errors import Invalid
from states.outbox.service import publish
from states.partners.queries import member_by_slug, partnership_by_slug
from states.partners.tables import Partnership
from states.rights.access import Role
from states.storage import begin

app = typer.Typer(
    help="List issued documents, ask for them, print them again, make damaged files good.", no_args_is_help=True
)

Slug = Annotated[str | None, typer.Option(help="its short name; without it, every partnership")]
Kind = Annotated[DocumentKind | None, typer.Option(help="these alone")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would happen and change nothing")]


@app.command("list")
def list_documents(
    partnership: Slug = None,
    kind: Kind = None,
    replaced: Annotated[
        bool | None, typer.Option("--replaced/--current", help="editions that were replaced, or those that were not")
    ] = None,
) -> None:
    """List documents in the order of their issue, one a line, tabs between.

    Id, kind, edition, date, title, state, language.
    """
    with begin(read_only=True) as session:
        for row in _partnerships(session, partnership):
            order = col(IssuedDocument.issued_at), col(IssuedDocument.id)
            found = session.exec(find_documents(row.id, kind=kind, replaced=replaced).order_by(*order)).all()
            beside = around(session, found)
            for document in found:
                typer.echo("\t".join([*_named(document), state_of(document, beside[document.id]), document.language]))


@app.command("show")
def show(document: Annotated[str, typer.Argument(help="an id from the list")]) -> None:
    """Show a document: by what it was printed, and all its editions."""
    with begin(read_only=True) as session:
        row = document_by_id(session, document)
        editions = editions_of(session, row.kind, row.subject_id, row.language)
        beside = around(session, editions)
        at = f"{row.issued_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{row.title}: {row.kind.value} in {row.language}, edition {row.edition} of {at}")
        typer.echo(f"sha256 {row.sha256}, {row.size} bytes")
        printing = printing_of(row)
        typer.echo(f"template {printing.template if printing else 'unknown (0.1.0)'}")
        if printing:
            typer.echo(f"fonts {printing.fonts}\nrenderer {printing.renderer}")
        for one in editions:
            typer.echo("\t".join([*_named(one), state_of(one, beside[one.id]), one.language]))


@app.command("request")
def request(
    partnership: Annotated[str, typer.Argument(help="short name of the partnership")],
    collaboration: Annotated[str, typer.Argument(help="short name of the collaboration")],
    kind: Annotated[DocumentKind, typer.Option(help="what is asked for")] = DocumentKind.PROPOSAL,
    addressee: Annotated[
        str, typer.Option(help="of a proposal: bank, region or fund; class, order and depth follow")
    ] = "bank",
    region: Annotated[
        str | None, typer.Option(help="of a briefing, or of a proposal to a region: short name of the one")
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="of a comparison: name of a scenario; two to five times")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="en, de, fr, it, pl or es; without it, that of the partnership's papers")
    ] = None,
) -> None:
    """Ask for a document on a collaboration as it stands; the runner prints it."""
    from documents.gathering import current_subject
    from documents.proposal.addressee import Addressee

    if addressee not in [*Addressee]:
        raise Invalid("value_does_not_fit", field="addressee", remedy="one_of", value=addressee, known=(*Addressee,))
    reader = Addressee(addressee)
    with begin() as session:
        row = collaboration_named(session, partnership, collaboration)
        if scenario and kind is not DocumentKind.COMPARISON:
            raise Invalid("scenarios_of_comparison_only", field="scenario", remedy="leave_it_out", kind=kind)
        if scenario:
            subject = compared(session, row, scenario)
        else:
            shows = DocumentKind.INVESTMENT_PROTOCOL if kind is DocumentKind.BRIEFING else kind
            subject = current_subject(session, shows, collaboration_id=row.id)
        if kind is DocumentKind.PROPOSAL:
            subject = addressed_to(session, row.partnership_id, subject, reader, region=region)
        elif kind is DocumentKind.BRIEFING:
            subject = briefing_for(session, row, subject, region)
        if kind not in (DocumentKind.PROPOSAL, DocumentKind.BRIEFING) and region is not None:
            raise Invalid("region_of_these_only", field="region", remedy="leave_it_out", kind=kind)
        if kind is not DocumentKind.PROPOSAL and reader is not Addressee.BANK:
            raise Invalid("addressee_of_proposal_only", field="addressee", remedy="leave_it_out", kind=kind)
        message = publish(
            session,
            "document.requested",
            partnership_id=row.partnership_id,
            collaboration_id=row.id,
            kind=kind.value,
            subject_id=subject,
            **({"language": offered(language)} if language is not None else {}),
        )
        typer.echo(f"{message.id}\t{kind.value}")


@app.command("translate")
def translate(
    document: Annotated[str, typer.Argument(help="an id from the list")],
    language: Annotated[str, typer.Option(help="en, de, fr, it, pl or es")],
) -> None:
    """Ask for a document in another language as the case stands; the runner prints it beside this one."""
    with begin() as session:
        message = ask_for_language(session, document_by_id(session, document), language)
        typer.echo(f"{message.id}\t{language}")


@app.command("portfolio")
def portfolio(
    partnership: Annotated[str, typer.Argument(help="short name of the partnership")],
    organisation: Annotated[
        str | None, typer.Option(help="short name of the one that reads it; without it, the office reads every case")
    ] = None,
) -> None:
    """Ask for the portfolio book: every case that its reader may read, a page each, with sums by stage and region."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        reader = member_by_slug(session, row.id, organisation)[0].id if organisation is not None else None
        typer.echo(f"{ask_for_portfolio(session, row.id, organisation_id=reader).id}\t{DocumentKind.PORTFOLIO.value}")


@app.command("bundle")
def bundle(
    document: Annotated[str, typer.Argument(help="an id from the list")],
    to: Annotated[Path, typer.Argument(dir_okay=False, help="the file to write; none may be there")],
    evidence_class: Annotated[
        DocumentClass | None, typer.Option("--class", help="evidence of this class alone")
    ] = None,
) -> None:
    """Write a document with the evidence behind it into one file for printing; it claims no conformance."""
    # Here, not above: no other command lays a sheet out.
    from documents.bundle import bundle_of

    with begin() as session:
        content, taken = bundle_of(session, document_by_id(session, document), evidence_class=evidence_class)
        try:
            with to.open("xb") as file:
                file.write(content)
        except OSError as error:
            raise typer.BadParameter(f"{to}: {error.strerror}", param_hint="TO") from error
        for one in taken:
            note_download(session, one, person_id=None, role=Role.ADMINISTRATOR)
    typer.echo(f"{to}: {len(taken)} annexes")


@app.command("reissue")
def reissue(
    document: Annotated[str | None, typer.Argument(help="an id from the list")] = None,
    kind: Annotated[
        DocumentKind | None, typer.Option(help="all of this kind that another template, font or renderer printed")
    ] = None,
    partnership: Slug = None,
    dry_run: DryRun = False,
) -> None:
    """Ask that a document, or all outdated ones of a kind, be printed again with the content that they had.

    The runner prints them. Where other bytes come out they are the next edition; where the same do nothing is replaced.
    """
    # Here, not above: the digests of templates need what a document is made of, and no other command does.
    from documents.printing import printing

    if (document is None) is (kind is None):
        raise Invalid("name_document_or_kind", field="document")
    with begin(read_only=dry_run) as session:
        if document is not None:
            row = document_by_id(session, document)
            found, today = [row], {row.language: printing(row.kind, row.language)}
            if not dry_run:
                ask_for_edition(session, row, today[row.language])
        else:
            assert kind is not None
            found, today = [], {language: printing(kind, language) for language in LANGUAGES}
            for one in _partnerships(session, partnership):
                found += session.exec(find_outdated(session, one.id, kind, today)).all()
            if not dry_run:
                ask_for_editions(session, found)
        for row in found:
            typer.echo("\t".join([*_named(row), in_words(differences(row, today[row.language]))]))
    typer.echo(f"{len(found)} would be printed again." if dry_run else f"{len(found)} will be printed again.")


@app.command("seal")
def seal(
    document: Annotated[str | None, typer.Argument(help="an id from the list; without it, all without a seal")] = None,
    partnership: Slug = None,
    dry_run: DryRun = False,
) -> None:
    """Ask that documents be sealed by the key of the settings (BANKABLE_SEAL_KEY); the runner does it."""
    with begin(read_only=dry_run) as session:
        if document is not None:
            found = [document_by_id(session, document)]
            if not dry_run:
                ask_for_seal(session, found[0])
        else:
            scopes = [col(IssuedDocument.partnership_id) == row.id for row in _partnerships(session, partnership)]
            found = [row for scope in scopes for row in unsealed(session, scope, is_current())]
            if not dry_run:
                for row in found:
                    ask_for_seal(session, row)
        for row in found:
            typer.echo("\t".join(_named(row)))
    typer.echo(f"{len(found)} would be sealed." if dry_run else f"{len(found)} will be sealed.")


@app.command("make-seal-key")
def make_seal_key(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="the file to write (.p12); none may be there")],
    holder: Annotated[str, typer.Option(help="who seals, as readers see it")],
    passphrase: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="of the file; may be empty")
    ] = "",
) -> None:
    """Make a key for BANKABLE_SEAL_KEY where no authority issues one, and beside it the certificate that readers trust.

    Readers who do not have the certificate see that a file is as it was sealed, and that nobody vouches for the sealer.
    """
    # Here, not above: no other command makes a key.
    from documents.seal_keys import make_key

    try:
        certificate = make_key(file, holder, passphrase=passphrase)
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}", param_hint="FILE") from error
    typer.echo(
        f"{file}: for BANKABLE_SEAL_KEY\n{certificate}: for BANKABLE_SEAL_ROOTS, here and of whoever checks seals"
    )


@app.command("share")
def share(
    document: Annotated[str, typer.Argument(help="an id from the list")],
    recipient: Annotated[str, typer.Option("--for", help="whom it is meant for")],
    days: Annotated[int, typer.Option(help="after which the link ends")] = 30,
) -> None:
    """Share one edition with somebody outside, such as a bank: make a link that ends, and counts who opens it."""
    with begin() as session:
        made, text = share_document(session, document_by_id(session, document), recipient=recipient, days=days)
        typer.echo(f"{made.id}\t{made.expires_at:%Y-%m-%d}\t{share_link(text)}")


@app.command("shares")
def shares(document: Annotated[str, typer.Argument(help="an id from the list")]) -> None:
    """List with whom a document was shared, one a line, tabs between: id, recipient, until, how often opened, state."""
    with begin(read_only=True) as session:
        found = shares_of(document_by_id(session, document).id)
        rows = session.exec(found.order_by(col(DocumentShare.shared_at), col(DocumentShare.id))).all()
        openings = counted(session, [row.id for row in rows])
        for row in rows:
            state = "ended" if row.ended_at else "over" if row.expires_at <= machine_now() else "open"
            count = openings.get(row.id, Openings()).count
            typer.echo("\t".join([row.id, row.recipient, f"{row.expires_at:%Y-%m-%d}", str(count), state]))


@app.command("unshare")
def unshare(share: Annotated[str, typer.Argument(help="an id that `shares` lists")]) -> None:
    """End a share at once: its link opens nothing any more."""
    with begin() as session:
        end_share(session, share_by_id(session, share))
    typer.echo("Ended.")


@app.command("heal")
def heal(dry_run: DryRun = False) -> None:
    """Read every file in the store; ask for those anew that are missing or damaged, and sweep old partial files up.

    The runner prints them. Where the same bytes come out the file is good again; else a new edition takes its place.
    A store that is not there counts as lost: a new one is begun, so put back first what is only away.
    """
    unfit = unfit_files()
    for one in unfit:
        said = "is back" if one.kept is Kept.INTACT else one.kept.value
        typer.echo("\t".join([*_named(one.document), said]))
    if dry_run:
        typer.echo(f"{len(unfit)} would be printed again.")
        return
    store_name()
    swept = sweep_partial_files()
    with begin() as session:
        asked = ask_for_files(session, unfit)
    typer.echo(
        f"{asked} will be printed again, {len(unfit) - asked} were asked for already; {swept} partial files gone."
    )


_REPLACED, _ALTERED, _STRANGE = 3, 4, 5
_VERDICTS = {
    Verdict.UNALTERED: "unaltered.",
    Verdict.EXTENDED: "EXTENDED: it begins as it was issued, and somebody has added to it.",
    Verdict.ALTERED: "ALTERED: its bytes are not those that were issued.",
    Verdict.UNKNOWN: "unknown. No document was issued here with these bytes, or with its code or identifier.",
}


def verify(
    file: Annotated[Path, typer.Argument(help="a file as somebody received it", dir_okay=False, exists=True)],
) -> None:
    """Say whether a file is a document that was issued here, or whether a case file or backup is as it was made.

    A case file and a backup are checked without any installation: the exit code is 1 unless everything is as it was. Of
    a document also is said which edition it is: 0, genuine and current; 3, genuine, and a later edition has replaced
    it; 4, altered, or something was added to it; 5, none that was issued here.
    """
    if is_case_file(file):
        tell_case_file(file)
        return
    if is_backup(file):
        verify_backup(file)
        return
    with begin(read_only=True) as session:
        found = verify_file(session, file.read_bytes())
        typer.echo(f"{file}: {_VERDICTS[found.verdict]}")
        if (row := found.document) is None:
            raise typer.Exit(_STRANGE)
        partnership, beside = session.get_one(Partnership, row.partnership_id), around(session, [row])[row.id]
        typer.echo(f"{row.kind.value} of {partnership.name}: {row.title}")
        code = f", code {shown_code(row.code)}" if row.code else ""
        issued = f"issued {row.issued_at:%Y-%m-%d %H:%M} UTC{code}, in {row.language}"
        typer.echo(f"document {row.id}, edition {row.edition}, {issued}")
        if (seal := found.seal) is not None:
            at = f"{seal.sealed_at:%Y-%m-%d %H:%M} UTC"
            typer.echo(f"sealed by {seal.signer}, {at}, PAdES {seal.level.value}")
        typer.echo(f"template {row.template or 'unknown (0.1.0)'}")
        typer.echo(state_of(row, beside))
    if found.verdict is not Verdict.UNALTERED:
        raise typer.Exit(_ALTERED)
    if beside.replaced_by is not None:
        raise typer.Exit(_REPLACED)


def state_of(row: IssuedDocument, beside: Around) -> str:
    """Say what became of an edition: current, or replaced by which one and why; and whether its file is lost."""
    said = "current"
    if (later := beside.replaced_by) is not None:
        said = f"replaced by edition {later.edition} ({later.id}): {in_words([Because(one) for one in later.because])}"
    return f"{said}; its file is lost" if row.lost_at else said


def _named(row: IssuedDocument) -> tuple[str, ...]:
    return row.id, row.kind.value, str(row.edition), f"{row.issued_at:%Y-%m-%d}", row.title


def _partnerships(session: Session, slug: str | None) -> list[Partnership]:
    if slug is not None:
        return [partnership_by_slug(session, slug)]
    return list(session.exec(select(Partnership).order_by(col(Partnership.slug))))
