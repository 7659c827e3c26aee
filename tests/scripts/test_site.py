"""The documentation: every page in the navigation, every link to something, every command run."""

from __future__ import annotations

import doctest
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from scripts.site_pages import PAGES, with_site_links
from tests.cli.process import SAMPLE, environ, make_project

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
HANDWRITTEN = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in DOCS.glob("*.md"))]


def leaves(value: object) -> Iterator[str]:
    """Yield the pages of a navigation."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)


def test_every_page_is_in_the_navigation() -> None:
    shown = list(leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    pages = {path.name for path in DOCS.glob("*.md")} | {"rules/README.md", *PAGES.values()}
    assert sorted(shown) == sorted(pages)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as mkdocs and GitHub make them."""
    without_code = re.sub(r"(?ms)^```.*?^```$", "", text)
    titles = re.findall(r"(?m)^#+ (.+)$", without_code)
    plain = [re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", title).replace("`", "") for title in titles]
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in plain}


@pytest.mark.parametrize("name", HANDWRITTEN)
def test_links_and_anchors_lead_somewhere(name: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / name).read_text(encoding="utf-8"))
    lost = []
    for target, anchor in re.findall(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        path = (ROOT / name).parent / target if target else ROOT / name
        if not path.exists() or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            lost.append(f"{target}#{anchor}")
    assert lost == []


LINKS = [
    (
        "README.md",
        "[a](docs/lock.md#exit-codes) [b](SECURITY.md)",
        "[a](lock.md#exit-codes) [b](project/security.md)",
    ),
    ("CONTRIBUTING.md", "[a](docs/architecture.md)", "[a](../architecture.md)"),
    ("benchmarks/README.md", "[a](../docs/check.md)", "[a](../check.md)"),
    ("docs/security.md", "[a](../SECURITY.md)", "[a](project/security.md)"),
    ("docs/rules/README.md", "[a](../check.md)", "[a](../check.md)"),
    ("docs/check.md", "[a](https://example.org/x.md) [b](#here)", "[a](https://example.org/x.md) [b](#here)"),
]


@pytest.mark.parametrize(("document", "text", "wanted"), LINKS)
def test_links_become_those_of_the_site(document: str, text: str, wanted: str) -> None:
    assert with_site_links(text, document) == wanted


def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    if importlib.util.find_spec("material") is None:
        pytest.skip("`mkdocs-material` is absent (dependency group `docs`)")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(tmp_path / "site"),
    ]
    variables = environ(tmp_path, NO_MKDOCS_2_WARNING="1")
    variables.pop("PYTHONWARNINGS")  # those of mkdocs are its own
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "site" / "index.html").read_text()
    assert "https://fonts." not in page
    shown = set(re.findall(r'(?s)<a href="([^"]+)" class="md-nav__link', page))
    pages = leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    missing = {re.sub(r"(README|index)?\.md$", "", name).rstrip("/") for name in pages} - {
        link.rstrip("/.") for link in shown
    }
    assert missing == set()
    assert (tmp_path / "site" / "project" / "benchmarks" / "index.html").is_file()


def examples(page: str, section: str | None = None) -> list[tuple[str, str]]:
    """Return the commands of a page's ``console`` blocks (of one section), each with what it prints."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if section:
        text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found = []
    for block in re.findall(r"(?ms)^```console\n(.*?)^```$", text):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    assert found
    return found


def run_examples(found: list[tuple[str, str]], folder: Path) -> None:
    """Run commands in order, and compare what each prints; ``...`` stands for anything."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "lock").write_text(f'#!/bin/sh\nexec {sys.executable} -m lockfiles.cli "$@"\n')
    (tools / "lock").chmod(0o755)
    variables = environ(folder / "home", NO_COLOR="1", LC_ALL="C.UTF-8")
    variables["PATH"] = f"{tools}{os.pathsep}{variables['PATH']}"
    checker, flags = doctest.OutputChecker(), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for command, wanted in found:
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=variables, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", check=False, timeout=200,
        )  # fmt: skip
        assert checker.check_output(wanted, done.stdout, flags), f"$ {command}\n{done.stdout}"


linux = pytest.mark.skipif(sys.platform != "linux", reason="the sample's environments are for Linux")


@linux
def test_the_tutorial_does_what_it_shows(tmp_path: Path) -> None:
    make_project(tmp_path)
    run_examples(examples("tutorial.md"), tmp_path)


def test_the_tutorial_begins_as_the_readme() -> None:
    """Its first two commands are those that scripts/check_fresh_clone runs in a clone."""
    blocks = [
        re.search(r"(?ms)^```sh\n(.*?)^```$", (ROOT / name).read_text())
        for name in ("README.md", "docs/tutorial.md")
    ]
    first, second = (block.group(1) for block in blocks if block)
    assert first == second


def settings_of_the_sample(folder: Path) -> None:
    text = (ROOT / "examples" / "fraud-train" / "lockstack.toml").read_text()
    (folder / "lockstack.toml").write_text(text.replace("../sample", SAMPLE.as_posix()))


@linux
def test_moving_from_conda_lock(tmp_path: Path) -> None:
    """The lockfile is as conda-lock itself writes it."""
    if importlib.util.find_spec("conda_lock") is None:
        pytest.skip("conda-lock is absent")
    project = make_project(tmp_path)
    run_examples([(f"lock {project.name}", "...")], tmp_path)
    shutil.rmtree(tmp_path / "tools")
    before = (tmp_path / "conda-lock.yml").read_text()
    rewrite = (
        "from pathlib import Path\n"
        "from conda_lock.lockfile import parse_conda_lock_file as p, write_conda_lock_file as w\n"
        "f = Path('conda-lock.yml'); w(p(f), f, metadata_choices=set())"
    )
    variables = {name: value for name, value in environ(tmp_path).items() if name != "PYTHONWARNINGS"}
    subprocess.run([sys.executable, "-c", rewrite], cwd=tmp_path, env=variables, check=True, timeout=120)
    assert (tmp_path / "conda-lock.yml").read_text() != before
    run_examples(examples("moving.md", "From conda-lock"), tmp_path)


@linux
def test_moving_from_pixi(tmp_path: Path) -> None:
    settings_of_the_sample(tmp_path)
    (tmp_path / "pixi.toml").write_text(
        '[workspace]\nname = "job"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[dependencies]\npython = "3.11.*"\nnumpy = ">=1.26,<2"\n[pypi-dependencies]\npython-dotenv = "*"\n'
        '[feature.test.pypi-dependencies]\npytest = "*"\n[environments]\ntest = ["test"]\n'
    )
    run_examples(examples("moving.md", "From pixi"), tmp_path)


def uv() -> str:
    if importlib.util.find_spec("uv") is None:
        pytest.skip("uv is absent")
    from uv import find_uv_bin

    return os.fspath(find_uv_bin())


@linux
def test_moving_from_uv(tmp_path: Path) -> None:
    settings_of_the_sample(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "job"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["azure-identity==1.16.1", "python-dotenv"]\n[dependency-groups]\ndev = ["pytest"]\n'
    )
    command = [uv(), "lock", "--quiet", "--python", sys.executable, "--index-url", (SAMPLE / "pypi").as_uri()]
    subprocess.run(command, cwd=tmp_path, env=environ(tmp_path), check=True, timeout=120)
    run_examples(examples("moving.md", "From uv"), tmp_path)


@functools.cache
def help_of(tool: str, *words: str) -> str:
    """Return what a tool says of a command of its own."""
    if tool == "conda-lock" and importlib.util.find_spec("conda_lock") is None:
        pytest.skip("conda-lock is absent")
    programs: Mapping[str, list[str]] = {
        "lock": [sys.executable, "-m", "lockfiles.cli"],
        "conda-lock": [sys.executable, "-m", "conda_lock"],
        "uv": [uv()] if tool == "uv" else [],
    }
    variables = {name: value for name, value in environ(Path.cwd()).items() if name != "PYTHONWARNINGS"}
    done = subprocess.run(
        [*programs[tool], *words, "--help"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def moves() -> list[str]:
    """Return the commands of the tables of moving.md; pixi isn't installed."""
    rows = re.findall(r"(?m)^\| (`.+`) \| (`.+`) \|$", (DOCS / "moving.md").read_text())
    commands = [command for row in rows for cell in row for command in re.findall(r"`([^`]+)`", cell)]
    return sorted({command for command in commands if not command.startswith("pixi ")})


def test_every_flag_of_moving_is_one_of_the_tool() -> None:
    from lockfiles.cli.verbs import VERBS

    assert len(moves()) > 20
    for command in moves():
        tool, *words = command.split()
        verb = tuple(words[:1]) if words and (tool != "lock" or words[0] in VERBS) else ()
        for flag in (word for word in words if word.startswith("--")):
            assert re.search(rf"(?<![\w-]){flag}(?![\w-])", help_of(tool, *verb)), command


#: What comparison.md has of others by running them: tool, command, pattern, whether it is there.
RUN = [
    ("conda-lock", ["lock"], r"--check-input-hash", True),
    ("conda-lock", [], r"(?i)\b(tree|why|outdated|diff|check|audit|run|shell|python|build)\b", False),
    ("conda-lock", ["render"], r"\[explicit\|env\]", True),
    ("uv", ["lock"], r"--check\b", True),
    ("uv", ["tree"], r"--invert\b", True),
    ("uv", ["tree"], r"--outdated\b", True),
    ("uv", ["tree"], r"--universal\b", True),
    ("uv", [], r"(?m)^  (diff|compare|gpu)\b", False),
    ("uv", [], r"(?m)^  audit\b", True),
    ("uv", [], r"(?m)^  run\b", True),
    ("uv", [], r"(?m)^  python\b", True),
    ("uv", [], r"(?m)^  build\b", True),
    ("uv", ["export"], r"(?s)requirements.txt,\s+pylock.toml, cyclonedx1.5", True),
]


@pytest.mark.parametrize(("tool", "words", "text", "there"), RUN)
def test_what_is_said_of_others(tool: str, words: list[str], text: str, there: bool) -> None:
    commands = help_of(tool, *words)
    if tool == "conda-lock" and not words:
        commands = commands.partition("Commands:")[2]
        commands = "\n".join(line.split()[0] for line in commands.splitlines() if line.strip())
    assert bool(re.search(text, commands)) is there


def test_uv_refuses_an_environment_file(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    done = subprocess.run(
        [uv(), "pip", "compile", str(project)],
        env=environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Conda environment files" in done.stderr
