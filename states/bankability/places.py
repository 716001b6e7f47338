"""Where the protocols of playbooks hold what a bank looks for, as section.field; the first that is filled counts."""

from collections.abc import Mapping
from types import MappingProxyType

PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "team": ("partners.team", "object.team"),
        "users": ("market.users", "readiness.demand"),
        "competition": ("market.competition", "readiness.market"),
        "market_size": ("market.segments", "readiness.market"),
        "readiness": ("technology.readiness", "investments.cases"),
        "property": ("technology.property",),
        "standards": ("technology.standards", "readiness.standards"),
        "route": ("technology.route", "readiness.route"),
        "milestones": ("work_plan.milestones",),
        "packages": ("work_plan.packages",),
        "deliverables": ("work_plan.deliverables",),
        "procurement": ("work_plan.procurement", "object.procurement", "investments.procurement"),
        "sites": ("object.sites", "investments.sites"),
        "security": ("financing_plan.security", "financing.security"),
        "risks": ("risks.register",),
        "effects": ("impact.effects",),
        "environment": ("impact.environment", "impact.no_harm"),
    }
)
