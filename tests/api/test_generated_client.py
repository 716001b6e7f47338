"""A client that is generated from the description of the API takes the way of docs' guide for reviewers."""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import openapi_python_client
import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType

from states.archive.evidence.file_types import FILE_TYPES
from states.storage import begin
from tests.api.house import application, furnish
from tests.factories import a_collaboration_at
from tests.serving import server

PACKAGE = "bankable_client"
CRITERIA = ("investment_case", "market", "readiness", "team", "interregional_value", "financing_plan")
# The generator takes bytes by this name alone.
AS_BYTES = dict.fromkeys((*(one.media_type for one in FILE_TYPES), "application/zip"), "application/octet-stream")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ModuleType]:
    """Generate the client, without a word of warning, and import it."""
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(application().openapi()), encoding="utf-8")
    chosen = ConfigFile(post_hooks=[], content_type_overrides=AS_BYTES)
    faults = openapi_python_client.generate(
        config=Config.from_sources(
            chosen,
            MetaType.NONE,
            description,
            file_encoding="utf-8",
            overwrite=False,
            output_path=tmp_path / PACKAGE,
        )
    )
    assert [f"{fault.header} {fault.detail}" for fault in faults] == []
    sys.path.insert(0, str(tmp_path))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


class Caller:
    """One person's way to the API, by the names of its operations."""

    def __init__(self, client: ModuleType, address: str, token: str, opened: ExitStack) -> None:
        self._folder = Path(str(client.__file__)).parent
        self._client = opened.enter_context(client.AuthenticatedClient(base_url=f"http://{address}", token=token))

    def __call__(self, operation: str, body: tuple[str, Mapping[str, object]] | None = None, **named: object) -> Any:
        """Return what an operation answers, as an object of the client's; `body` is a schema's name and its fields."""
        (chapter,) = (file.parent.name for file in self._folder.glob(f"api/*/{operation}.py"))
        module = importlib.import_module(f"{PACKAGE}.api.{chapter}.{operation}")
        if body is not None:
            schema, fields = body
            named["body"] = getattr(importlib.import_module(f"{PACKAGE}.models"), schema).from_dict(fields)
        return module.sync_detailed(client=self._client, **named).parsed


def evaluation(score: str, market: str, **more: object) -> dict[str, object]:
    scores = dict.fromkeys(CRITERIA, score) | {"market": market}
    return {"scores": scores, "comments": dict.fromkeys(CRITERIA, "It rests on the evidence in the dossier."), **more}


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_generated_client_takes_part_in_a_review(installation: Path, client: ModuleType) -> None:
    with begin() as session:
        world, tokens = furnish(session)
        a_collaboration_at(world, "iag_review")

    with server() as address, ExitStack() as opened_clients:
        people = {label: Caller(client, address, token, opened_clients) for label, token in tokens.items()}
        one, two, three = (people[f"iag_member {number}"] for number in (1, 2, 3))
        secretary, chair, partner = people["iag_secretary"], people["iag_chair"], people["partner"]
        assert one("get_me").role == "iag_member"

        # The secretary opens a round; sent again under its key, there is still one.
        (collaboration,) = secretary("list_collaborations").items
        proposed = secretary("propose_seating", collaboration_id=collaboration.id, panel="iag")
        assert sorted(seat.person for seat in proposed.seats) == ["iag_member 1", "iag_member 2", "iag_member 3"]
        opened = [
            secretary(
                "post_round", ("RoundIn", {"panel": "iag"}), collaboration_id=collaboration.id, idempotency_key="open-1"
            ).id
            for _ in range(2)
        ]
        assert opened[0] == opened[1]
        assert secretary("list_rounds", collaboration_id=collaboration.id).total == 1
        key = {"round_id": opened[0]}

        # Before the declaration the dossier is closed.
        assert [(task.kind, task.state) for task in one("list_tasks").items] == [
            ("agree", "open"),
            ("declare", "open"),
            ("evaluate", "waiting"),
        ]
        assert [reason.code for reason in one("get_round", **key).missing] == ["no_agreement", "not_declared"]
        assert one("list_versions", collaboration_id=collaboration.id).code == "denied"
        for reviewer in (one, two, three):
            reviewer("post_agreement")
            assert reviewer("post_declaration", ("DeclarationIn", {"kind": "none"}), **key).ruling == "cleared"
        read = one("get_version", collaboration_id=collaboration.id, number=1)
        assert read.content["identity"]["acronym"] == "Identity: Acronym"
        assert [criterion.key for criterion in one("get_round", **key).criteria] == list(CRITERIA)

        # A draft, what is not on the scale, an evaluation, and its correction.
        draft = {"scores": {"market": "4.5"}, "comments": {"market": "Demand is shown by six letters of intent."}}
        assert one("put_draft", ("EvaluationIn", draft), **key, if_match='"0"').version == 1
        wrong = one("post_evaluation", ("EvaluationIn", evaluation("4", "4.3")), **key)
        assert [(fault.place, fault.message) for fault in wrong.faults] == [
            ("scores.market", "4.3 is not on the scale")
        ]
        assert one("post_evaluation", ("EvaluationIn", evaluation("4", "4.5")), **key).number == 1
        mended = evaluation("4", "5", reason="Two more letters were in the annex.")
        assert one("post_correction", ("CorrectionIn", mended), **key).scores["market"] == "5.0"
        assert two("list_evaluations", **key).total == 0
        two("post_evaluation", ("EvaluationIn", evaluation("4", "3")), **key)
        assert two("list_evaluations", **key).total == 2
        three("post_evaluation", ("EvaluationIn", evaluation("3.5", "4")), **key)

        # The consensus, once what lay far apart was discussed.
        closed = secretary("close_round", **key)
        assert [criterion.key for criterion in closed.result.criteria if criterion.discuss] == ["market"]
        talk = {"criterion": "market", "record": "The second reviewer had not seen the annex; the letters are sound."}
        assert secretary("post_discussion", ("DiscussionIn", talk), **key).criterion == "market"
        agreed = evaluation("4", "4", minority_views=["One reviewer finds the demand less certain."])
        assert secretary("put_consensus", ("ConsensusIn", agreed), **key).scores["market"] == "4.0"
        secretary("put_minute", ("MinuteIn", {"text": "Compared with no other dossier."}), **key)
        assert [(line.rank, line.points) for line in secretary("get_ranking", panel="iag").items] == [(1, "26.00")]

        # The decision: prepared by one, confirmed by another, released; the partner reads it then.
        outcome = {"outcome": "endorse_with_conditions", "reasons": "Every threshold is met."}
        decision = outcome | {"conditions": ["Show a second letter of commitment."]}
        version = secretary("put_decision", ("DecisionIn", decision), **key).version
        assert secretary("post_decision_confirmation", **key, if_match=f'"{version}"').code == "denied"
        version = chair("post_decision_confirmation", **key, if_match=f'"{version}"').version
        assert partner("get_decision", **key).code == "missing"
        assert secretary("post_release", **key, if_match=f'"{version}"').outcome == "endorse_with_conditions"
        (shown,) = partner("list_decisions", collaboration_id=collaboration.id).items
        assert [(condition.number, condition.state) for condition in shown.conditions] == [(1, "open")]
        met = {"state": "met", "evidence": "The letter came in and is filed as annex 7."}
        closing = secretary("post_closing", ("ConditionClosingIn", met), **key, number=1, if_match='"1"')
        assert closing.state == "met"
