"""The ways to a mail server: STARTTLS with a log-in, TLS from the start, and what is wrong with others."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from flows.smtp import Handed, MailServerUnreachable, SmtpPost
from states.clock import machine_now
from states.mail.sending import Result
from states.settings import settings
from tests.flows.conftest import Inbox, free_port
from tests.flows.smtp_script import scripted_server

ACCOUNT, PASSWORD = "sender", "a p@ss:word"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS context for 127.0.0.1, with a certificate that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(machine_now() - timedelta(days=1))
        .not_valid_after(machine_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(encoding) + key.private_bytes(encoding, private, serialization.NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def strict_server(certificate: ssl.SSLContext) -> Iterator[tuple[Inbox, int]]:
    """A mail server that takes mail only after STARTTLS and a log-in."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword) -> AuthResult:
        return AuthResult(success=login == LoginPassword(ACCOUNT.encode(), PASSWORD.encode()), handled=False)

    inbox = Inbox()
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=certificate,
        require_starttls=True,
        auth_required=True,
        authenticator=check,
    )
    controller.start()
    yield inbox, controller.port
    controller.stop()


def send_by(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_SMTP_URL", url)
    settings.cache_clear()
    message = EmailMessage()
    message["From"], message["To"] = "bankable@localhost", "manager@example.org"
    message.set_content("Good day")
    opened = SmtpPost()
    try:
        handed = opened.hand_over(message, offer=lambda: machine_now() + timedelta(minutes=1))
    finally:
        opened.close()
    assert handed == Handed(Result.SENT)


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_it_logs_in_under_starttls(strict_server: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, port = strict_server

    send_by(f"smtp://{ACCOUNT}:a%20p%40ss%3Aword@127.0.0.1:{port}", monkeypatch)

    assert [message["To"] for message in inbox.messages] == ["manager@example.org"]


def test_a_wrong_password_is_an_error_that_does_not_tell_it(
    strict_server: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, port = strict_server

    with pytest.raises(MailServerUnreachable) as raised:
        send_by(f"smtp://{ACCOUNT}:guess@127.0.0.1:{port}", monkeypatch)

    assert ("535" in raised.value.message, "guess" in raised.value.message, inbox.messages) == (True, False, [])


def test_an_untrusted_certificate_is_refused(strict_server: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, port = strict_server
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(MailServerUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        send_by(f"smtp://{ACCOUNT}:a%20p%40ss%3Aword@127.0.0.1:{port}", monkeypatch)

    assert inbox.messages == []


def test_a_password_goes_over_no_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as script, pytest.raises(MailServerUnreachable, match="a password goes over no open line"):
        send_by(f"smtp://{ACCOUNT}:guess@127.0.0.1:{script.port}", monkeypatch)

    assert script.steps == ["", "EHLO"]


def test_an_open_line_may_be_refused_for_every_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_SMTP_TLS", "required")

    with scripted_server() as script, pytest.raises(MailServerUnreachable, match="offers no STARTTLS"):
        send_by(f"smtp://127.0.0.1:{script.port}", monkeypatch)

    assert (script.steps, script.messages) == (["", "EHLO"], [])


def test_a_line_that_must_be_encrypted_is(strict_server: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, port = strict_server
    monkeypatch.setenv("BANKABLE_SMTP_TLS", "required")

    send_by(f"smtp://{ACCOUNT}:a%20p%40ss%3Aword@127.0.0.1:{port}", monkeypatch)

    assert len(inbox.messages) == 1


def test_it_speaks_tls_from_the_start(certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), ssl_context=certificate)
    controller.start()
    try:
        send_by(f"smtps://127.0.0.1:{controller.port}", monkeypatch)
    finally:
        controller.stop()

    assert len(inbox.messages) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:25", "smtp://", "mail.example.org"])
def test_an_address_that_is_none_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MailServerUnreachable, match="BANKABLE_SMTP_URL begins with one of smtp, smtps"):
        send_by(url, monkeypatch)
