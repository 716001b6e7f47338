"""What a playbook may say under `deadlines`: every fault of every term at once, each with its line."""

import pytest

from states.deadlines.kinds import Waiting
from states.playbooks.reader import PlaybookInvalid, parse
from tests.factories import s3
from tests.states.playbooks.test_reader import SOUND

REGISTER = """\
  - key: risks
    title: Risks
    fields:
      - {key: register, title: Risks, columns: [{key: risk, title: Risk}]}
deadlines:
"""


def faults(*terms: str, text: str = SOUND) -> list[str]:
    with pytest.raises(PlaybookInvalid) as caught:
        parse(text + REGISTER + "".join(f"  {term}\n" for term in terms), source="p")
    return [str(fault).partition(" ")[2] for fault in caught.value.faults]


def test_terms_that_fit() -> None:
    terms = (
        "consensus: {due: 5, owner: wgra_chair}",
        "sign_off: {due: 5, owner: partner, anchor: event, event: plenary, delta: -5, done_in: [done]}",
        "condition: {due: 5, owner: partner, anchor: call}",
        "call_closing: {anchor: call, owner: project_manager, legal: true}",
        "risk_review: {every: 20, owner: project_manager, table: risks.register}",
        "checklist: {due: 5, owner: wgra_member, done_in: [done]}",
        "report: {due: 5, owner: administrator, ladder: default}",
        "section: {due: 5, owner: partner}",
        "question: {due: 5, owner: iag_secretary}",
    )

    playbook = parse(SOUND + REGISTER + "".join(f"  {term}\n" for term in terms))

    assert list(playbook.deadlines) == list(Waiting)
    assert set(s3().terms) == set(Waiting)


@pytest.mark.parametrize(
    ("term", "fault"),
    [
        ("sign_off: {owner: partner}", "it needs working days, also for when no anchor is known (give `due`)"),
        ("sign_off: {due: 5, owner: project_manager}", "it cannot wait for project_manager"),
        ("condition: {due: 5, owner: observer}", "it cannot wait for observer (name a role that acts)"),
        ("condition: {due: 5, every: 5, owner: partner}", "it does not come again (give `due`)"),
        ("condition: {due: 5, owner: partner, delta: 3}", "counts from an anchor, and there is none"),
        ("condition: {due: 5, owner: partner, anchor: event}", "the kind of event and `anchor: event` go together"),
        ("condition: {due: 5, owner: partner, event: plenary}", "the kind of event and `anchor: event` go together"),
        ("condition: {due: 5, owner: partner, done_in: [nowhere]}", "there is no stage 'nowhere'"),
        ("condition: {due: 5, owner: partner, table: risks.register}", "only a risk review looks through a table"),
        ("checklist: {due: 5, owner: partner}", "it cannot wait for partner"),
        ("consensus: {due: 5, owner: wgra_chair, done_in: [done]}", "no stage ends it (leave `done_in` out)"),
        ("call_closing: {due: 5, owner: partner}", "it falls due when the call closes"),
        ("call_closing: {anchor: call, due: 5, owner: partner}", "it falls due when the call closes"),
        ("risk_review: {due: 5, owner: partner, table: risks.register}", "it comes again and again (give `every`)"),
        ("risk_review: {every: 5, owner: partner}", "it names no table of the protocol (name it as section.field)"),
        ("risk_review: {every: 5, owner: partner, table: risks.no}", "the protocol has no table 'risks.no'"),
        ("report: {due: 5, owner: partner, anchor: call}", "a report of the partnership waits for no call"),
    ],
)
def test_a_term_that_does_not_fit(term: str, fault: str) -> None:
    kind = term.partition(":")[0]

    assert any(found.startswith(f"deadline '{kind}': {fault}") for found in faults(term)), faults(term)


def test_all_faults_come_at_once_each_at_its_line() -> None:
    with pytest.raises(PlaybookInvalid) as caught:
        parse(
            SOUND + "deadlines:\n"
            "  consent: {due: 5, owner: partner}\n"
            "  report:\n"
            "    due: 0\n"
            "    owner: project_manager\n"
            "  condition:\n"
            "    due: 5\n"
            "    ladder: rope\n"
            "    delta: 3\n"
            "    owner: observer\n",
            source="p",
        )

    first = SOUND.count("\n") + 2
    assert [str(fault).partition(" ")[::2] for fault in caught.value.faults] == [
        (
            f"p:{first}:",
            "deadlines.consent.[key] is none of: "
            "consensus, sign_off, condition, call_closing, risk_review, checklist, report, section, question",
        ),
        (f"p:{first + 2}:", "deadlines.report.due is not more than 0"),
        (f"p:{first + 4}:", "deadline 'condition': no ladder 'rope' (one of default)"),
        (
            f"p:{first + 7}:",
            "deadline 'condition': counts from an anchor, and there is none (give `anchor`, or leave it out)",
        ),
        (f"p:{first + 8}:", "deadline 'condition': it cannot wait for observer (name a role that acts)"),
    ]


def test_a_guard_that_nobody_could_satisfy_is_a_fault() -> None:
    text = SOUND.replace("guards: [protocol_complete]", "guards: [partners_signed_off]")

    with pytest.raises(PlaybookInvalid) as caught:
        parse(text, source="p")

    assert [str(fault) for fault in caught.value.faults] == [
        "p:13: move 'submit': guard 'partners_signed_off': nobody is asked for it: "
        "there is no deadline 'sign_off' (mend `with:`)"
    ]
