"""Examples of requests and answers: what a schema says of itself, and of anything else what its fields are called."""

from typing import Any

from pydantic import ConfigDict

ID = "4f1c6f1e2b7d4b0f9a6c3d58e0a17b92"

# By the name of a field, where neither its schema nor its form say enough.
_NAMED: dict[str, object] = {
    "acronym": "BIOCOMP",
    "acknowledges": ["prepared with the partnership's own means"],
    "address": "ul. Nowa 1, 44-100 Gliwice",
    "basis": "gber-25",
    "country": "PL",
    "email": "office@partner.example",
    "from_stage": "outline",
    "language": "en",
    "link": "https://bankable.example/links/4f1c.8a2b",
    "member_state": "PL",
    "move": "start_protocol",
    "name": "Centre for Biocompatibility",
    "nuts": "PL229",
    "organisation": "medtech-gliwice",
    "panel": "iag",
    "partnership": "medtech",
    "percent": "50.00",
    "period": "2026-H2",
    "person": "head of laboratory",
    "reason": "The partners asked for it in writing.",
    "region": "upper-silesia",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "slug": "centre-for-biocompatibility",
    "stage": "investment_protocol",
    "time_zone": "Europe/Warsaw",
    "title": "Centre for Biocompatibility",
    "to": "investment_protocol",
    "to_stage": "investment_protocol",
    "token": "bkb_7Jt0mG5vQxk2",
    "url": "https://partner.example/",
    "version": 3,
    "year": 2025,
}
_FORMATS: dict[str, object] = {
    "date": "2027-03-01",
    "date-time": "2027-03-01T09:00:00Z",
    "uri": "https://partner.example/",
    "email": "office@partner.example",
}
_DEEPEST = 8  # a schema may hold itself


def example(**fields: Any) -> ConfigDict:
    """Say by an example what a client may send: it is true, for a test sends it."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def example_of(schema: dict[str, Any], schemas: dict[str, Any], *, name: str = "", deep: int = 0) -> object:
    """Return a value that the schema allows: its own example, or one that is put together from its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name=name, deep=deep)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if either := schema.get("anyOf") or schema.get("oneOf"):
        nothing = deep > _DEEPEST and any(one.get("type") == "null" for one in either)
        return None if nothing else example_of(either[0], schemas, name=name, deep=deep)
    match schema.get("type"):
        case "object":
            return _object(schema, schemas, deep=deep)
        case "array":
            few = 0 if deep > _DEEPEST else 1
            kind = schema.get("items", {})
            return [example_of(kind, schemas, name=_one(name), deep=deep + 1)] * max(few, schema.get("minItems", 0))
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            known = _NAMED.get(name)
            return known if isinstance(known, int) else int(schema.get("minimum", 1))
        case "boolean":
            return schema.get("default", True)
        case _:
            return None if schema.get("type") == "null" else "text"


def _object(schema: dict[str, Any], schemas: dict[str, Any], *, deep: int) -> dict[str, object]:
    parts = schema.get("properties", {})
    if parts:
        return {name: example_of(part, schemas, name=name, deep=deep + 1) for name, part in parts.items()}
    others = schema.get("additionalProperties")
    return {"market": example_of(others, schemas, deep=deep + 1)} if isinstance(others, dict) and others else {}


def _text(schema: dict[str, Any], name: str) -> object:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    known = _NAMED.get(name)
    if isinstance(known, str):
        return known
    if name == "id" or name.endswith("_id"):
        return ID
    return name.replace("_", " ") or "text"


def _one(name: str) -> str:
    return name.removesuffix("s")
