"""Where a mail's link leads: addresses under which people reach this installation."""

from states.settings import settings


def address(path: str) -> str:
    """Return the address of something in the API, by its path below the version."""
    return page_address(f"api/v1/{path}")


def page_address(path: str) -> str:
    """Return the address of a page."""
    return f"{settings().public_url.rstrip('/')}/{path}"
