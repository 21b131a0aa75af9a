"""The fenced blocks of a guide, and how what they show is compared with what there is.

| block | what a test does with it |
|---|---|
| `sh` | runs it; it must succeed. A folder that it changes to is that of the blocks after it |
| `console` | runs what follows `$ ` and compares what is printed, `...` being anything; it may end with `exit=1` |
| `python` | runs it |
| `python`, `toml` with `title="FILE"` | compares it with the file: an excerpt, a line `...` for what is left out |
| the same with `new` | writes the file, which there must not be yet |
| `diff title="FILE"` | changes the file; `@@` lines stand between changes |
| `text why="..."` | nothing, and says why |
"""

import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_KNOWN: Mapping[str, frozenset[str]] = {
    "sh": frozenset(),
    "console": frozenset({"exit"}),
    "python": frozenset({"title", "new"}),
    "toml": frozenset({"title", "new"}),
    "diff": frozenset({"title"}),
    "text": frozenset({"why"}),
}
_NEEDED: Mapping[str, str] = {"toml": "title", "diff": "title", "text": "why"}
_ELLIPSIS = "..."


class BadBlock(Exception):
    """A block that cannot be tested, or that is not so; the text says what."""


@dataclass(frozen=True, slots=True)
class Block:
    line: int
    """Where it begins in the guide."""
    language: str
    attributes: Mapping[str, str]
    text: str
    before: str = ""
    """What is written between the block before and this one."""

    @property
    def name(self) -> str:
        return f"{self.line}-{self.language}"


def blocks_of(guide: str) -> list[Block]:
    """Raises `BadBlock` where one is of no known kind or has no end."""
    found: list[Block] = []
    before: list[str] = []
    lines = iter(enumerate(guide.splitlines(), 1))
    for number, line in lines:
        if not line.startswith("```"):
            before.append(line)
            continue
        text: list[str] = []
        for _, inner in lines:
            if inner == "```":
                break
            text.append(inner)
        else:
            raise BadBlock(f"line {number}: the block has no end")
        found.append(_block(number, line.removeprefix("```"), "\n".join(text) + "\n", "\n".join(before)))
        before = []
    return found


def _block(line: int, info: str, text: str, before: str) -> Block:
    language, _, rest = info.partition(" ")
    attributes = {name: value for name, _, value in (word.partition("=") for word in shlex.split(rest))}
    if language not in _KNOWN or not _KNOWN[language].issuperset(attributes):
        raise BadBlock(f"line {line}: no test knows what to do with '{info}'")
    needed = _NEEDED.get(language)
    if needed is not None and not attributes.get(needed):
        raise BadBlock(f"line {line}: a block '{language}' has a {needed}")
    # A title is not seen on the page: the text says which file it is.
    if PurePosixPath(attributes.get("title", "")).name not in before:
        raise BadBlock(f"line {line}: nothing before it names {attributes['title']}")
    return Block(line, language, attributes, text, before)


def commands_of(console: str) -> Iterator[tuple[str, str]]:
    """Every command of a console with what it prints."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)
    if parts[0].strip() or len(parts) < 3:
        raise BadBlock("a console begins with '$ ' and a command")
    yield from zip(parts[1::2], parts[2::2], strict=True)


def require_printed(expected: str, printed: str) -> None:
    """Spaces and empty lines do not count. Raises `BadBlock`."""
    wanted, seen = _lines(expected), _lines(printed)
    pattern = "".join(
        r"(?:.*\n)*?"
        if line == _ELLIPSIS
        else ".*".join(re.escape(part) for part in line.split(_ELLIPSIS)) + r"\n"
        for line in wanted
    )
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in seen)) is None:
        raise BadBlock(f"it prints something else:\n{printed}")


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def require_excerpt(excerpt: str, content: str) -> None:
    """Raises `BadBlock` where a part of the excerpt does not stand in the content, in the excerpt's order."""
    lines, begin = content.splitlines(), 0
    for part in re.split(r"^ *\.\.\.\n", excerpt, flags=re.MULTILINE):
        wanted = textwrap.dedent(part).strip("\n").splitlines()
        size = len(wanted)
        for place in range(begin, len(lines) - size + 1):
            if textwrap.dedent("\n".join(lines[place : place + size])).splitlines() == wanted:
                begin = place + size
                break
        else:
            raise BadBlock(f"this does not stand in the file:\n{part}")


def changed(content: str, diff: str) -> str:
    """The content with the changes made. Raises `BadBlock` where what they change is not there, or not once."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        if not before or before == after:
            raise BadBlock(f"this changes nothing:\n{hunk}")
        if (count := content.count(before)) != 1:
            raise BadBlock(f"this stands {count} times in the file:\n{before}")
        content = content.replace(before, after)
    return content
