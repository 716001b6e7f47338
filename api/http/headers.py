"""The headers that answers carry, as the description of the API declares them."""

HEADERS: dict[str, str] = {
    "ETag": "the version of what was read or written, where it has one: a change sends it back as If-Match",
    "Location": "where the new thing lies, where it has an address of its own",
    "Link": 'of a list: where its next page lies (rel="next")',
    "Retry-After": "after how many seconds it is worth to try again",
    "WWW-Authenticate": "how to name oneself",
    "Accept": "the kind of body that this address reads",
    "Warning": "which characters of what was written are printed as stand-ins, field by field (code 299)",
    "Idempotency-Replayed": "true where the answer is that of the first request under the key",
}


def carry(*names: str) -> dict[str, dict[str, object]]:
    """Declare that an answer carries these."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}
