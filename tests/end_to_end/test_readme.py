import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def block(number: int) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "readme-block", str(number)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("number", "last"), [(1, ".venv/bin/barfinex demo"), (2, ".venv/bin/pytest")], ids=["demo", "tests"]
)
def test_the_quick_start_begins_with_plain_python_and_ends_with_what_it_promises(
    number: int, last: str
) -> None:
    lines = block(number).splitlines()
    assert lines[0] == "python3 -m venv .venv"
    assert lines[1].startswith(".venv/bin/pip install ")
    assert lines[-1] == last
    subprocess.run(["sh", "-n"], input="\n".join(lines), text=True, check=True)


def test_the_quick_start_holds_exactly_two_sh_blocks() -> None:
    refused = subprocess.run(
        [sys.executable, ROOT / ".ci" / "readme-block", "3"], capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").split("## Quick start", 1)[1].split("\n## ", 1)[0]
    )
    assert section.count("```sh\n") == 2
    assert section.count("```") == 4


def test_every_file_the_readme_shows_or_links_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = {part.split(")", 1)[0] for part in text.split("](")[1:]}
    local = {link for link in links if "://" not in link}
    assert local
    assert not [link for link in local if not (ROOT / link).exists()]
