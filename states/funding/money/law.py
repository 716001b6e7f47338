"""What acts say on VAT, contributions in kind and simplified costs, as data."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml
from pydantic import TypeAdapter

from states.funding.rules.definition import Rule

_FILE = "money-rules.yaml"


@cache
def money_rules() -> Mapping[str, Rule]:
    """Return the rules by their ids."""
    text = resources.files(__package__).joinpath(_FILE).read_text("utf-8")
    return {one.id: one for one in TypeAdapter(list[Rule]).validate_python(yaml.safe_load(text))}
