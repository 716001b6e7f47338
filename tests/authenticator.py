"""An authenticator made of software: it makes passkeys and signs with them, as a browser hands it over in JSON."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device: its keys by the id of the credential, and for whom each is; `verifies` asks for a finger."""

    origin: str
    verifies: bool = True
    counter: int = 0
    keys: dict[str, tuple[ec.EllipticCurvePrivateKey, str]] = field(default_factory=dict)

    def make(self, options: str, *, called: str | None = None) -> str:
        """Answer `navigator.credentials.create`, by a credential that may be called as another one."""
        asked, key = json.loads(options), ec.generate_private_key(ec.SECP256R1())
        credential_id = base64url_to_bytes(called) if called else token_bytes(16)
        self.keys[bytes_to_base64url(credential_id)] = (key, asked["user"]["id"])
        numbers = key.public_key().public_numbers()
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(credential_id).to_bytes(2, "big") + credential_id + cose
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        return self._said(
            credential_id,
            clientDataJSON=self._client_data("webauthn.create", asked["challenge"]),
            attestationObject=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def use(self, options: str) -> str:
        """Answer `navigator.credentials.get` by the first key."""
        asked = json.loads(options)
        credential_id, (key, user) = next(iter(self.keys.items()))
        self.counter += 1
        data = self._data(asked["rpId"])
        client_data = self._client_data("webauthn.get", asked["challenge"])
        signature = key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._said(
            base64url_to_bytes(credential_id),
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            userHandle=base64url_to_bytes(user),
        )

    def _data(self, host: str, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        return sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _said(self, credential_id: bytes, **response: bytes) -> str:
        key = bytes_to_base64url(credential_id)
        said: dict[str, Any] = {"id": key, "rawId": key, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**said, "response": {name: bytes_to_base64url(one) for name, one in response.items()}})
