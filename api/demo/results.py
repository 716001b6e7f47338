"""What the demonstration leaves behind: documents, journey.json, pipeline.json, and a table of what happened."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.demo.story import HERO, Story
from states.archive.tables import DocumentKind
from states.texts.text import SOURCE

_NOTE = "Dates are those of a simulated clock; costs, scores and answers that no source states are illustrative."
_NEVER = "9999"


@dataclass(frozen=True, slots=True)
class Results:
    """The journey as written, the files that one opens first, and how many documents and mails lie beside them."""

    journey: dict[str, Any]
    suggestion: Mapping[str, Any]
    files: list[Path]
    issued: int
    mails: int


def write_results(story: Story, home: Path) -> Results:
    """Fetch all of it over the API and write it into the folder."""
    issued = story.manager.every("/documents")
    every = (
        home / "issued"
    )  # all of them in their order; beside the folder the last of each kind, of reports the issued one
    every.mkdir()
    drafts = {one["id"] for one in story.manager.every("/reports") if one["issued_at"] is None}
    for number, one in enumerate(issued, start=1):
        content = story.manager.content(f"/documents/{one['id']}/content")
        (every / f"{number:02}-{one['kind']}.pdf").write_bytes(content)
        if one["subject_id"] not in drafts:
            (home / _name(one["kind"], one["language"])).write_bytes(content)
    found = {(one["kind"], one["language"]) for one in issued}
    files = [home / _name(*one) for kind in DocumentKind for one in sorted(found) if one[0] == kind]
    journey = _journey(story.manager.get(f"{story.hero}/journey"))
    pipeline: dict[str, object] = {"note": _NOTE, "collaborations": story.manager.every("/pipeline")}
    suggestion = story.fair.suggestion
    for name, told in (("suggestion.json", suggestion), ("journey.json", journey), ("pipeline.json", pipeline)):
        path = home / name
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        files.append(path)
    return Results(journey, suggestion, files, issued=len(issued), mails=len(list((home / "mail").glob("*.eml"))))


def _name(kind: str, language: str) -> str:
    return f"{kind}.pdf" if language == SOURCE else f"{kind}-{language}.pdf"


def _journey(journey: Any) -> dict[str, Any]:
    return {
        "collaboration": HERO,
        "note": _NOTE,
        "moves": [
            {
                "when": step["at"],
                "who": step["actor_role"],
                "move": step["move"],
                "from": step["from_stage"],
                "to": step["to_stage"],
                "reason": step["reason"],
                "messages": [_message(one) for one in step["messages"]],
            }
            for step in journey["steps"]
        ],
        "between_moves": [_message(one) for one in journey["others"]],
    }


def _message(message: Any) -> dict[str, Any]:
    runs = [{"flow": run["consumer"], "flow_run_id": run["flow_run_id"]} for run in message["runs"]]
    return {
        "message_id": message["message_id"],
        "name": message["name"],
        "when": message["created_at"],
        "flow_runs": runs,
    }


def print_summary(console: Console, results: Results, *, seconds: float) -> None:
    """Print stage by stage what happened, and where the files lie."""
    table = Table(title=f"{HERO}: from a meeting to a bankable proposal", title_justify="left")
    for heading in ("Day", "Stage reached", "By", "Flows that followed"):
        table.add_column(heading)
    moves = results.journey["moves"]
    ends = [*(move["when"] for move in moves[1:]), _NEVER]
    for move, end in zip(moves, ends, strict=True):
        later = [event for event in results.journey["between_moves"] if move["when"] <= event["when"] < end]
        flows = Counter(run["flow"] for event in [*move["messages"], *later] for run in event["flow_runs"])
        followed = "\n".join(f"{flow} x {count}" if count > 1 else flow for flow, count in flows.items())
        table.add_row(move["when"][:10], move["to"], move["who"], followed or "-")
    console.print(table)
    for line in _why(results.suggestion):
        console.print(line, highlight=False, soft_wrap=True)
    for path in results.files:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
    folder = results.files[0].parent
    console.print(f"  {folder / 'issued'}: all {results.issued} documents in the order of their issue", highlight=False)
    console.print(f"  {folder / 'mail'}: {results.mails} mails", highlight=False)
    console.print(f"{_NOTE}\n{seconds:.0f} s")


def _why(suggestion: Mapping[str, Any]) -> Iterator[str]:
    """Say in a few lines how the two came to meet: what was suggested before anybody asked, and why."""
    other = suggestion["other"]
    yield f"Suggested at the event: {suggestion['suggested_to']} and {other['organisation']}, {suggestion['score']:.2f}"
    for side, sight in (("sees", suggestion["own"]), ("is seen with", suggestion["theirs"])):
        terms = ", ".join(f"{term['name']} {term['contribution']:.2f}" for term in sight["terms"])
        met = ", ".join(node["label"] for node in sight["nodes"] if node["by"])
        yield f"  {side} {sight['score']:.2f} ({terms}); in common: {met}"
    for title, found in (("missing", suggestion["lacking"]), ("adds", [one["says"] for one in suggestion["gains"]])):
        if found:
            yield f"  {title}: {'; '.join(found)}"
