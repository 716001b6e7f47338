"""Checklists to test with: answers that pass, and a playbook of its own whose first move asks for a list."""

from pathlib import Path

from states.checklists.definition import AnswerKind, ItemSpec
from states.playbooks.editions import find

GUARDS = "guards: [originated, lead_named, "
LISTS = """
checklists:
  - key: eligibility
    title: Eligibility
    stage: contact
    by: [project_manager, iag_secretary]
    signed_by: iag_secretary
    shared: true
    items:
      - {key: regions, text: Do the partners sit in two regions?, source: the programme's manual, second_person: true}
      - {key: offer, text: Is there an offer?, passes: [yes, not_applicable], evidence: offer, source: the call}
      - {key: maturity, text: How mature is it?, answer: score, least: 1, most: 9, passes_from: 5, source: the call}
      - {key: note, text: What else is known?, answer: text, required: false, source: the office}
  - key: internal
    title: Look of the office
    stage: [contact, plan]
    by: project_manager
    items:
      - {key: conflicts, text: Does anybody in the office have a tie to a partner?, passes: no, source: the office}
"""


def passing(item: ItemSpec) -> str:
    """Return an answer that passes."""
    match item.answer:
        case AnswerKind.CHECK:
            return item.passes[0].value
        case AnswerKind.SCORE:
            return str(item.most)
        case AnswerKind.TEXT:
            return "Said."


def own_playbook(folder: Path) -> str:
    """Write the playbook `asking` into a folder of playbooks and return its name."""
    text = find("lean").replace("name: lean\n", "name: asking\n", 1)
    asking = f"{GUARDS}{{name: checklist_passed, with: {{checklist: eligibility}}}}, "
    assert GUARDS in text
    text = text[: text.index("\nchecklists:")].replace(GUARDS, asking, 1)
    (folder / "asking.yaml").write_text(text + LISTS, encoding="utf-8")
    return "asking"
