"""Asynchronous tests run on asyncio alone; most want the shop in a box that `lab.py` builds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.mock_store.lab import Lab, open_lab


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on the event loop that the shop runs on."""
    return "asyncio"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """Return a correct shop of one region, its sale open."""
    async with open_lab(tmp_path) as opened:
        yield opened


@pytest.fixture
async def two_regions(tmp_path: Path) -> AsyncIterator[Lab]:
    """Return a correct shop of the regions a and b on one database, its sale open."""
    async with open_lab(tmp_path, names="ab") as opened:
        yield opened
