"""Image build logs and image details -> a workspace's proved template.

::

    files -> image names, Dockerfile texts, build steps, comments, digests
          -> candidate texts: fewest steps dropped first, each form of the base reference
          -> the first candidate whose hash is an image name found beside it

A real build has more steps than the text that was hashed (the service adds some),
and a log shows steps without comments; the hash tells which candidate is right, so
nothing has to be known of the text beforehand.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lockfiles.identity.docker.templates import Proof, Template, check_workspace, make_parts
from lockfiles.identity.service import NAME, REPOSITORY, image_repository
from resolver.errors import InputError
from resolver.model.images import parse_from
from resolver.model.json_text import load_json
from resolver.model.origin import Origin

#: Steps that the real build may have beyond the hashed text: two are seen, one more is allowed for.
MAX_DROPPED = 3

#: A longer Dockerfile is not searched with steps dropped: the candidates grow with the cube.
_MAX_LINES = 40

_STEP = re.compile(r"Step (?P<number>\d+)/\d+ ?: (?P<text>\S.*?)\s*$")
_BUILDKIT = re.compile(r"^#\d+ \[[^\]]*\d+/\d+\] ", re.MULTILINE)
_INSTRUCTION = re.compile(
    r"^(?:FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK"
    r"|SHELL|MAINTAINER)\s|^#|^\s*$"
)
_DIGEST = re.compile(r"\bDigest: (?P<digest>sha256:[0-9a-f]{64})\b")


@dataclass(slots=True)
class _Evidence:
    """What the given files hold, in the order found."""

    images: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  #: whole Dockerfiles
    steps: list[list[str]] = field(default_factory=list)  #: instructions of one build
    comments: list[str] = field(default_factory=list)  #: comment lines that name the conda environment
    digests: list[str] = field(default_factory=list)
    buildkit: bool = False


def calibrate(files: Sequence[tuple[str, str]], workspace: str, image: str | None = None) -> Template:
    """Return the template that the files prove.

    ``files`` are (name, text) of build logs, image details (JSON) or the
    Dockerfile's text; ``image`` names the image where no file does. Raises
    InputError where something is missing, or nothing hashes to the image's name.
    """
    check_workspace(workspace)
    evidence = _Evidence(images=[image] if image else [])
    for _, text in files:
        _gather(text, evidence)
    shown = ", ".join(name for name, _ in files)
    _require(evidence, shown)
    images = {f"azureml/{name.rpartition('/')[2]}" for name in evidence.images}
    for dockerfile, base, conda in _candidates(evidence):
        name = image_repository(dockerfile)
        if name in images:
            return Template(
                workspace=workspace,
                parts=make_parts(dockerfile, base, conda),
                digests=_known_digests(evidence),
                proofs=(Proof(image=name, base=base, conda=conda),),
            )
    raise InputError(
        f"no reading of the Dockerfile text gives the image name {' or '.join(sorted(images))}",
        Origin(file=shown),
        "A build log shows no comment lines. Give the image details (JSON) of the same image too: "
        "`get_image_details(...)` of the environment, with `ingredients` and the image's name.",
    )


def _require(evidence: _Evidence, shown: str) -> None:
    if not evidence.images:
        hint = "Give the log of the same build too, or the name with `--image-name azureml/azureml_...`."
        raise InputError(
            "no image name (`azureml/azureml_<32 hex>`) to prove it on", Origin(file=shown), hint
        )
    if not evidence.texts and not evidence.steps:
        what = (
            "a BuildKit log shows only some steps"
            if evidence.buildkit
            else "no Dockerfile text and no build steps"
        )
        hint = "Give the image details (JSON): `ingredients` holds the Dockerfile."
        raise InputError(what, Origin(file=shown), hint)


def _gather(text: str, evidence: _Evidence) -> None:
    text = text.replace("\r\n", "\n")
    try:
        data = load_json(text)
    except ValueError:
        data = None
    if isinstance(data, (dict, list)):
        _gather_json(data, "", evidence)
        return
    evidence.images += REPOSITORY.findall(text)
    evidence.digests += [match["digest"] for match in _DIGEST.finditer(text)]
    evidence.buildkit |= bool(_BUILDKIT.search(text))
    lines = text.split("\n")
    _gather_steps(lines, evidence)
    evidence.texts += _blocks(lines)
    evidence.comments += [
        line.strip()
        for line in lines
        if line.lstrip().startswith("#") and NAME.search(line) and "Step" not in line
    ]


def _gather_json(data: Any, key: str, evidence: _Evidence) -> None:
    if isinstance(data, str):
        if _base(data.split("\n", 1)[0]) and "\n" in data:
            evidence.texts.append(data.replace("\r\n", "\n"))
        elif "\n" in data and key.lower() in {"log", "logs", "content", "buildlog"}:
            _gather(data, evidence)
        else:
            evidence.images += REPOSITORY.findall(data)
    elif isinstance(data, dict):
        for name, value in data.items():
            _gather_json(value, str(name), evidence)
    elif isinstance(data, list):
        for value in data:
            _gather_json(value, key, evidence)


def _gather_steps(lines: Sequence[str], evidence: _Evidence) -> None:
    for line in lines:
        match = _STEP.search(line)
        if match is None:
            continue
        if match["number"] == "1":
            evidence.steps.append([])
        if evidence.steps:
            evidence.steps[-1].append(match["text"])


def _base(line: str) -> str | None:
    """Return the image of a ``FROM`` that begins a Dockerfile as the service writes it, else None."""
    found = parse_from(line) if line.startswith("FROM") else None
    return found.image if found else None


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """Yield every run of lines that reads as a Dockerfile, from ``FROM`` on."""
    start = 0
    while start < len(lines):
        if not _base(lines[start]):
            start += 1
            continue
        end = start + 1
        while end < len(lines) and (lines[end - 1].endswith("\\") or _INSTRUCTION.match(lines[end])):
            end += 1
        while not lines[end - 1].strip():
            end -= 1
        if end - start > 1:
            yield "\n".join(lines[start:end]) + "\n"
        start = end


def _known_digests(evidence: _Evidence) -> dict[str, str]:
    found: dict[str, str] = {}
    bases = [base for text in _first_lines(evidence) if (base := _base(text))]
    for base in bases:
        reference, _, digest = base.partition("@")
        if digest:
            found[reference] = digest
        elif evidence.digests:
            found.setdefault(reference, evidence.digests[0])
    return found


def _first_lines(evidence: _Evidence) -> list[str]:
    return [text.split("\n", 1)[0] for text in evidence.texts] + [steps[0] for steps in evidence.steps]


def _candidates(evidence: _Evidence) -> Iterator[tuple[str, str, str]]:
    """Yield (text, base reference, conda environment), likeliest first; whole texts before steps."""
    sources = [(text.rstrip("\n").split("\n"), list[str]()) for text in dict.fromkeys(evidence.texts)]
    sources += [(steps, list(dict.fromkeys(evidence.comments))) for steps in evidence.steps]
    known = _known_digests(evidence)
    for dropped in range(MAX_DROPPED + 1):
        for lines, comments in sources:
            if dropped and len(lines) > _MAX_LINES:
                continue
            conda = _conda_name(lines)
            written = _base(lines[0])
            if conda is None or written is None:
                continue
            for body in _bodies(lines[1:], comments, conda, dropped):
                for base in _base_forms(written, known):
                    head = lines[0].replace(written, base, 1)
                    text = "\n".join([head, *body])
                    yield text + "\n", base, conda
                    yield text, base, conda


def _conda_name(lines: Sequence[str]) -> str | None:
    names = {name for line in lines for name in NAME.findall(line)}
    return names.pop() if len(names) == 1 else None


def _bodies(lines: Sequence[str], comments: Sequence[str], conda: str, dropped: int) -> Iterator[list[str]]:
    """Yield the lines with ``dropped`` of them left out, without and with each comment at each place."""
    droppable = [index for index, line in enumerate(lines) if conda not in line]
    for left_out in itertools.combinations(droppable, dropped):
        body = [line for index, line in enumerate(lines) if index not in left_out]
        yield body
        for comment in comments:
            if NAME.findall(comment) == [conda]:
                for place in range(len(body) + 1):
                    yield [*body[:place], comment, *body[place:]]


def _base_forms(base: str, digests: dict[str, str]) -> list[str]:
    reference, _, digest = base.partition("@")
    forms = [base, reference] if digest else [base]
    if not digest and base in digests:
        forms.append(f"{base}@{digests[base]}")
    return forms
