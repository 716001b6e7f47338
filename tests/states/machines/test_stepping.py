"""A step goes where the definition says, or is refused in its words, with what is possible instead."""

from enum import StrEnum

import pytest

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing, StepRefused
from states.machines.drawing import chapter, diagram
from states.machines.stepping import begin, need, step
from tests.expect import codes


class Post(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    OUT = "out"
    GONE = "gone"


class PostRefused(Refused):
    """The post is not where this is done."""

    code = "post_refused"


DRAFT = Move("draft", "Draft it", None, Post.DRAFT)
EDIT = Move("edit", "Edit it", Post.DRAFT)
CHECK = Move("check", "Check it", Post.DRAFT, (Post.CHECKED, Post.OUT))
PUBLISH = Move("publish", "Publish it", (None, Post.CHECKED), Post.OUT)
EXPIRE = Move("expire", "Its time is over", Post.OUT, Post.GONE, automatic=True)
DROP = Move(
    "drop",
    "Drop it",
    (Post.DRAFT, Post.CHECKED),
    Post.GONE,
    refusing={
        None: Refusing(PostRefused, "nothing_there", "not_prepared", ("author",), "posts"),
        Post.OUT: Refusing(PostRefused, "is_out"),
    },
)
POST = Machine(
    name="post",
    title="A post",
    noun="message",
    states={Post.DRAFT: "Drafted", Post.CHECKED: "Checked", Post.OUT: "Out", Post.GONE: "Gone"},
    final=frozenset({Post.GONE}),
    moves=(DRAFT, EDIT, CHECK, PUBLISH, EXPIRE, DROP),
    column="post.state",
    refusing=Refusing(PostRefused, mend_by=("author",), where="posts"),
)


def test_steps_lead_where_the_definition_says() -> None:
    assert (begin(POST, DRAFT), begin(POST, PUBLISH)) == (Post.DRAFT, Post.OUT)
    assert step(POST, Post.DRAFT, EDIT) is Post.DRAFT
    assert [step(POST, Post.DRAFT, CHECK, end=end) for end in CHECK.ends] == [Post.CHECKED, Post.OUT]
    assert step(POST, Post.CHECKED, PUBLISH) is Post.OUT
    need(POST, Post.DRAFT, CHECK)


def test_no_other_step_is_made() -> None:
    known = {(start, move.name, end) for start, end, move in POST.steps()}
    made = set()
    for start in (None, *Post):
        for move in POST.moves:
            for end in Post:
                try:
                    assert step(POST, start, move, end=end) is end
                except (PostRefused, ValueError):
                    continue
                made.add((start, move.name, end))
    assert made == known


def said(refused: Refused) -> list[tuple[object, ...]]:
    return [(one.code, one.message, one.mend_by, one.where) for one in refused.reasons]


@pytest.mark.parametrize(
    ("state", "move", "expected"),
    [
        (
            Post.DRAFT,
            PUBLISH,
            (
                "wrong_state",
                'The message is drafted: "Publish it" is not possible. Possible: "Edit it", "Check it" and "Drop it".',
                ("author",),
                "posts",
            ),
        ),
        (
            Post.CHECKED,
            EDIT,
            (
                "wrong_state",
                'The message is checked: "Edit it" is not possible. Possible: "Publish it" and "Drop it".',
                ("author",),
                "posts",
            ),
        ),
        (
            None,
            CHECK,
            (
                "wrong_state",
                'The message does not exist yet: "Check it" is not possible. Possible: "Draft it" and "Publish it".',
                ("author",),
                "posts",
            ),
        ),
        (None, DROP, ("nothing_there", "No decision is prepared.", ("author",), "posts")),
        # What happens of itself is never named as possible.
        (Post.OUT, DROP, ("is_out", 'The message is out: "Drop it" is not possible.', (), "")),
    ],
)
def test_a_refusal_names_what_is_possible(state: Post | None, move: Move[Post], expected: tuple[object, ...]) -> None:
    with pytest.raises(PostRefused) as stepped:
        step(POST, state, move, end=Post.GONE)
    with pytest.raises(PostRefused) as asked:
        need(POST, state, move)
    assert (said(stepped.value), said(asked.value)) == ([expected], [expected])


def test_a_refusal_names_the_thing_and_the_place() -> None:
    with pytest.raises(PostRefused) as caught:
        need(POST, Post.GONE, EDIT, what="Post 7", where="posts/7")
    message = 'Post 7 is gone: "Edit it" is not possible.'
    assert said(caught.value) == [("wrong_state", message, ("author",), "posts/7")]


def test_of_several_ends_one_is_chosen() -> None:
    with pytest.raises(ValueError, match="check leads to checked, out: choose one"):
        step(POST, Post.DRAFT, CHECK)


def test_without_words_of_its_own_a_definition_refuses_plainly() -> None:
    bare = Machine(name="bare", title="Bare", noun="document", states={"a": "A"}, final=frozenset({"a"}), moves=())
    with pytest.raises(StepRefused) as caught:
        need(bare, "a", Move("go", "Go", "b", "a"))
    assert codes(caught.value) == ["wrong_state"]


DRAWN = """\
stateDiagram-v2
    [*] --> draft: Draft it
    [*] --> out: Publish it
    state "Drafted" as draft
    state "Checked" as checked
    state "Out" as out
    state "Gone" as gone
    draft --> draft: Edit it
    draft --> checked: Check it
    draft --> out: Check it
    checked --> out: Publish it
    out --> gone: Its time is over
    draft --> gone: Drop it
    checked --> gone: Drop it
    gone --> [*]
"""


def test_the_drawing_holds_every_step() -> None:
    assert diagram(POST) == DRAWN
    head = "## A post\n\n`post`; its state is kept in `post.state`.\n\n"
    assert chapter(POST) == f"{head}```mermaid\n{DRAWN}```\n"
