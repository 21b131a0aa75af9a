"""The guide for authors does what it says: every block of it is run, in its order, by somebody without a network."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.workshop import Workshop

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "building-connectors.md"
BLOCKS = blocks_of(GUIDE.read_text(encoding="utf-8"))

# The block that is asked for first, which is any in random order, has all before it done.
pytestmark = [pytest.mark.xdist_group("guide"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(BLOCKS, tmp_path_factory.mktemp("guide"))


@pytest.mark.parametrize("number", range(len(BLOCKS)), ids=[block.name for block in BLOCKS])
def test_the_guide_is_right(workshop: Workshop, number: int) -> None:
    workshop.do(number)
