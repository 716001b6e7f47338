"""A case by the headings of Interreg's harmonised application form, as far as they are published.

Parts A, B and D of the form in the words of the programmes' off-line templates. What a collaboration has no field for
is named under `left_out`, so that whoever fills a programme's own form knows what is still to be said.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from states.casefile.values import Row

Parts = Mapping[str, Sequence[Row]]

LEFT_OUT = (
    "A.1 Programme priority",
    "A.1 Specific objective",
    "A.1 Project duration",
    "A.4 Project outputs and results",
    "B.1 Department/unit/division",
    "B.1 Legal representative",
    "B.1 Contact person",
    "C Project description",
    "E Project lump sums",
)


def harmonised(parts: Parts) -> dict[str, Any]:
    """Return what the form asks for; amounts are EUR."""
    [case] = parts["data/collaboration.json"]
    bodies = {row["id"]: row for row in parts.get("references/organisation.json", ())}
    members = [row for row in parts.get("data/member.json", ()) if row["left_on"] is None]
    members.sort(key=lambda row: (row["part"] != "lead", row["joined_on"], row["id"]))
    costs = _costs(parts)
    lead = bodies[members[0]["organisation_id"]] if members and members[0]["part"] == "lead" else None
    identity = _identity(parts)
    return {
        "A Project identification": {
            "A.1 Project identification": {
                "Project ID": case["id"],
                "Name of the lead partner organisation": lead["name"] if lead else None,
                "Project title": case["title"],
                "Project acronym": identity.get("acronym") or case["slug"],
            },
            "A.2 Project summary": {"Project summary": case["summary"] or identity.get("abstract") or None},
            "A.3 Project budget overview": {
                "Total eligible budget": _money(sum(costs.values(), Decimal(0))),
                "Partners": [
                    {
                        "Partner number": number,
                        "Partner abbreviation": bodies[one["organisation_id"]]["slug"],
                        "Country": bodies[one["organisation_id"]]["country"],
                        "Total partner budget": _money(costs[one["organisation_id"]]),
                    }
                    for number, one in enumerate(members, start=1)
                ],
            },
        },
        "B Project partners": [
            _partner(number, one, bodies[one["organisation_id"]]) for number, one in enumerate(members, start=1)
        ],
        "D Project budget": [
            {
                "Partner number": number,
                "Cost category": row["cost_category"],
                "Total": row["amount"],
                "NUTS": row["nuts"],
            }
            for number, one in enumerate(members, start=1)
            for row in parts.get("data/cost_line.json", ())
            if row["organisation_id"] == one["organisation_id"]
        ],
        "left_out": list(LEFT_OUT),
    }


def _partner(number: int, member: Row, body: Row) -> dict[str, Any]:
    nuts = body["nuts"]
    return {
        "B.1 Partner": {
            "Partner number": number,
            "Partner role": "Lead partner" if member["part"] == "lead" else "Project partner",
            "Name of organisation in original language": body["legal_name"] or body["name"],
            "Name of organisation in English": body["name"],
            "Country (NUTS 0)": body["country"],
            "NUTS 2": nuts[:4] if len(nuts) >= len("XX00") else None,
            "NUTS 3": nuts if len(nuts) == len("XX000") else None,
            "Type of partner": body["kind"],
            "Legal status": body.get("legal_form") or None,
            "VAT number": body.get("vat_number") or None,
            "Other national identifier number": body.get("registration_number") or None,
            "PIC": body.get("pic") or None,
            "Contribution": member["contribution"] or None,
        }
    }


def _identity(parts: Parts) -> Row:
    """Return the section that says what the project is called, frozen last or as it stands."""
    drafts = {row["key"]: row["content"] for row in parts.get("data/section_draft.json", ())}
    found = drafts.get("identity", {})
    return found if isinstance(found, dict) else {}


def _costs(parts: Parts) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in parts.get("data/cost_line.json", ()):
        found[row["organisation_id"]] += Decimal(row["amount"])
    return found


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
