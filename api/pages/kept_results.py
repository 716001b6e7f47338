"""What became of a form that did several things: kept for a day, for the browser that sent it to read again."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import digest
from typing import Any

from fastapi import Request
from sqlmodel import Session

from api.pages.signing import cookie_of
from states.credentials.idempotency_records import Repeat, kept_answer, reserve
from states.errors import Missing
from states.storage import begin, new_id


def keep_results(request: Request, results: Sequence[Mapping[str, object]], *, back: str) -> str:
    """Keep results, and where one goes from them; return the key by which they are read."""
    sent = _of(request, new_id())
    with begin() as session:
        row, _ = reserve(session, sent)
        row.body = sent.seal(json.dumps({"results": results, "back": back}).encode())
    return sent.key


def kept_results(request: Request, session: Session, key: str) -> dict[str, Any]:
    """Return results with `back`, or raise `Missing`: they are another browser's, or too old."""
    sent = _of(request, key)
    row = kept_answer(session, caller=sent.caller, key=key)
    if row is None:
        raise Missing("bulk_result", key)
    found: dict[str, Any] = json.loads(sent.unseal(row.body))
    return found


def _of(request: Request, key: str) -> Repeat:
    who = f"results {cookie_of(request)}".encode()
    return Repeat(sha256(who).hexdigest(), key, request="", secret=digest(who, key.encode(), "sha256"))
