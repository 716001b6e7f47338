"""Walk through all writes with their examples, each in a world that has one of everything and is led up to it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from states.storage import engine
from tests.api.house import Caller, House
from tests.api.protocol_files import brought_in, edited, say
from tests.api.rights import TABLE
from tests.states.workbook.sheets_in import a_workbook

# Where the world has it under another name than what the path's other users mean.
ELSEWHERE = {
    "/partnerships/{partnership}/working-areas/": {"number": "2"},
    "/reports/{period}/self-assessment/": {"question": "III.1"},
}
QUERIES = {"/collaborations/{collaboration_id}/rounds/seating": "?panel=iag"}
ASKERS = {"M": "project_manager", "D": "administrator", "S": "iag_secretary", "C": "iag_chair", "G": "wgra_chair"}
ASKERS |= {"A": "iag_member 1", "a": "iag_member 2", "x": "iag_member 3", "W": "paca", "P": "partner"}
ASKERS |= {"O": "observer", "s": "stranger"}
# The names of fields that hold an id, and which id of the world is meant.
IDS = {"contact_id": "contact_id", "person": "person_id", "asker": "participant_id", "guests": "guest_id"}
IDS |= {"missed": "guest_id", "participant": "participant_id"}

_CASE, _PARTNERSHIP = "/collaborations/{collaboration_id}", "/partnerships/{partnership}"
_MOVE = f"POST {_CASE}/moves"
_CONDITION = f"{_CASE}/agreements/{{number}}/conditions/{{condition}}"
_AGREEMENT, _CHANGE = f"{_CASE}/agreements/{{number}}", f"{_CASE}/change-requests/{{number}}"
_SUBMISSION = f"{_CASE}/submissions/{{number}}"
_ASKED, _OVER = f"POST {_CHANGE}/asking", f"POST {_PARTNERSHIP}/closing"
_REPORTED, _HANDED_IN = "PATCH /progress/{progress_id}", "POST /progress/{progress_id}/handing-in"
_ACCEPTED = "POST /progress/{progress_id}/acceptance"
_LEFT = f"POST {_PARTNERSHIP}/organisations/{{organisation}}/withdrawal"
_PROFILE, _QUESTION, _ROUND = "/profiles/{profile_id}", "/questions/{question_id}", "/rounds/{round_id}"
_RULES, _CONSENSUS = "/rules/{rules_key}", "PUT /rounds/{round_id}/consensus"
_WITHDRAWN, _ANSWERED = "POST /meetings/{meeting_id}/withdrawal", f"POST {_QUESTION}/answers"
_CHOSEN, _PLANNED = "POST /scenarios/{scenario_id}/choice", f"POST {_CASE}/agreements/planning"
# What is granted first, by its own example and by whoever may, so that an example finds what it speaks of.
AFTER: dict[str, tuple[str, ...]] = {
    f"POST {_CASE}/moves/undoing": (_MOVE,),
    _OVER: (_MOVE,),
    f"POST {_PARTNERSHIP}/reopening": (_MOVE, _OVER),
    _LEFT: (_MOVE,),
    f"POST {_PARTNERSHIP}/organisations/{{organisation}}/return": (_MOVE, _LEFT),
    f"POST {_ROUND}/discussions": (_MOVE,),
    _CONSENSUS: (_MOVE,),
    f"PUT {_ROUND}/minute": (_MOVE, _CONSENSUS),
    f"PUT {_PROFILE}": (f"POST {_PROFILE}/reopening",),
    f"POST {_PROFILE}/submission": (f"POST {_PROFILE}/reopening",),
    f"POST {_PROFILE}/checks": (f"POST {_PROFILE}/reopening", f"POST {_PROFILE}/submission"),
    "POST /interests/{interest_id}/information": ("POST /interests/{interest_id}/answer",),
    "POST /events/{event_id}/meetings": (_WITHDRAWN,),
    "POST /events/{event_id}/walk-in-meetings": (_WITHDRAWN,),
    "POST /events/{event_id}/timetables": ("POST /timetables/{timetable_id}/cancellation",),
    "POST /section-assignments/{assignment_id}/return": ("POST /section-assignments/{assignment_id}/handing-in",),
    f"PATCH {_QUESTION}/answers/{{number}}": (_ANSWERED,),
    f"POST {_QUESTION}/answers/{{number}}/withdrawal": (_ANSWERED,),
    f"POST {_QUESTION}/reopening": (_ANSWERED,),
    f"POST {_RULES}/entry-into-force": (f"POST {_RULES}/verification",),
    f"POST {_RULES}/supersession": (f"POST {_RULES}/verification", f"POST {_RULES}/entry-into-force"),
    f"PATCH {_SUBMISSION}": (f"POST {_CASE}/submissions",),
    f"DELETE {_SUBMISSION}": (f"POST {_CASE}/submissions",),
    f"POST {_AGREEMENT}/reopening": (f"POST {_AGREEMENT}/ending",),
    f"POST {_CONDITION}/reopening": (f"POST {_CONDITION}/settlement",),
    _PLANNED: (_CHOSEN,),
    _HANDED_IN: (_REPORTED,),
    "POST /progress/{progress_id}/taking-back": (_REPORTED, _HANDED_IN),
    "POST /progress/{progress_id}/return": (_REPORTED, _HANDED_IN),
    _ACCEPTED: (_REPORTED, _HANDED_IN),
    "POST /progress/{progress_id}/correction": (_REPORTED, _HANDED_IN, _ACCEPTED),
    f"POST {_CHANGE}/approvals/{{approval}}/answer": (_ASKED,),
    f"POST {_CHANGE}/revision": (_ASKED,),
    f"POST {_CHANGE}/carrying-out": (_ASKED, f"POST {_CHANGE}/approvals/{{approval}}/answer"),
    f"POST {_CASE}/funding-solutions": ("POST /funding-solutions/{run_id}/cancellation",),
    f"POST {_PARTNERSHIP}/people/{{grant_id}}/erasure": (f"POST {_PARTNERSHIP}/people/{{grant_id}}/ending",),
    "DELETE /me/calendar-feeds/{feed_id}": ("POST /me/calendar-feeds",),
}
# Of which list the first is meant by the id at the end of the path.
FIRST = {
    "DELETE /me/tokens/{token_id}": "/me/tokens",
    f"DELETE {_PARTNERSHIP}/tokens/{{token_id}}": f"{_PARTNERSHIP}/tokens",
    "DELETE /me/calendar-feeds/{feed_id}": "/me/calendar-feeds",
}


def _file(caller: Caller, address: str, **sent: Any) -> httpx.Response:
    answer: httpx.Response = caller.client.post(f"/api/v1{address}", headers=caller.headers, **sent)
    return answer


def _bring_rates(caller: Caller, address: str) -> httpx.Response:
    return _file(caller, f"{address}?month=2026-10", content=json.dumps([{"isoA3Code": "PLN", "value": 4.3}]))


def _bring_workbook(caller: Caller, address: str) -> httpx.Response:
    rows = [["slug", "name", "kind", "nuts"], ["bone", "Bone Works", "sme", "PL22"]]
    return _file(caller, address, content=a_workbook({"organisations": rows}))


def _file_evidence(caller: Caller, address: str) -> httpx.Response:
    said = {"kind": "letter_of_support", "dated_on": "2026-01-20", "title": "Letter"}
    return _file(caller, address, data=said, files=[("file", ("letter.pdf", b"%PDF-1.7 a letter", "application/pdf"))])


def _bring_protocol(caller: Caller, address: str) -> httpx.Response:
    case = address.removesuffix("/protocol/imports")
    out = caller.get(f"{case}/protocol/file")
    return brought_in(caller, case, edited(out.content, say("identity.acronym", "BIO"))) if out.is_success else out


FILES: dict[str, Callable[[Caller, str], httpx.Response]] = {
    f"POST {_PARTNERSHIP}/exchange-rates": _bring_rates,
    f"POST {_PARTNERSHIP}/imports": _bring_workbook,
    f"POST {_CASE}/evidence": _file_evidence,
    f"POST {_CASE}/protocol/imports": _bring_protocol,
}
# By a link there are no roles, and a whole case comes from another installation: where their records are found.
BY_THEMSELVES = {
    "POST /links/evidence/{token}": "routes/documents/test_evidence_links.py",
    "POST /links/part/{token}": "routes/protocol/test_assignments.py",
    "POST /links/progress/{token}": "commands/test_after_the_yes.py",
    "POST /links/question/{token}": "routes/questions/test_questions.py",
    "POST /links/role/{token}": "routes/people/test_links.py",
    "POST /links/sign-off/{token}": "routes/protocol/test_sign_offs.py",
    "POST /links/{token}": "routes/people/test_links.py",
    "POST /partnerships/{partnership}/case-files": "routes/collaborations/test_case_files.py",
    "POST /unsubscribe/{token}": "routes/operations/test_mails.py",
    "PUT /links/part/{token}": "routes/protocol/test_assignments.py",
}
# What is sent is only looked at.
ONLY_LOOKED_AT = {f"POST {_CASE}/protocol/file", "POST /documents/verification", "POST /verification"}


class Walk:
    """All writes by method and path with their examples, but for those by themselves and what is only looked at."""

    def __init__(self, house: House, keys: dict[str, str], installation: Path) -> None:
        house.tokens["stranger"] = keys["_stranger"]
        self.all = dict(_writes(house))
        self.writes = {name: self.all[name] for name in self.all if name not in {*BY_THEMSELVES, *ONLY_LOOKED_AT}}
        self._house, self._all, self._keys = house, keys, keys
        self._database, self._kept = installation / "bankable.db", installation / "kept.db"
        self._ready = installation / "ready.db"
        _copy(self._database, self._kept)

    def lead_up(self, name: str) -> None:
        """Make the world what a write needs, from what it was at the beginning."""
        self._keys = self._all
        _copy(self._kept, self._database)
        for earlier in AFTER.get(name, ()):
            assert any(self.send(earlier, who).is_success for who in self.may(earlier)), (name, earlier)
        if (path := FIRST.get(name)) is not None:
            lists = (self._house.by(ASKERS[who]).get(path.format(**self._all)).json() for who in self.may(name))
            found = next(one["items"][0]["id"] for one in lists if one["items"])
            self._keys = self._all | {name.rpartition("{")[2].rstrip("}"): found}
        _copy(self._database, self._ready)

    def again(self) -> None:
        """Make the world anew what the last write was led up to."""
        _copy(self._ready, self._database)

    def may(self, name: str) -> list[str]:
        """Return who is let through by the table of rights."""
        return [who for who in TABLE[name] if who in ASKERS]

    def send(self, name: str, who: str) -> httpx.Response:
        """Send the example, with the version that is in force where one is asked for."""
        method, path = name.split(" ", 1)
        there = next((known for start, known in ELSEWHERE.items() if path.startswith(start)), {})
        address = path.format(**self._keys | there) + QUERIES.get(path, "")
        body, caller = meant(self.writes[name], self._keys), self._house.by(ASKERS[who])
        if name in FILES:
            return FILES[name](caller, address)
        answer = caller.send(method, address, body)
        for version in (0, *range(1, 9)):
            if answer.status_code not in (412, 428):
                break
            answer = caller.send(method, address, body, version=answer.json().get("actual_version", version))
        return answer


def _copy(source: Path, target: Path) -> None:
    engine().dispose()
    shutil.copy(source, target)


def _writes(house: House) -> Iterator[tuple[str, object]]:
    for path, methods in house.app.openapi()["paths"].items():
        for method, operation in methods.items():
            if method != "get":
                content = operation.get("requestBody", {"content": {}})["content"]
                example = content.get("application/json", {}).get("example")
                yield f"{method.upper()} {path.removeprefix('/api/v1')}", example


def meant(part: object, keys: dict[str, str], name: str = "") -> object:
    """Put the ids of this world in the place of the example's."""
    if isinstance(part, dict):
        return {key: meant(value, keys, key) for key, value in part.items()}
    if isinstance(part, list):
        return [meant(value, keys, name) for value in part]
    return keys[IDS[name]] if name in IDS and isinstance(part, str) and "@" not in part else part
