"""Hold `prefect.yaml` to the catalogue, and what Prefect's server has to `prefect.yaml`."""

from collections.abc import Mapping, Sequence
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


class Pool(_Model):
    """The work pool of a deployment, and what its runs are started with."""

    name: str
    job_variables: dict[str, object] = {}


class Deployment(_Model):
    """What is compared of a deployment; a schedule is an interval in seconds, or whatever else Prefect keeps of it."""

    name: str
    entrypoint: str
    tags: list[str]
    schedules: list[dict[str, object]]
    work_pool: Pool


class _File(_Model):
    deployments: list[Deployment]


def differences(path: Path = PREFECT_YAML, flows: Sequence[FlowSpec] = FLOWS) -> list[str]:
    """Return each difference between the catalogue and `prefect.yaml` in a sentence; none where they agree."""
    file = {
        name: one.model_copy(update={"work_pool": Pool(name=one.work_pool.name)}) for name, one in written(path).items()
    }
    return compare(file, {spec.label: _expected(spec) for spec in flows}, place=path.name, model="the catalogue")


def compare(found: Mapping[str, Deployment], wanted: Mapping[str, Deployment], *, place: str, model: str) -> list[str]:
    """Return each difference between the deployments of a place and those of its model, in a sentence."""
    said = [f"{name}: is in {place} and not in {model}" for name in found if name not in wanted]
    for name, one in wanted.items():
        if name not in found:
            said.append(f"{name}: is in {model} and not in {place}")
            continue
        its = found[name].model_dump()
        for part, mine in one.model_dump().items():
            if mine != its[part]:
                said.append(f"{name}: {part} is {its[part]} in {place} and {mine} in {model}")
    return said


def written(path: Path = PREFECT_YAML) -> dict[str, Deployment]:
    """Return the deployments of the file by their names, or raise `Invalid` with the place of each fault."""
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = [shape_fault(one, remedy=Text("remedy", "see_file", file=path.name)) for one in error.errors()]
        raise Invalid(faults=faults) from error
    return {one.name: one for one in file.deployments}


def _expected(spec: FlowSpec) -> Deployment:
    return Deployment(
        name=spec.label,
        entrypoint=spec.entrypoint,
        tags=list(spec.tags),
        schedules=[{"interval": spec.every}] if spec.every else [],
        work_pool=Pool(name=WORK_POOL),
    )
