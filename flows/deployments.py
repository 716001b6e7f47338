"""Hold `prefect.yaml` to the catalogue: the same flows, entry points, tags and intervals."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from flows.catalogue import FLOWS, FlowSpec
from states.errors import Invalid
from states.shapes import shape_fault
from states.texts import Text

PREFECT_YAML = Path(__file__).parents[1] / "prefect.yaml"
WORK_POOL = "bankable"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Interval(_Model):
    interval: int


class _Pool(_Model):
    name: str


class _Deployment(_Model):
    """What is compared of a deployment."""

    name: str
    entrypoint: str
    tags: list[str]
    schedules: list[_Interval]
    work_pool: _Pool


class _File(_Model):
    deployments: list[_Deployment]


def differences(path: Path = PREFECT_YAML, flows: Sequence[FlowSpec] = FLOWS) -> list[str]:
    """Return each difference between the catalogue and `prefect.yaml` in a sentence; none where they agree."""
    written = {one.name: one for one in _read(path).deployments}
    expected = {spec.label: _expected(spec) for spec in flows}
    found = [f"{name}: is in {path.name} and not in the catalogue" for name in written if name not in expected]
    for name, wanted in expected.items():
        if name not in written:
            found.append(f"{name}: is in the catalogue and not in {path.name}")
            continue
        its = written[name].model_dump()
        for part, mine in wanted.model_dump().items():
            if mine != its[part]:
                found.append(f"{name}: {part} is {its[part]} in {path.name} and {mine} in the catalogue")
    return found


def _expected(spec: FlowSpec) -> _Deployment:
    return _Deployment(
        name=spec.label,
        entrypoint=spec.entrypoint,
        tags=list(spec.tags),
        schedules=[_Interval(interval=spec.every)] if spec.every else [],
        work_pool=_Pool(name=WORK_POOL),
    )


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = [shape_fault(one, remedy=Text("remedy", "see_file", file=path.name)) for one in error.errors()]
        raise Invalid(faults=faults) from error
