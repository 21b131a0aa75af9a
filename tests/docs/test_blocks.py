"""What the tests of the guide notice: a guide that is wrong must not pass."""

import pytest

from tests.docs.blocks import (
    BadBlock,
    Block,
    blocks_of,
    changed,
    commands_of,
    require_excerpt,
    require_printed,
)

FILE = "class One:\n    first = 1\n    second = 2\n\n\nclass Two:\n    third = 3\n"


def test_blocks_are_found_with_their_place_and_attributes() -> None:
    guide = 'Text.\n\n```sh\nls\n```\nIn `b.py`:\n```python title="a/b.py" new\nx = 1\n```\n'
    assert blocks_of(guide) == [
        Block(3, "sh", {}, "ls\n", "Text.\n"),
        Block(7, "python", {"title": "a/b.py", "new": ""}, "x = 1\n", "In `b.py`:"),
    ]


@pytest.mark.parametrize(
    "guide",
    [
        "```sh\nls\n",
        "```\nls\n```\n",
        "```ruby\nputs\n```\n",
        "```sh skip\nls\n```\n",
        "```text\nanything\n```\n",
        "```toml\na = 1\n```\n",
        "```diff\n+a\n```\n",
        '```diff title="a.py"\n+a\n```\n',
    ],
    ids=[
        "endless",
        "nameless",
        "unknown",
        "skipped",
        "text without why",
        "toml",
        "diff",
        "a file that is not named",
    ],
)
def test_a_block_that_would_not_be_tested_is_an_error(guide: str) -> None:
    with pytest.raises(BadBlock):
        blocks_of(guide)


def test_a_console_is_commands_with_what_they_print() -> None:
    assert list(commands_of("$ a b\none\ntwo\n$ c\n")) == [("a b", "one\ntwo\n"), ("c", "")]
    with pytest.raises(BadBlock):
        list(commands_of("one\n$ a\n"))


@pytest.mark.parametrize(
    "expected", ["a 1 b\nc\n", "a ... b\nc\n", "...\nc\n", "...\na 1 b\n...\n", "a  1 b\n\nc\n"]
)
def test_what_is_printed_may_be_left_out_by_dots(expected: str) -> None:
    require_printed(expected, "a 1 b\n   c\n")


@pytest.mark.parametrize("expected", ["", "a 1 b\n", "a 2 b\nc\n", "...\nd\n", "c\na 1 b\n", "a...\n"])
def test_something_else_that_is_printed_is_an_error(expected: str) -> None:
    with pytest.raises(BadBlock):
        require_printed(expected, "a 1 b\nc\n")


@pytest.mark.parametrize(
    "excerpt",
    ["first = 1\n", "    first = 1\n    second = 2\n", "class One:\n    ...\n    third = 3\n", FILE],
)
def test_an_excerpt_stands_in_its_file(excerpt: str) -> None:
    require_excerpt(excerpt, FILE)


@pytest.mark.parametrize(
    "excerpt",
    ["first = 2\n", "second = 2\nfirst = 1\n", "third = 3\n...\nfirst = 1\n", "class One:\nfirst = 1\n"],
)
def test_an_excerpt_that_has_rotted_is_an_error(excerpt: str) -> None:
    with pytest.raises(BadBlock):
        require_excerpt(excerpt, FILE)


def test_a_diff_changes_its_file() -> None:
    diff = " class One:\n-    first = 1\n+    zeroth = 0\n@@\n-    third = 3\n"
    assert changed(FILE, diff) == FILE.replace("first = 1", "zeroth = 0").replace("    third = 3\n", "")


@pytest.mark.parametrize("diff", ["-    fourth = 4\n", " class One:\n", "+new\n", "-\n"])
def test_a_diff_that_does_not_fit_is_an_error(diff: str) -> None:
    with pytest.raises(BadBlock):
        changed(FILE, diff)
