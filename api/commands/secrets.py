"""The commands `bankable secret`: which secrets are here, another one in force, and the end of a former one."""

from collections import Counter

import typer
from sqlmodel import col, func, select

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from states.credentials.links import SignedLink
from states.errors import BankableError, Missing
from states.seals import SealTip
from states.seals.resealing import scopes_in_parts, seal_by_secret_in_force
from states.seals.seal import key_of
from states.seals.secrets import forget_secret, known_secrets, name_of, rotate_secret, secret_in_force
from states.storage import begin

secrets = typer.Typer(help="List, change and end the secrets that sign links and seals.", no_args_is_help=True)


class StillInForce(BankableError):
    """The secret in force cannot be ended."""

    code = "secret_in_force"


@secrets.command("list")
def list_secrets() -> None:
    """List the secrets by name, one a line with tabs between: name, state, cases that it has sealed."""
    with begin(read_only=True) as session:
        tips = session.exec(select(SealTip.seal).execution_options(yield_per=1000))
        sealed = Counter(key_of(seal) for seal in tips)
    here = [name_of(secret) for secret in known_secrets()]
    for name in [*here, *sorted(sealed.keys() - {*here})]:
        state = "in force" if here[:1] == [name] else "former" if name in here else "NOT HERE"
        typer.echo(f"{name}\t{state}\t{sealed[name]}")


@secrets.command()
def rotate() -> None:
    """Put a new secret in force; the one before goes on to open links and to verify seals, until it is retired."""
    before, after = rotate_secret()
    typer.echo(f"{after} is in force; {before} still opens links and verifies seals.")
    typer.echo(
        f"Copy both files to every machine of the installation. `bankable secret retire {before}` ends the former."
    )


@secrets.command()
def retire(name: str) -> None:
    """Seal by the secret in force whatever a former one has sealed, then end it: links that it signed open no more.

    Where something does not fit its seal, the former secret stays.
    """
    secret = next((one for one in known_secrets() if name_of(one) == name), None)
    if secret is None:
        raise Missing("secret", name)
    if secret == secret_in_force():
        raise StillInForce(name=name)
    with begin(read_only=True) as session:
        parts = list(scopes_in_parts(session.connection()))
        unused = (col(SignedLink.used_at).is_(None), col(SignedLink.revoked_at).is_(None))
        links = session.exec(select(func.count()).select_from(SignedLink).where(*unused)).one()
    for part in parts:
        with begin() as session:
            seal_by_secret_in_force(session, part)
    typer.echo(f"Everything is sealed by {name_of(secret_in_force())}. Of {links} open links those by {name} end.")
    forget_secret(secret)
