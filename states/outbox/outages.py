"""Which errors are an outage of something that a flow needs, and so no fault of the message that it answers."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

# A full disk, a store or server that is away, a connection that ends; a database that does not answer.
_OUTAGES = (OSError, OperationalError, InterfaceError, PoolExhausted)


def is_outage(error: BaseException | None) -> bool:
    """Tell whether an error, or one that it was raised from, passes by itself: what it broke off is tried again."""
    while error is not None:
        if isinstance(error, _OUTAGES):
            return True
        error = error.__cause__
    return False
