"""Settings of an installation: environment variables that begin with `BANKABLE_`."""

import re
from email.utils import formataddr
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _one_sender(written: str) -> str:
    """Return a sender as the header of a mail has it: a name with a comma in it is one name, quoted or not."""
    found = re.fullmatch(r'\s*"?([^<>"]*?)"?\s*<\s*([^<>\s]+)\s*>\s*', written)
    return formataddr((found[1].replace("\\", ""), found[2])) if found else written.strip()


class Settings(BaseSettings):
    """What one installation may set; the defaults run everything on one machine."""

    model_config = SettingsConfigDict(env_prefix="BANKABLE_", frozen=True)

    home: Path = Field(default=Path("var"), description="folder of the database, the store and the mail files")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite in `home`")
    store_url: str = Field(default="", description="fsspec address of the document store; empty: a folder in `home`")
    smtp_url: str = Field(default="", description="smtp://user:password@host:port; empty: mails become .eml files")
    smtp_tls: Literal["offered", "required"] = Field(
        default="offered", description="STARTTLS where the server offers it, or no mail without it"
    )
    mail_from: Annotated[str, AfterValidator(_one_sender)] = Field(
        default="bankable@localhost", description="sender of every mail"
    )
    public_url: str = Field(
        default="http://127.0.0.1:8400",
        description="where links in mails lead",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="a JSON list of the proxies' addresses or networks that are believed from where a request came",
    )
    guesses_per_minute: int = Field(
        default=60, ge=0, description="unknown tokens, links and calendars from one address, then it waits; 0: no limit"
    )
    dear_per_minute: int = Field(
        default=60, ge=0, description="imports, exports, solutions and the like by one bearer; 0: no limit"
    )
    sign_in_tries: int = Field(
        default=10,
        ge=0,
        description="wrong passwords, and mails asked for, for one address in 15 minutes; 0: no limit",
    )
    session_idle_minutes: int = Field(
        default=480,
        ge=0,
        description="without a page read or a form sent, after which a browser is signed out; 0: after 14 days alone",
    )
    oidc_issuer: str = Field(
        default="", description="address of an OpenID Connect issuer by which people sign in; empty: none"
    )
    oidc_client_id: str = Field(default="", description="what this installation is called there")
    oidc_client_secret: str = Field(default="", description="by which it names itself there; empty: see the file")
    oidc_client_secret_file: Path | None = Field(default=None, description="file that holds this secret and no more")
    oidc_name: str = Field(default="OpenID Connect", description="what the sign-in page calls the issuer")
    body_seconds: int = Field(
        default=30, ge=1, description="without a piece of a request's body, after which it is given up (408)"
    )
    secret: str = Field(
        default="", description="signs links and seals; empty: a file in `home` that only its owner reads"
    )
    former_secrets: tuple[str, ...] = Field(
        default=(), description="a JSON list of earlier secrets, by which links still open and seals still fit"
    )
    playbooks: Path | None = Field(default=None, description="folder of a partnership's own playbooks")
    clock_file: Path | None = Field(default=None, description="simulated clock, for demonstrations and tests")
    hand_over: Literal["local", "pool"] = Field(
        default="local", description="flows run in the runner's own process, or as deployments on a work pool"
    )
    relay_batch: int = Field(default=100, ge=1, description="messages handed over at once")
    relay_lease_seconds: int = Field(default=120, ge=5, description="after which a message is free of who has died")
    relay_attempts: int = Field(default=5, ge=1, description="tries before a message is set aside")
    pool_runs: int = Field(default=8, ge=1, description="flow runs that a work pool is given messages for at once")
    pool_lease_seconds: int = Field(
        default=600, ge=1, description="after which a message is handed over again that no worker of the pool has begun"
    )
    mail_batch: int = Field(default=500, ge=1, description="mails leased at once")
    mail_connections: int = Field(default=4, ge=1, description="to the mail server at once, where many mails wait")
    mail_lease_seconds: int = Field(
        default=300, ge=1, description="after which a mail that a runner was handing over is uncertain"
    )

    evidence_most_bytes: int = Field(
        default=200 << 20, ge=1 << 20, description="of the files of evidence that are sent at once"
    )
    case_file_most_bytes: int = Field(
        default=2 << 30, ge=1 << 20, description="of a case of another installation that is sent to be taken in"
    )
    seal_key: Path | None = Field(
        default=None, description="PKCS#12 file with the key and certificates that seal documents; none: no seal"
    )
    seal_passphrase: str = Field(default="", description="of that file")
    seal_timestamp_url: str = Field(
        default="", description="authority that stamps the time of seals (RFC 3161); empty: seals have none"
    )
    seal_roots: Path | None = Field(
        default=None, description="PEM file of the certificates that are trusted in seals and in signed evidence"
    )
    evidence_scanner: str = Field(
        default="",
        description="ClamAV's socket: unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310; empty: nothing is scanned",
    )

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{(self.home / 'bankable.db').resolve()}"

    @cached_property
    def store(self) -> str:
        """The fsspec address of the document store in force."""
        return self.store_url or f"file://{(self.home / 'store').resolve()}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings, read once per process; `settings.cache_clear()` reads them anew."""
    return Settings()
