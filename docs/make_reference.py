"""Makes `docs/contracts.md` from the docstrings of the public names: `python docs/make_reference.py`.

It reads the source, so that the docstrings of fields and the annotations as they were written are there too.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "contracts.md"

HEAD = """\
# Reference of the contracts

Made from the docstrings by `python docs/make_reference.py`; a test keeps it true. [Building a connector][guide] tells
how to use it. The contract's version is {version}: a connector's manifest names the one it was written for
(`contract = {version}`), and another is refused with a plain message.

[guide]: building-connectors.md

"""


@dataclass(frozen=True)
class Part:
    """One module of public names and what it is for."""

    module: str
    title: str
    intro: str


PARTS = (
    Part(
        "connectors.contracts",
        "Contracts: what a connector gives",
        "`from connectors.contracts import ...`. Services are Protocols: a connector inherits nothing.",
    ),
    Part(
        "connectors.contracts.errors",
        "Errors: what a connector raises",
        "`from connectors.contracts.errors import ...`. `retryable` says whether the same call may succeed later "
        "without a change.",
    ),
    Part(
        "connectors.toolkit",
        "Toolkit: what does most of it",
        "`from connectors.toolkit import ...`.",
    ),
    Part(
        "connectors.emulator.toolkit",
        "Emulator toolkit: what a local venue is made of",
        "`from connectors.emulator.toolkit import ...`.",
    ),
)


def reference() -> str:
    version = importlib.import_module("catalog.model").CONTRACT_VERSION
    sections = [_section(part) for part in PARTS]
    return HEAD.format(version=version) + "\n\n".join(sections) + "\n"


def _section(part: Part) -> str:
    module = importlib.import_module(part.module)
    return "\n\n".join(
        [f"## {part.title}", part.intro, *(_entry(name, found) for name, found in public_names(module))]
    )


@dataclass(frozen=True)
class Definition:
    """Where a name is defined, and what is said of it."""

    node: ast.stmt
    text: str


def undocumented() -> list[str]:
    """The public names without a docstring."""
    return [
        f"{part.module}.{name}"
        for part in PARTS
        for name, found in public_names(importlib.import_module(part.module))
        if not found.text
    ]


def public_names(module: ModuleType) -> Iterator[tuple[str, Definition]]:
    """The public names with their definitions; those of a module without `__all__` in their order."""
    names = getattr(module, "__all__", None)
    if names is None:
        for node in _body(module):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, Definition(node, ast.get_docstring(node) or "")
        return
    imported = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in _body(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for name in sorted(names, key=str.casefold):
        place, original = imported.get(name, (module.__name__, name))
        yield name, _definition(importlib.import_module(place), original)


def _body(module: ModuleType) -> list[ast.stmt]:
    return ast.parse(inspect.getsource(module)).body


def _definition(module: ModuleType, name: str) -> Definition:
    body = _body(module)
    for place, node in enumerate(body):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return Definition(node, ast.get_docstring(node) or "")
        if _assigned(node) == name:
            return Definition(node, _text(body[place + 1] if place + 1 < len(body) else None))
        if isinstance(node, ast.ImportFrom) and any((one.asname or one.name) == name for one in node.names):
            return _definition(importlib.import_module(node.module or ""), name)
    raise LookupError(f"{module.__name__} does not define {name}")


def _assigned(node: ast.stmt) -> str | None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def _text(node: ast.stmt | None) -> str:
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return inspect.cleandoc(node.value.value)
    return ""


def _entry(name: str, found: Definition) -> str:
    node = found.node
    rows: list[str] = []
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(f"`{ast.unparse(base)}`" for base in node.bases)
        title = f"`{name}`" + (f" ({bases})" if bases else "")
        rows = _members(node)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        title = f"`{name}{_signature(node)}`"
    else:
        value = getattr(node, "value", None)
        shown = "" if value is None else ast.unparse(value)
        title = f"`{name}`" + (f" = `{shown}`" if 0 < len(shown) < 160 else "")
    return "\n\n".join(block for block in (f"### {title}", found.text, "\n".join(rows)) if block)


def _members(node: ast.ClassDef) -> list[str]:
    rows: list[str] = []
    for place, member in enumerate(node.body):
        following = node.body[place + 1] if place + 1 < len(node.body) else None
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            rows += _method(member)
        elif (field := _assigned(member)) is not None and not field.startswith("_"):
            rows.append(_field(field, member, _text(following)))
    return rows


def _field(name: str, node: ast.stmt, text: str) -> str:
    kind = f": {ast.unparse(node.annotation)}" if isinstance(node, ast.AnnAssign) else ""
    value = getattr(node, "value", None)
    default = f" = {ast.unparse(value)}" if value is not None and "field(" not in ast.unparse(value) else ""
    return f"- `{name}{kind}{default}`" + (f": {_joined(text)}" if text else "")


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    if node.name.startswith("_") and node.name != "__init__":
        return []
    text = ast.get_docstring(node) or ""
    decorators = {ast.unparse(one) for one in node.decorator_list}
    if node.name == "__init__":
        shown = f"`(...)`: made with `{_signature(node)}`"
    elif "property" in decorators:
        shown = f"`{node.name}`" + (f" -> `{ast.unparse(node.returns)}`" if node.returns else "")
    else:
        prefix = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
        shown = f"`{prefix}{node.name}{_signature(node)}`"
    return [f"- {shown}" + (f": {_joined(text)}" if text else "")]


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    arguments = ast.unparse(node.args)
    arguments = arguments.removeprefix("self").removeprefix(", ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    return f"({arguments}){returns}"


def _joined(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)} written")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
