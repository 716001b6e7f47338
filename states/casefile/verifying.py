"""Check a case file without its installation: parts and digests, the order of its history, and what its seals tell.

Seals are made with the secret of the installation that took the case out. Without it they can be counted and compared
with the tip of the case; with it each of them is checked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from states.casefile.declared import ROOT, part_of, seal_key
from states.casefile.export import NOUN
from states.casefile.gathering import Case
from states.casefile.manifest import Audience, Manifest
from states.casefile.reading import CaseDamaged, Opened, open_case
from states.errors import Fault
from states.protocol.content import digest as digest_of
from states.schema import METADATA
from states.seals.declared import SEALED
from states.seals.seal import Verdict, judge, key_of, weight_of
from states.seals.sealing import MODULUS, judge_tip


@dataclass(slots=True)
class Checked:
    """What was checked of a case file: rows, files, moves; seals that fit, and those by unknown secrets."""

    manifest: Manifest
    release: str
    rows: int
    files: int
    lines: int
    seals: int = 0
    unknown: Counter[str] = field(default_factory=Counter)


def verify_case(path: Path) -> Checked:
    """Read a whole case file; raise `CaseUnfit` for what is none, `CaseDamaged` with everything that does not fit."""
    with open_case(path) as found:
        return check(found)


def check(found: Opened) -> Checked:
    """Check what an opened case file says; raise `CaseDamaged`."""
    case, manifest = found.case, found.manifest
    faults = [*_whose(case, manifest), *_history(case), *_digests(case), *_files(case, manifest)]
    checked = Checked(
        manifest=manifest,
        release=found.seals["release"],
        rows=sum(map(len, case.rows.values())),
        files=sum(name.startswith(("files/", "documents/")) for name in manifest.parts),
        lines=len(case.of("history_line")),
    )
    if not faults:
        faults += _seals(case, found.seals, checked)
    if faults:
        raise CaseDamaged(faults=faults)
    return checked


def _whose(case: Case, manifest: Manifest) -> Iterator[Fault]:
    rows = case.of(ROOT)
    if len(rows) != 1 or any(str(rows[0][name]) != value for name, value in manifest.case.items()):
        yield Fault("data/collaboration.json", "case_of_another", case=manifest.case["id"])


def _history(case: Case) -> Iterator[Fault]:
    """Yield what is wrong with the order of the moves: a number that is missing, a stage that no move led to."""
    place = "history/history_line.json"
    lines = sorted(case.of("history_line"), key=lambda row: int(row["number"]))
    for number, line in enumerate(lines, start=1):
        if line["number"] != number:
            yield Fault(place, "history_gap", number=number)
            return
    for before, line in pairwise(lines):
        if line["from_stage"] != before["to_stage"]:
            yield Fault(place, "history_apart", number=int(line["number"]), stage=before["to_stage"])
        if line["at"] < before["at"]:
            yield Fault(place, "history_backwards", number=int(line["number"]))
    for row in case.of(ROOT):
        if lines and row["stage"] != lines[-1]["to_stage"]:
            yield Fault("data/collaboration.json", "stage_apart", stage=row["stage"], last=lines[-1]["to_stage"])


def _digests(case: Case) -> Iterator[Fault]:
    """Yield the rows whose own digest does not fit what they hold."""
    for row in case.of("protocol_version"):
        if digest_of(row["content"]) != row["sha256"]:
            yield Fault("data/protocol_version.json", "digest_unfit", key=row["id"])
    held = {row["id"]: row["sha256"] for row in case.of("evidence")}
    for row in case.of("frozen_evidence"):
        if held.get(row["evidence_id"], row["sha256"]) != row["sha256"]:
            yield Fault("data/frozen_evidence.json", "digest_unfit", key=row["id"])
    texts = (("document_context", "content", "sha256"), ("playbook_edition", "text", "sha256"))
    for name, text, digest in texts:
        for row in case.references.get(name, []):
            if sha256(row[text].encode()).hexdigest() != row[digest]:
                yield Fault(f"references/{name}.json", "digest_unfit", key=row[digest])


def _files(case: Case, manifest: Manifest) -> Iterator[Fault]:
    """Yield the files that no row names, and the rows whose file is neither here nor said to be lost."""
    sizes = {f"files/{row['sha256']}": row["size"] for row in case.of("evidence") if row["sha256"] in case.files}
    sizes |= {f"documents/{row['sha256']}": row["size"] for row in case.of("issued_document")}
    there = {name for name in manifest.parts if name.startswith(("files/", "documents/"))}
    for name in sorted(there - sizes.keys()):
        yield Fault(name, "file_of_no_row")
    for name in sorted(sizes.keys() - there - set(manifest.absent)):
        yield Fault(name, "missing")
    for name in sorted(there & sizes.keys()):
        if manifest.parts[name].size != sizes[name]:
            yield Fault(name, "size_unfit", size=sizes[name], is_size=manifest.parts[name].size)


def _seals(case: Case, said: dict[str, Any], checked: Checked) -> Iterator[Fault]:
    """Yield what the seals tell; note in `checked` how many fit, and by which secrets others were made."""
    signed = judge(said["seal"], NOUN, {"manifest": checked.manifest.own_digest()})
    if signed is Verdict.BROKEN:
        yield Fault("manifest.json", "seal_unfit", key="manifest")
    _count(checked, signed, said["seal"])
    if checked.manifest.audience is Audience.PARTNER:
        return
    for noun, spec in SEALED.items():
        seals = said["seals"].get(noun, {})
        rows = case.of(noun)
        table = METADATA.tables[noun]
        keyed = {seal_key(table, row, place): row for place, row in enumerate(rows, start=1)}
        if keyed.keys() != seals.keys():
            yield Fault(part_of(table), "seals_of_others")
            continue
        ordered = sorted(keyed, key=lambda key: int(keyed[key]["number"])) if spec.chained else list(keyed)
        previous = ""
        for key in ordered:
            values = {name: keyed[key].get(name) for name in spec.columns}
            verdict = judge(seals[key], noun, values, previous=previous if spec.chained else "")
            if verdict in (Verdict.BROKEN, Verdict.ABSENT):
                yield Fault(part_of(table), "seal_unfit", key=key)
            _count(checked, verdict, seals[key])
            previous = seals[key]
    yield from _tip(said, checked)


def _tip(said: dict[str, Any], checked: Checked) -> Iterator[Fault]:
    """Compare the seals with what the case's tip says of them: how many of each kind, and their sum."""
    tip = said["tip"]
    if tip is None:
        yield Fault("seals.json", "missing")
        return
    for noun in sorted({*tip["kinds"], *said["seals"]}):
        count, total = tip["kinds"].get(noun, (0, "0"))
        seals: Sequence[str] = list(said["seals"].get(noun, {}).values())
        if (len(seals), sum(map(weight_of, seals)) % MODULUS) != (int(count), int(str(total), 16)):
            yield Fault("seals.json", "seals_do_not_add_up", key=noun)
    verdict = judge_tip(tip)
    if verdict is Verdict.BROKEN:
        yield Fault("seals.json", "seal_unfit", key="tip")
    _count(checked, verdict, tip["seal"])


def _count(checked: Checked, verdict: Verdict, seal: str) -> None:
    if verdict is Verdict.FITS:
        checked.seals += 1
    elif verdict is Verdict.KEY_ABSENT:
        checked.unknown[key_of(seal)] += 1
