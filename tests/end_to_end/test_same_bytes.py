"""Same question, same bytes: whatever order and form the sources have, generated universes over a server.

LOCKSTACK_ALL: ten times as many universes and orders.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.written import ONE_FILE, PACKED, SHARDED, Writing, write_universe
from tests.oracles.universe_generator import make_universe
from tests.support.amount import IS_WHOLE
from tests.support.server import LoopbackServer

COUNT = 200 if IS_WHOLE else 6
BLOCK = 6
ORDERS = 8 if IS_WHOLE else 1

WRITINGS = [
    *(Writing(seed=seed, channel_form=form, json_pages=pages)
      for seed in range(ORDERS)
      for form, pages in ((ONE_FILE, False), (PACKED, True), (SHARDED, True))),
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


def answer(seed: int, writing: Writing, server: LoopbackServer, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the lockfile of a universe, or the error, for one way of writing it."""
    written = write_universe(make_universe(seed), server.url, writing)
    written.serve(server)
    folder = Path(tempfile.mkdtemp())
    try:
        for name, text in written.inputs.items():
            (folder / name).write_text(text)
        source = "environment.yml" if "environment.yml" in written.inputs else "requirements.txt"
        more = [] if source == "environment.yml" else ["--python", "3.11.9"]
        code = run(
            source, "-o", "conda-lock.yml", "-q", "--channel-alias", f"{server.url}/conda",
            "--index-url", f"{server.url}/simple", "--cache-dir", folder / "cache", *more, folder=folder,
        )  # fmt: skip
        shown = capsys.readouterr()
        assert shown.out == ""
        assert code in (0, 4), shown.err
        made = folder / "conda-lock.yml"
        return made.read_text() if code == 0 else shown.err
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_order_and_form_of_the_sources(
    start: int, server: LoopbackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    found = 0
    for seed in range(start, start + BLOCK):
        first = answer(seed, Writing(), server, capsys)
        found += first.startswith(("#", "version"))
        for writing in WRITINGS:
            assert answer(seed, writing, server, capsys) == first, (seed, writing)
    assert found, "no universe with a solution"
