"""Seeded random definitions and contexts, and edits that must or must not change an identity."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import yaml

CHANNELS = ("conda-forge", "defaults", "pytorch", "nvidia", "https://conda.example.org/team", "nodefaults")
CONDA = ("python", "numpy", "pandas", "pip", "scikit-learn", "pytorch", "cudatoolkit", "ipykernel", "mkl")
PIP = (
    "azureml-defaults",
    "mlflow",
    "Pillow",
    "torch",
    "typing_extensions",
    "ruamel.yaml",
    "scikit-learn",
    "yes",
)
IMAGES = (
    "mcr.example.org/base",
    "mcr.example.org/base:latest",
    "mcr.example.org/base:20250101.v1",
    "ubuntu:22.04",
)
CONDA_FORMS = (
    "{n}",
    "{n}={v}",
    "{n}=={v}",
    "{n}>={v}",
    "{n}>={v},<9",
    "{n} {v}",
    "{n}={v}=py310_0",
    "cf::{n}={v}",
)
PIP_FORMS = (
    "{n}",
    "{n}=={v}",
    "{n}>={v}",
    "{n}[extra]=={v}",
    "{n}~={v}; python_version < '3.11'",
    "{n} @ https://x.example.org/{n}.whl",
)
VERSIONS = ("1.2.3", "2.0", "3.10", "0.1.0", "1.26.4", "4.8.0.76")

PATTERNS = (
    "*.log", "out/", "!keep.log", "/src", "a/**", "**/x.py", "# c", "", "Data/*", "[a-c]*", "?.py",
    "*.[pP]*", "a", "src/**/B.txt", "!a-b/", " x.py ",
)  # fmt: skip


def random_conda(rng: random.Random) -> dict[str, Any]:
    """A conda mapping as people write them: every key may be missing but the dependencies."""
    items: list[Any] = [
        rng.choice(CONDA_FORMS).format(n=name, v=rng.choice(VERSIONS))
        for name in rng.sample(CONDA, rng.randint(1, 6))
    ]
    if rng.random() < 0.7:
        lines = [
            rng.choice(PIP_FORMS).format(n=name, v=rng.choice(VERSIONS))
            for name in rng.sample(PIP, rng.randint(1, 5))
        ]
        if rng.random() < 0.3:
            lines.insert(0, "--extra-index-url https://wheels.example.org/cu118")
        items.insert(rng.randint(0, len(items)), {"pip": lines})
    conda: dict[str, Any] = {"dependencies": items}
    if rng.random() < 0.9:
        conda["channels"] = rng.sample(CHANNELS, rng.randint(1, 3))
    if rng.random() < 0.7:
        conda["name"] = rng.choice(("env", "project_environment", "yes", "a b", "ümlaut", "3.10"))
    if rng.random() < 0.2:
        conda["variables"] = {"OMP_NUM_THREADS": rng.choice(("1", 4)), "MODE": "on"}
    keys = list(conda)
    rng.shuffle(keys)
    return {key: conda[key] for key in keys}


def random_environment(rng: random.Random) -> dict[str, Any]:
    """A v2 environment mapping with an inline conda definition."""
    environment: dict[str, Any] = {"image": rng.choice(IMAGES)}
    if rng.random() < 0.9:
        environment["conda_file"] = random_conda(rng)
    if rng.random() < 0.3:
        environment["description"] = "text: with, signs # and 'quotes'"
    if rng.random() < 0.2:
        routes = ("liveness_route", "readiness_route", "scoring_route")
        environment["inference_config"] = {
            r: {"path": f"/{r[:4]}", "port": rng.randint(1, 9999)} for r in routes
        }
    return environment


def random_context(rng: random.Random, folder: Path) -> None:
    """A build context with folders, mixed case, ignore files and links."""
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM mcr.example.org/base:1\n", encoding="utf-8")
    for _ in range(rng.randint(1, 8)):
        depth = [rng.choice(("src", "Data", "a-b", "a", "out", "Zeta")) for _ in range(rng.randint(0, 2))]
        path = folder.joinpath(
            *depth, rng.choice(("x.py", "B.txt", "keep.log", "y.log", "_a", "é.md", "c.PYC"))
        )
        if not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(rng.random()), encoding="utf-8")
    if rng.random() < 0.3:
        (folder / "empty").mkdir()
    if rng.random() < 0.3:
        (folder / "link").symlink_to("Dockerfile")
    if rng.random() < 0.8:
        patterns = PATTERNS
        lines = rng.sample(patterns, rng.randint(1, 5))
        name = rng.choice((".amlignore", ".gitignore", ".gitignore"))
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def respell_yaml(data: Any, rng: random.Random) -> bytes:
    """The same data in other bytes: key order, quotes, flow style, comments, blank lines, CRLF, a BOM."""
    shuffled = _shuffle_keys(copy.deepcopy(data), rng)
    text = yaml.safe_dump(
        shuffled,
        sort_keys=False,
        default_flow_style=rng.choice((False, None)),
        default_style=None,
        indent=rng.choice((2, 4, 7)),
        width=rng.choice((40, 200)),
        allow_unicode=rng.random() < 0.5,
    )
    if rng.random() < 0.5:
        text = "# a comment\n\n" + text + "\n# another one\n"
    if rng.random() < 0.5:
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if rng.random() < 0.5 else b"") + text.encode()


def _shuffle_keys(data: Any, rng: random.Random) -> Any:
    if isinstance(data, dict):
        keys = list(data)
        rng.shuffle(keys)
        return {key: _shuffle_keys(data[key], rng) for key in keys}
    return [_shuffle_keys(item, rng) for item in data] if isinstance(data, list) else data


def change_something(environment: dict[str, Any], rng: random.Random) -> tuple[dict[str, Any], str]:
    """One edit that both the service's and the SDK's identity see; what it was."""
    changed = copy.deepcopy(environment)
    conda = changed["conda_file"]
    items = conda["dependencies"]
    edits = ["image", "add", "case", "blank"]
    if len(items) > 1:
        edits += ["order", "remove"]
    if len(conda.get("channels", ())) > 1:
        edits.append("channels")
    edit = rng.choice(edits)
    texts = [index for index, item in enumerate(items) if isinstance(item, str)]
    if edit == "image":
        changed["image"] += "0" if ":" in changed["image"] else ":1"
    elif edit == "add":
        items.append("added-package=1.0")
    elif edit in {"case", "blank"}:
        index = rng.choice(texts)
        items[index] = items[index].upper() if edit == "case" else items[index] + " "
    elif edit == "order":
        items.append(items.pop(0))
    elif edit == "remove":
        del items[rng.randrange(len(items))]
    else:
        conda["channels"].reverse()
    return changed, edit


def respell_meaning(environment: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The same request in other items: order, case, blanks, ``-`` or ``_``, ``=`` or ``==``, ``:latest``."""
    changed = copy.deepcopy(environment)
    conda = changed["conda_file"]
    conda["name"] = rng.choice(("other", "env2"))
    items = conda["dependencies"]
    for index, item in enumerate(items):
        if isinstance(item, str):
            items[index] = _respell_conda(item, rng)
        else:
            options = [line for line in item["pip"] if line.startswith("--")]
            lines = [_respell_pip(line, rng) for line in item["pip"] if not line.startswith("--")]
            rng.shuffle(lines)
            item["pip"] = [*options, *lines, *(["# a comment"] if rng.random() < 0.3 else [])]
    rng.shuffle(items)
    if ":" not in changed["image"] and rng.random() < 0.5:
        changed["image"] += ":latest"
    return changed


def _respell_conda(item: str, rng: random.Random) -> str:
    name, _, version = item.partition("=")
    full = version.count(".") >= 2 and "=" not in version
    if full and not name.endswith((">", "<")) and rng.random() < 0.5:
        item = f"{name}=={version}"
    if "::" not in item and rng.random() < 0.3:
        item = item[0].upper() + item[1:]
    if ">=" in item and "," in item and rng.random() < 0.5:
        head, _, tail = item.partition(">=")
        low, _, high = tail.partition(",")
        item = f"{head} {high},>={low}"
    return f" {item} " if rng.random() < 0.3 else item


def _respell_pip(line: str, rng: random.Random) -> str:
    head, sign, tail = line.partition("==")
    name = head.replace("_", "-") if rng.random() < 0.3 and "@" not in head and ">" not in head else head
    name = (
        name.upper()
        if rng.random() < 0.3 and "@" not in name and ";" not in name and "[" not in name
        else name
    )
    if "~=" in line or "@" in line:
        return line
    if sign and tail == "2.0" and rng.random() < 0.5:
        tail = "2.0.0"
    blank = " " if rng.random() < 0.3 else ""
    return f"{name}{blank}{sign}{blank}{tail}".strip() + (" " if rng.random() < 0.2 else "")
