"""The sheet of keywords: a taxonomy of the partnership's own."""

import re
from collections.abc import Iterable

from states.matchmaking.suggestions.chosen_taxonomy import bring_taxonomy
from states.matchmaking.suggestions.taxonomy import CODE, LANGUAGES, Node
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World


class Keywords(Sheet[Node]):
    """The nodes of the partnership's own taxonomy; a partnership that speaks one that is shipped has none here."""

    name = "keywords"
    says = "Words of your own for what is offered and sought; leave it empty to use those that come with Bankable."
    handle = ("code",)
    divisible = False  # the whole taxonomy is its next edition
    columns = (
        Column(name="code", required=True, key=True, note="capitals and digits; a dot goes down", example="SOIL.WATER"),
        Column(name="en", required=True, note="label in English", example="Water in the soil", width=34),
        *(Column(name=language, note="label, where there is one", width=34) for language in LANGUAGES[1:]),
    )

    def rows(self, world: World) -> Iterable[Node]:
        return world.own_keywords.values()

    def values_of(self, world: World, row: Node) -> Values:
        return {"code": row.code} | {language: row.labels.get(language, "") for language in LANGUAGES}

    def find(self, world: World, line: Line) -> Node | None:
        return world.own_keywords.get(line.text("code"))

    def check(self, world: World, line: Line, row: Node | None) -> None:
        if line.text("code") and not re.fullmatch(CODE, line.text("code")):
            line.fault("code", "no_code_of_a_keyword", remedy="code_of_a_keyword")

    def keep(self, world: World, line: Line, row: Node | None) -> Node:
        code = line.text("code")
        labels = {language: label for language in LANGUAGES if (label := line.text(language))}
        kept = Node(code, code.rpartition(".")[0] or None, code.count(".") + 1, labels)
        world.own_keywords[code] = kept
        world.keywords_changed = True
        return kept

    def finish(self, world: World) -> None:
        """Bring the whole taxonomy as its next edition; the profiles of the same file speak it already."""
        if world.keywords_changed:
            nodes = [{"code": node.code, **node.labels} for node in world.own_keywords.values()]
            world.__dict__["taxonomy"] = bring_taxonomy(world.session, world.partnership, nodes)
        world.session.flush()
