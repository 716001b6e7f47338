"""An OpenID Connect issuer of the tests' own: a real server on loopback, with keys that it publishes."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "bankable", "s3cret-of-the-client"


@dataclass
class Issuer:
    """What the issuer says: claims of its tokens, and what it does wrong; `codes` are those that it gave out."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    at_userinfo: dict[str, Any] | None = None
    told: dict[str, Any] = field(default_factory=dict)
    signs_by: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"}))
    publishes: RSAKey | None = None
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    down: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorise(self, address: str) -> str:
        """Sign somebody in as a browser that was sent to `address`; return where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Answer at the token's address."""
        asked = self.codes.pop(sent.get("code", ""), None)
        secret = base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        if secret != f"{CLIENT}:{SECRET}" or asked is None:
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        if challenge != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time())
        claims = {"iss": self.address, "sub": "7", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        signed = jwt.encode(self.header, {**claims, **self.claims}, self.signs_by, algorithms=[self.header["alg"]])
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}


class _Door(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        issuer = self.issuer
        paths: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": issuer.address,
                "authorization_endpoint": f"{issuer.address}/authorise",
                "token_endpoint": f"{issuer.address}/token",
                "jwks_uri": f"{issuer.address}/keys",
                "userinfo_endpoint": f"{issuer.address}/me",
                **issuer.told,
            },
            "/keys": {"keys": [(issuer.publishes or issuer.signs_by).as_dict(private=False)]},
            "/me": issuer.at_userinfo,
        }
        found = None if issuer.down else paths.get(self.path)
        self._answer(200 if found is not None else 503, found or {"error": "down"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.issuer.token(sent, self.headers.get("Authorization", "")))

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def an_issuer() -> Iterator[Issuer]:
    """Yield an issuer that listens on loopback until the block ends."""
    issuer = Issuer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"issuer": issuer}))
    issuer.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
