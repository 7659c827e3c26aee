"""Every failure has its exit code, one clear message, and no traceback."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli import here
from tests.cli.process import environ, lock, make_project
from tests.support.signals import hear_interrupts


def write(folder: Path, text: str, name: str = "environment.yml") -> None:
    make_project(folder)
    (folder / name).write_text(text)


SIMPLE = "channels: [conda-forge]\ndependencies: [python=3.11]\n"

CASES = [
    pytest.param([], SIMPLE, 2, "error: no input file\n\nhint: run `lock environment.yml`\n", id="no input"),
    pytest.param(["nofile.yml"], SIMPLE, 2, "error: nofile.yml: no such file\n", id="missing"),
    pytest.param(["help"], SIMPLE, 2, "error: help: no such file\n\nhint: `lock --help` tells", id="help"),
    pytest.param(["-V"], SIMPLE, 2, "error: unknown arguments: -V\n", id="a short option"),
    pytest.param(["-f", "x"], SIMPLE, 2, "hint: files are named without a flag", id="a file behind a flag"),
    pytest.param(["check"], SIMPLE, 2, "`lock check environment.yml`.", id="nothing to check"),
    pytest.param(
        ["why", "python"],
        SIMPLE,
        2,
        "hint: name a lockfile, or make one: `lock environment.yml`",
        id="no lock",
    ),
    pytest.param(["."], SIMPLE, 2, "error: ", id="a folder"),
    pytest.param(["environment.yml", "--engine", "fast"], SIMPLE, 2, "hint: run `lock --help`", id="choice"),
    pytest.param(
        ["environment.yml", "--platfrom", "x"], SIMPLE, 2, "hint: did you mean `--platform`?", id="option"
    ),
    pytest.param(["environment.yml", "-p", "linux-65"], SIMPLE, 2, "linux-65", id="platform"),
    pytest.param(
        ["environment.yml", "--virtual-package", "__cuda"], SIMPLE, 2, "__cuda", id="virtual package"
    ),
    pytest.param(["environment.yml", "--exclude-newer", "soon"], SIMPLE, 2, "soon", id="date"),
    pytest.param(
        ["environment.yml", "-o", "environment.yml"], SIMPLE, 2, "is an input file", id="output is input"
    ),
    pytest.param(
        ["environment.yml", "-o", "lockstack.toml"], SIMPLE, 2, "is no lockfile", id="output is another file"
    ),
    pytest.param(
        ["environment.yml", "-o", "no/such/lock.yml"], SIMPLE, 6, "its folder does not exist", id="no folder"
    ),
    pytest.param(
        ["environment.yml", "--completion", "csh"], SIMPLE, 2, "no completion for `csh`", id="shell"
    ),
    pytest.param(
        ["environment.yml", "--check", "-o", "-"], SIMPLE, 2, "needs a lockfile", id="check of nothing"
    ),
    pytest.param(["environment.yml"], "dependencies: [a\n", 2, "environment.yml:", id="an unclosed list"),
    pytest.param(["environment.yml"], "dependencies: [3.10]\n", 2, "environment.yml:1:16", id="a number"),
    pytest.param(
        ["environment.yml", "--channel-alias", "nowhere"], SIMPLE, 3, "conda-forge", id="no channel"
    ),
    pytest.param(["environment.yml"], SIMPLE.replace("3.11", "2.1"), 4, "python=2.1", id="no solution"),
]


@pytest.mark.parametrize(("arguments", "text", "code", "message"), CASES)
def test_failures(arguments: list[str], text: str, code: int, message: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    done = here.lock(*arguments, folder=tmp_path)
    assert done.code == code, done.err
    assert done.err.startswith("error: ")
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert not (tmp_path / "conda-lock.yml").exists()


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    write(tmp_path, "dependencies:\n- 3.10\n- numpy>>1\n- '{{ x }}'\n")
    done = here.lock("environment.yml", folder=tmp_path)
    assert done.code == 2
    assert done.err.count("error: environment.yml:") >= 3


def test_errors_as_json(tmp_path: Path) -> None:
    write(tmp_path, "dependencies:\n- 3.10\n- numpy>>1\n")
    done = here.lock("environment.yml", "--json", folder=tmp_path)
    assert done.code == 2
    first = done.json["errors"][0]
    assert done.json["schema_version"] == 1
    assert (first["exit_code"], first["file"], first["line"]) == (2, "environment.yml", 2)


def test_no_solution_as_json(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE.replace("3.11", "2.1"))
    done = here.lock("environment.yml", "--json", folder=tmp_path)
    (error,) = done.json["errors"]
    assert (done.code, error["kind"]) == (4, "NoSolutionError")
    assert error["core"] == [{"origin": "environment.yml:2:16", "text": "python=2.1"}]


def test_a_failed_lock_keeps_the_earlier_one(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    assert here.lock("environment.yml", folder=tmp_path).code == 0
    before = (tmp_path / "conda-lock.yml").read_bytes()
    (tmp_path / "environment.yml").write_text(SIMPLE.replace("3.11", "2.1"))
    assert here.lock("environment.yml", folder=tmp_path).code == 4
    assert (tmp_path / "conda-lock.yml").read_bytes() == before


def test_a_damaged_lockfile_stays_until_its_pins_may_go(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    assert here.lock("environment.yml", folder=tmp_path).code == 0
    path = tmp_path / "conda-lock.yml"
    good = path.read_text()
    damaged = good.replace("package:\n", "<<<<<<< HEAD\npackage:\n=======\n", 1)
    path.write_text(damaged)
    refused = here.lock("environment.yml", folder=tmp_path)
    assert (refused.code, refused.out, path.read_text()) == (2, "", damaged)
    assert "error: conda-lock.yml:" in refused.err
    assert "hint: " in refused.err
    done = here.lock("environment.yml", "--update-all", folder=tmp_path)
    assert done.code == 0
    assert "warning: conda-lock.yml:" in done.err
    assert "hint: " in done.err
    assert path.read_text() == good


BUG = (
    "import sys\nfrom lockfiles.cli import main\nfrom lockfiles.cli.lock import command\n"
    "def run(arguments, terminal):\n    raise RuntimeError('odd https://u:{}@example.org')\n"
    "command.run = run\nsys.exit(main.main(sys.argv[1:]))\n"
).format("sesame")


@pytest.mark.parametrize("flags", [[], ["-v"], ["-vv"]])
def test_a_bug_is_one_line_and_a_traceback_only_when_asked_for(flags: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BUG, "environment.yml", *flags],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environ(tmp_path),
        timeout=240,
    )
    assert done.returncode == 1
    assert "error: unexpected RuntimeError: odd" in done.stderr
    assert "this is a bug" in done.stderr
    assert ("Traceback" in done.stderr) == (flags == ["-vv"])
    assert "sesame" not in done.stderr


def test_a_verb_that_cannot_be_loaded(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom lockfiles.cli import main, verbs\n"
        "verbs.VERBS['diff'] = verbs.Verb('lockfiles.cli.no_such_module', 'help')\n"
        "sys.exit(main.main(['diff']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environ(tmp_path),
        timeout=240,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: unexpected ModuleNotFoundError")
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    run = f'"{sys.executable}" -m lockfiles.cli environment.yml -q -o -'
    command = f'{run} | head -c 20; echo " ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environ(tmp_path),
        timeout=240,
    )
    assert done.stderr == ""
    assert done.stdout.split()[-1] in ("0", "141")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_standard_output(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lockfiles.cli", "environment.yml", "-q", "-o", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environ(tmp_path),
            timeout=240,
        )
    assert done.returncode == 6
    assert done.stderr == "error: can't write `standard output`: no space left on device\n"


def test_an_interrupt(tmp_path: Path) -> None:
    make_project(tmp_path)
    script = (
        "import sys, time\nfrom lockfiles.cli import main\nfrom lockfiles.cli.lock import command\n"
        "def run(arguments, terminal):\n    print('ready', flush=True)\n    time.sleep(30)\n"
        "command.run = run\nsys.exit(main.main(['environment.yml']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environ(tmp_path),
        preexec_fn=hear_interrupts,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "\ninterrupted\n")


COLORS = [
    pytest.param({"FORCE_COLOR": "1"}, True, id="asked for"),
    pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="refused"),
    pytest.param({}, False, id="no terminal"),
]


@pytest.mark.parametrize(("variables", "colored"), COLORS)
def test_colors(variables: dict[str, str], colored: bool, tmp_path: Path) -> None:
    done = lock("nofile.yml", folder=tmp_path, **variables)
    assert ("\x1b[" in done.err) == colored


def test_version_and_help(tmp_path: Path) -> None:
    assert lock("--version", folder=tmp_path).out.startswith("lockstack ")
    done = lock("--help", folder=tmp_path)
    assert done.code == 0
    assert "examples:" in done.out
    for verb in ("check", "diff", "explain", "export", "hash"):
        assert f"  lock {verb}" in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh", "fish"])
def test_completion(shell: str, tmp_path: Path) -> None:
    done = lock("--completion", shell, folder=tmp_path)
    assert done.code == 0, done.err
    assert "channel-alias" in done.out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=done.out, text=True, check=True, timeout=240)


COMPLETIONS = [
    pytest.param("lock di", ["diff"], id="a verb"),
    pytest.param("lock env", ["environment.yml"], id="a file"),
    pytest.param(
        "lock environment.yml --ch",
        ["--channel", "--channel-alias", "--channel-priority", "--check"],
        id="options",
    ),
    pytest.param("lock --channel-priority s", ["strict"], id="a choice"),
    pytest.param("lock -p osx", ["osx-64", "osx-arm64"], id="a platform"),
    pytest.param("lock export --fo", ["--format", "--formats"], id="options of a verb"),
    pytest.param("lock diff env", ["environment.yml"], id="a file of a verb"),
]


@pytest.mark.parametrize(("line", "offered"), COMPLETIONS)
def test_bash_completes(line: str, offered: list[str], tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    (tmp_path / "script").write_text(lock("--completion", "bash", folder=tmp_path).out)
    words = line.split()
    state = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}"
    command = f'source ./script; {state}; _shtab_lock; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=240
    )
    assert sorted(done.stdout.split()) == offered


#: Stand-ins for zsh's own functions: what they are asked for is printed, and the first word is in ``$line``.
ZSH = """\
compdef() {{ : }}; _describe() {{ print -r -- "describe ${{(P)2}}" }}; _files() {{ print files }}
_arguments() {{ print -rl -- "arguments" "$@"; line=({word}); state=lock }}
eval "$(<script)"
{call}
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize(
    ("word", "call", "offered", "absent"),
    [
        pytest.param("", "_shtab_lock_commands", ["explain:say", "files"], [], id="verbs and files first"),
        pytest.param("", "_shtab_lock", [": :_shtab_lock_commands"], ["(*)::"], id="verbs are asked for"),
        pytest.param("explain", "_shtab_lock", ["--tree["], [], id="a verb's options"),
        pytest.param("environment.yml", "_shtab_lock", ["*:file:_files"], ["--tree["], id="more files"),
    ],
)
def test_zsh_completes(word: str, call: str, offered: list[str], absent: list[str], tmp_path: Path) -> None:
    (tmp_path / "script").write_text(lock("--completion", "zsh", folder=tmp_path).out)
    command = ZSH.format(word=word, call=call)
    done = subprocess.run(
        ["zsh", "-f", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=240
    )
    assert [text for text in offered if text not in done.stdout] == []
    assert [text for text in absent if text in done.stdout] == []


def test_a_file_named_like_a_verb(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE, name="diff")
    done = lock("./diff", "-o", "out.yml", folder=tmp_path)
    assert done.code == 0, done.err


def test_files_and_options_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    (tmp_path / "more.yml").write_text("dependencies: [tzdata]\n")
    done = lock("environment.yml", "-p", "linux-64", "more.yml", "-q", folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "- more.yml" in (tmp_path / "conda-lock.yml").read_text()


def test_settings_are_shown_with_their_places(tmp_path: Path) -> None:
    write(tmp_path, SIMPLE)
    done = lock("environment.yml", "--show-settings", "--offline", folder=tmp_path)
    assert done.code == 0
    assert "lockstack.toml:" in done.out
    assert "--offline" in done.out
    assert (
        lock("environment.yml", "--show-settings", "--json", folder=tmp_path).json["offline"]["value"]
        is False
    )
