"""Makes `docs/conformance-cases.md` from the kit's own list of cases: `python docs/make_cases.py`.

It is what `barfinex connector check --list --json` prints, as tables.
"""

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "conformance-cases.md"

HEAD = """\
# The cases of the conformance kit

Made from the kit by `python docs/make_cases.py`; a test keeps it true. [Building a connector][guide] tells how to read
a verdict. A case is run once for the connector (¹), or once for each of its markets. It is *skipped* where what it
claims is not in the manifest, and *blocked* where a case that it comes after did not pass. A number never changes its
meaning.

[guide]: building-connectors.md

"""

_COLUMNS = "| case | what it proves | claims | after |\n|---|---|---|---|"


def cases() -> list[dict[str, Any]]:
    """Every case as the command lists it."""
    from connectors.conformance.cases import all_cases  # noqa: PLC0415 - the path is set by whoever runs this
    from connectors.conformance.report import case_to_json  # noqa: PLC0415

    return [case_to_json(case) for case in all_cases()]


def document() -> str:
    return HEAD + "\n\n".join(_sections(cases())) + "\n"


def _sections(every: list[dict[str, Any]]) -> Iterator[str]:
    for topic, members in groupby(every, key=lambda case: case["topic"]):
        rows = "\n".join(_row(case) for case in members)
        yield f"## {topic[0].upper()}{topic[1:]}\n\n{_COLUMNS}\n{rows}"


def _row(case: Mapping[str, Any]) -> str:
    once = "¹" if case["scope"] == "connector" else ""
    claims = ", ".join(f"`{claim}`" for claim in case["claims"])
    return f"| {case['case']}{once} | **{case['title']}.** {case['proves']} | {claims} | {', '.join(case['after'])} |"


def main() -> None:
    TARGET.write_text(document(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)} written")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
