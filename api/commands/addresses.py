"""What a command says of an address that few mail servers reach."""

import typer

from states.partners.addresses import address_key, needs_smtputf8


def warn_of(email: str) -> None:
    """Say on standard error that mails go to an address by SMTPUTF8 alone, where that is so."""
    if needs_smtputf8(address_key(email)):
        said = "has letters outside ASCII before the @: mails reach it only where the mail server offers SMTPUTF8"
        typer.echo(f"{email} {said}.", err=True)
