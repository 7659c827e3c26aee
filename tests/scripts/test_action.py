"""The GitHub Action: its script as a process in a repository, its comment against a server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.process import Done, environ, lock, make_project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the action runs on Linux and macOS")
SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts" / "action"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository where a package was taken out of two environments, and one was locked again."""
    folder = tmp_path_factory.mktemp("checkout")
    git(folder, "init", "-q")
    for name in ("train", "serve"):
        file = make_project(folder / name)
        assert lock(file, folder=folder).code == 0
    git(folder, "add", "*/environment.yml", "*/conda-lock.yml")
    git(folder, "commit", "-qm", "before")
    for name in ("train", "serve"):
        file = folder / name / "environment.yml"
        file.write_text(file.read_text().replace("  - lightgbm=4.3.0\n", ""))
    assert lock("train/environment.yml", folder=folder).code == 0
    return folder


def run(script: str, folder: Path, **variables: str) -> Done:
    work = folder / ".runner"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    names = {name: str(work / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        [sys.executable, "-P", str(SCRIPTS / script)],
        cwd=folder,
        env=environ(folder, RUNNER_TEMP=str(work), **names, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def outputs(folder: Path) -> dict[str, Path]:
    lines = (folder / ".runner" / "GITHUB_OUTPUT").read_text().splitlines()
    return {name: Path(value) for name, _, value in (line.partition("=") for line in lines)}


def test_it_checks_and_compares(checkout: Path) -> None:
    inputs = {"LOCK_ACTION_FILES": "*/environment.yml", "LOCK_ACTION_LOCKFILES": "*/conda-lock.yml"}
    done = run("run.py", checkout, **inputs, LOCK_ACTION_BASE=git(checkout, "rev-parse", "HEAD"))
    assert done.code == 5, done.out + done.err
    assert "`serve/conda-lock.yml` is not fresh" in done.out
    assert "`train/conda-lock.yml` is fresh" in done.out
    made = outputs(checkout)
    assert json.loads(made["sarif"].read_text())["version"] == "2.1.0"
    text = made["markdown"].read_text()
    serve, _, train = text.partition("### `train/conda-lock.yml`")
    assert "| - | `lightgbm` | `4.3.0`" in train
    assert "nothing changed" in serve
    assert (checkout / ".runner" / "GITHUB_STEP_SUMMARY").read_text() == text


def test_arguments_reach_the_check(checkout: Path) -> None:
    inputs = {"LOCK_ACTION_LOCKFILES": "train/conda-lock.yml", "LOCK_ACTION_CHECK_ARGUMENTS": "--glibc 2.5"}
    done = run("run.py", checkout, **inputs)
    assert done.code == 5
    found = json.loads(outputs(checkout)["sarif"].read_text())["runs"][0]["results"]
    assert "image/glibc-too-old" in {result["ruleId"] for result in found}


def test_a_line_without_files_is_told(checkout: Path) -> None:
    done = run("run.py", checkout, LOCK_ACTION_FILES="envs/*.yml")
    assert done.code == 2
    assert done.out.startswith("::error title=lockstack::`envs/*.yml` of the input `files` is no file")


def test_a_base_that_is_not_there_is_said(checkout: Path) -> None:
    done = run("run.py", checkout, LOCK_ACTION_LOCKFILES="train/conda-lock.yml", LOCK_ACTION_BASE="a" * 40)
    assert done.code == 0, done.out
    assert (
        f"::warning title=lockstack::lockfiles were not compared: the checkout has no commit {'a' * 40}"
        in done.out
    )


def test_output_can_not_give_the_runner_commands(checkout: Path) -> None:
    (checkout / "evil.yml").write_text("name: x\ndependencies:\n  - '::error::planted'\n")
    done = run("run.py", checkout, LOCK_ACTION_FILES="evil.yml")
    (checkout / "evil.yml").unlink()
    assert done.code == 5 or done.code == 2
    stop = re.search(r"(?m)^::stop-commands::(\w+)$", done.out)
    assert stop
    inside = done.out[stop.end() :].partition(f"\n::{stop.group(1)}::")[0]
    assert "evil.yml" in inside


def annotations(text: str) -> list[dict[str, str | None]]:
    """Return what a runner makes of a log with our problem matchers."""
    found = []
    matchers = json.loads((SCRIPTS / "lock-problems.json").read_text())["problemMatcher"]
    for line in text.splitlines():
        for matcher in matchers:
            (pattern,) = matcher["pattern"]
            match = re.search(pattern["regexp"], line)
            if match:
                keys = ("severity", "file", "line", "column", "message")
                one = {key: match.group(pattern[key]) for key in keys if key in pattern}
                found.append({"severity": matcher.get("severity"), **one})
                break
    return found


def test_problem_matchers_find_what_json_says(tmp_path: Path) -> None:
    (tmp_path / "bad env.yml").write_text(
        "dependencies:\n  - numpy >>1\n  - pip:\n    - a=b\nchannels: [x]\n"
    )
    told = lock("bad env.yml", folder=tmp_path)
    meant = lock("bad env.yml", "--json", folder=tmp_path).json["errors"]
    assert len(meant) == 2
    assert annotations(told.err) == [
        {
            "severity": "error",
            "file": error["file"],
            "line": str(error["line"]),
            "column": str(error["column"]),
            "message": error["message"],
        }
        for error in meant
    ]


def test_problem_matchers_find_lines_that_are_not_met(checkout: Path) -> None:
    file = checkout / "train" / "environment.yml"
    before = file.read_text()
    file.write_text(before.replace("numpy=1.26.4", "numpy=1.26.3"))
    done = lock("--each", "--check", "train/environment.yml", folder=checkout)
    file.write_text(before)
    (found,) = annotations(done.err)
    assert (found["file"], found["line"], found["severity"]) == ("train/environment.yml", "10", "error")
    assert "numpy=1.26.3" in (found["message"] or "")


def test_lines_of_a_check_are_no_problems_of_files(checkout: Path) -> None:
    done = lock("check", "train/conda-lock.yml", "--glibc", "2.5", "--no-fix", folder=checkout)
    assert done.code == 5
    assert annotations(done.out + done.err) == []


class GitHub(BaseHTTPRequestHandler):
    """Comments of one pull request, as GitHub's interface has them."""

    comments: list[dict[str, Any]]
    refuses = False

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(200, self.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refuses:
            self._answer(403, {"message": "Resource not accessible by integration"})
            return
        self.comments.append({"id": len(self.comments), "user": {"type": "Bot"}, **body})
        self._answer(201, self.comments[-1])

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.comments[int(self.path.rpartition("/")[2])].update(body)
        self._answer(200, {})

    def _answer(self, code: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[tuple[type[GitHub], str]]:
    handler = type("Handler", (GitHub,), {"comments": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def comment(folder: Path, address: str, text: str) -> Done:
    (folder / "changes.md").write_text(text)
    return run(
        "comment.py",
        folder,
        GITHUB_API_URL=address,
        GITHUB_REPOSITORY="o/r",
        GITHUB_TOKEN="not-a-token",
        LOCK_ACTION_PULL_REQUEST="7",
        LOCK_ACTION_MARKDOWN=str(folder / "changes.md"),
    )


MARK = "<!-- lockstack: changes of lockfiles -->"


def test_the_comment_is_written_once_and_renewed(tmp_path: Path, github: tuple[type[GitHub], str]) -> None:
    handler, address = github
    person = {"user": {"type": "User"}, "body": f"{MARK} of a person"}
    handler.comments += [{"id": number, **person} for number in range(150)]
    for text in ("first", "second"):
        done = comment(tmp_path, address, f"{MARK}\n{text}")
        assert done.code == 0, done.err
    assert [one["body"] for one in handler.comments[150:]] == [f"{MARK}\nsecond"]
    assert {one["body"] for one in handler.comments[:150]} == {f"{MARK} of a person"}


def test_a_refused_comment_is_a_warning(tmp_path: Path, github: tuple[type[GitHub], str]) -> None:
    handler, address = github
    handler.refuses = True
    done = comment(tmp_path, address, MARK)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("::warning title=lockstack::the comment was not written: GitHub answered 403")


def test_the_action_passes_every_input_on(root: Path) -> None:
    """No expression stands in a command (what it holds would be run), and every input is used."""
    text = (root / "action.yml").read_text()
    action = yaml.safe_load(text)
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step
        assert step.get("uses") or step["shell"] == "bash"
    for name in action["inputs"]:
        assert f"inputs.{name} " in text, name
    used = set(
        re.findall(r"variable\(\"(\w+)\"\)|matching_files\(\"(\w+)\"\)", (SCRIPTS / "run.py").read_text())
    )
    given = {
        name.removeprefix("LOCK_ACTION_") for step in action["runs"]["steps"] for name in step.get("env", {})
    }
    assert {a or b for a, b in used} <= given
