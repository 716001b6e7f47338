"""How often somebody may try to sign in: for one address, and from one client, in a quarter of an hour.

As in `rates.py` each process counts by itself. Whoever may try no more passwords may still ask for a link.
"""

from functools import cache

from fastapi import Request

from api.http.windows import Window
from states.errors import BankableError
from states.partners.addresses import address_key
from states.settings import settings

SECONDS = 15 * 60.0
_OF_A_CLIENT = 10  # times as many: an office has one address


class TooManyTries(BankableError):
    """Somebody tried too often."""

    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        super().__init__(minutes=-(-seconds // 60))
        self.seconds = seconds


@cache
def _tried() -> Window:
    return Window(SECONDS)


def need_tries_left(request: Request, what: str, email: str = "") -> None:
    """Count a try of `what` (a way to sign in), or raise `TooManyTries`."""
    most, tried = settings().sign_in_tries, _tried()
    client = request.client.host if request.client else ""
    limits = {f"{what} from {client}": most * _OF_A_CLIENT} | ({f"{what} {address_key(email)}": most} if email else {})
    wait = max(tried.wait(key, allowed) for key, allowed in limits.items())
    if wait > 0:
        raise TooManyTries(int(wait) + 1)
    for key in limits:
        tried.count(key)
