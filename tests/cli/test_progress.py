"""The line that shows what is going on."""

from __future__ import annotations

import io

import pytest

from lockfiles.cli.progress import LiveProgress, Progress, open_progress
from lockfiles.cli.terminal import Terminal
from resolver.model.target import Target


def terminal(*, verbosity: int = 0, color: bool = False) -> Terminal:
    return Terminal(stdout=io.StringIO(), stderr=io.StringIO(), color=color, verbosity=verbosity)


def drawn(progress: Progress, on: Terminal) -> list[str]:
    """Return what the line showed, in order, and check that nothing is left of it."""
    with progress:
        pass  # it is drawn at once, however short the work
    written = on.stderr.getvalue()  # type: ignore[attr-defined]
    _, *shown, blank, rest = written.split("\r")
    assert blank.strip() == rest == ""
    assert len(blank) >= len(shown[-1].rstrip())
    return [text for text in shown if text]


def test_it_begins_with_reading_and_leaves_nothing() -> None:
    on = terminal()
    assert drawn(LiveProgress(on), on) == ["| reading"]


def test_it_tells_the_state_of_the_search() -> None:
    on = terminal()
    progress = LiveProgress(on)
    progress.target_started(Target(subdir="linux-64"))
    progress.decided(7)
    progress.conflict(2)
    progress.fetch_started("http://example.org/a/b/c.json")
    progress.fetch_started("http://example.org/simple/x/")
    progress.fetch_done("http://example.org/a/b/c.json", 3400)
    expected = (
        "linux-64: 7 packages decided, 2 conflicts, 1 fetched (3.4 kB), waiting for 1: example.org/.../x"
    )
    assert progress.describe() == expected
    assert drawn(progress, on) == ["| " + expected[:77]]  # no wider than a terminal of 80 columns


def test_it_tells_what_is_made_here_first() -> None:
    progress = Progress()
    progress.index_started("/channels/main/linux-64/repodata.json")
    assert progress.describe() == "splitting main/linux-64/repodata.json by name for 0 s"
    progress.index_done("/channels/main/linux-64/repodata.json")
    progress.target_started(Target(subdir="linux-64"))
    progress.build_started("numpy-1.25.2.tar.gz")
    progress.build_started("torch-1.0.tar.gz")
    state = "linux-64: 0 packages decided"
    assert progress.describe() == f"building numpy-1.25.2.tar.gz for 0 s, {state}"
    progress.build_done("numpy-1.25.2.tar.gz")
    assert progress.describe() == f"building torch-1.0.tar.gz for 0 s, {state}"
    progress.build_done("torch-1.0.tar.gz")
    assert progress.describe() == state


def test_an_address_moves_no_cursor() -> None:
    on = terminal()
    progress = LiveProgress(on)
    progress.fetch_started("http://example.org/\x1b[2Jevil\n")
    progress.target_started(Target(subdir="noarch"))
    (line,) = drawn(progress, on)
    assert "\x1b" not in line
    assert "\n" not in line
    assert "evil" in line


@pytest.mark.parametrize(
    ("wanted", "verbosity", "live"),
    [
        pytest.param("auto", 0, False, id="nobody watches"),
        pytest.param("on", 0, True, id="asked for"),
        pytest.param("on", -1, False, id="silence wins"),
        pytest.param("off", 0, False, id="turned off"),
    ],
)
def test_who_gets_a_line(wanted: str, verbosity: int, live: bool) -> None:
    assert isinstance(open_progress(terminal(verbosity=verbosity), wanted), LiveProgress) is live


def test_colour_is_the_terminals_choice() -> None:
    assert "\x1b[32m" in drawn(LiveProgress(on := terminal(color=True)), on)[0]
