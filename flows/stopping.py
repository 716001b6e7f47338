"""Whether this process was asked to stop: what runs is finished, nothing new is begun."""

from threading import Event

_asked = Event()


def ask_to_stop() -> None:
    """Ask for the stop; it cannot be taken back."""
    _asked.set()


def going() -> bool:
    """Tell whether nobody has asked for the stop."""
    return not _asked.is_set()


def rest(seconds: float) -> None:
    """Wait so many seconds, or until the stop is asked for."""
    _asked.wait(seconds)
