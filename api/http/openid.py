"""Sign in by an OpenID Connect issuer: authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1).

Importing this loads Authlib and requests: it is imported where somebody signs in so. All of it is slow and waits for
another machine: nothing here runs in a transaction.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.exceptions import RequestException

from states.errors import BankableError, Denied, Outage
from states.settings import settings

SCOPE = "openid email"
_SECONDS = 10
_CLOCKS_APART = 60  # seconds
# Signatures by a key that the issuer publishes: never "none", and never one by a secret that both know.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class IssuerAway(Outage):
    """The issuer does not answer, or not as one."""

    code = "issuer_away"


class IssuerUnfit(BankableError):
    """The issuer is not set up as it must be."""

    code = "issuer_unfit"


class IssuerRefused(Denied):
    """The issuer did not say who this is, or its answer is not for this browser."""

    code = "issuer_refused"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a browser is sent, and what its answer must fit; `kept` is for this browser alone."""

    address: str
    kept: dict[str, str]


def begin_at_issuer(*, back_to: str) -> Begun:
    """Return where a browser signs in; it comes `back_to` an address of ours. Raise `IssuerAway` or `IssuerUnfit`."""
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "code_verifier")}
    with _client(back_to) as client:
        told = _told(client)
        address, _ = client.create_authorization_url(
            told["authorization_endpoint"],
            state=kept["state"],
            nonce=kept["nonce"],
            code_verifier=kept["code_verifier"],
        )
    return Begun(address, kept)


def address_said(kept: Mapping[str, str], *, came_to: str, back_to: str) -> str:
    """Return the e-mail address that the issuer has verified of who came back; raise `IssuerRefused` or `IssuerAway`.

    `came_to` is the address with what the issuer has said in its query.
    """
    said = {name: values[0] for name, values in parse_qs(urlsplit(came_to).query).items()}
    if not secrets.compare_digest(said.get("state", ""), kept["state"]) or "code" not in said:
        raise IssuerRefused
    issuer = settings().oidc_issuer
    if said.get("iss", issuer) != issuer:  # RFC 9207: the answer of another issuer
        raise IssuerRefused
    with _client(back_to) as client:
        told = _told(client)
        try:
            token = client.fetch_token(told["token_endpoint"], code=said["code"], code_verifier=kept["code_verifier"])
            claims = _claims(token, _json(client, told["jwks_uri"]), nonce=kept["nonce"])
            if "email" not in claims and "userinfo_endpoint" in told:
                claims = _of_same(claims, client.get(told["userinfo_endpoint"], timeout=_SECONDS).json())
        except RequestException as error:
            raise IssuerAway from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
            raise IssuerRefused from error
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise IssuerRefused("issuer_knows_no_address")
    return str(claims["email"])


def _claims(token: Mapping[str, Any], keys: Any, *, nonce: str) -> dict[str, Any]:
    read = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
    client_id = settings().oidc_client_id
    options = {
        "iss": {"essential": True, "value": settings().oidc_issuer},
        "aud": {"essential": True, "value": client_id},
    }
    params = {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(read.claims, read.header, options, params)
    claims.validate(leeway=_CLOCKS_APART)
    return dict(claims)


def _of_same(claims: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return what the issuer says besides; of another than was signed it says nothing (Core, 5.3.2)."""
    return claims | more if more.get("sub") == claims["sub"] else claims


def _client(back_to: str) -> OAuth2Session:
    return OAuth2Session(
        settings().oidc_client_id,
        _secret(),
        scope=SCOPE,
        redirect_uri=back_to,
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )


def _secret() -> str | None:
    file = settings().oidc_client_secret_file
    if settings().oidc_client_secret or file is None:
        return settings().oidc_client_secret or None
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise IssuerUnfit("issuer_secret_unread", file=str(file)) from error


def _told(client: OAuth2Session) -> dict[str, str]:
    """Return what the issuer tells of itself (OpenID Connect Discovery 1.0)."""
    issuer = settings().oidc_issuer
    _need_safe(issuer)
    told = _json(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise IssuerUnfit("issuer_calls_itself_otherwise", issuer=issuer, called=str(told.get("issuer")))
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(told.get(name), str):
            raise IssuerAway
        _need_safe(told[name])
    return told


def _json(client: OAuth2Session, address: str) -> dict[str, Any]:
    try:
        answer = client.get(address, withhold_token=True, timeout=_SECONDS)
        answer.raise_for_status()
        found = answer.json()
    except (RequestException, ValueError) as error:
        raise IssuerAway from error
    if not isinstance(found, dict):
        raise IssuerAway
    return found


def _need_safe(address: str) -> None:
    """Raise `IssuerUnfit` for what would be asked in clear over a network."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise IssuerUnfit("issuer_in_clear", address=address)
