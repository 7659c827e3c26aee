"""Dockerfiles: instructions as Docker splits them, and what the last stage is built from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.inputs.dockerfile import image_of_dockerfile, iter_instructions, parse_stages

INSTRUCTIONS = [
    ("words in any case, indented", "  from a\nrun b  c\n", [("FROM", "a", 1, 8), ("RUN", "b  c", 2, 5)]),
    ("comments and blank lines", "# syntax=docker/dockerfile:1\n\n # x\nFROM a\n", [("FROM", "a", 4, 6)]),
    ("a continued line, a comment within it", "RUN a \\\n# no\n\n  && b\nFROM c\n",
     [("RUN", "a    && b", 1, 5), ("FROM", "c", 5, 6)]),
    ("arguments that begin on the next line", "FROM \\\n  a\n", [("FROM", "a", 1, None)]),
    ("a here-document holds no instruction", "RUN <<EOF\nFROM x\nEOF\nFROM y\n",
     [("RUN", "<<EOF", 1, 5), ("FROM", "y", 4, 6)]),
    ("two here-documents, one with tabs before its end",
     "COPY <<A <<-'B' /x/\nFROM p\nA\nFROM q\n\tB\nUSER u\n",
     [("COPY", "<<A <<-'B' /x/", 1, 6), ("USER", "u", 6, 6)]),
    ("a here-document that never ends hides nothing", "RUN a <<EOF\nFROM x\n",
     [("RUN", "a <<EOF", 1, 5), ("FROM", "x", 2, 6)]),
    ("an instruction without arguments", "FROM\n", [("FROM", "", 1, None)]),
    ("lines of Windows", "FROM a\r\nRUN b \\\r\n c\r\n", [("FROM", "a", 1, 6), ("RUN", "b   c", 2, 5)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), [c[1:] for c in INSTRUCTIONS], ids=[c[0] for c in INSTRUCTIONS])
def test_instructions(text: str, found: list[tuple[str, str, int, int | None]]) -> None:
    assert [(one.word, one.arguments, one.line, one.column) for one in iter_instructions(text)] == found


IMAGES = [
    ("the last stage", "FROM a:1 AS one\nFROM b:2\n", "b:2", "D:2:6"),
    ("through stages, in any case", "FROM a:1 AS One\nFROM ONE AS two\nRUN x\nFROM two\n", "a:1", "D:1:6"),
    ("a platform before it", "FROM --platform=linux/amd64 a:1\n", "a:1", "D:1:29"),
    ("the default of an argument", "ARG V=12.4.1\nFROM a:${V}-x\n", "a:12.4.1-x", "D:2:6"),
    ("an argument of an argument, in quotes", 'ARG A=1\nARG B="$A.2"\nFROM a:$B\n', "a:1.2", "D:3:6"),
    ("not of one in the same instruction", "ARG A=1 B=$A\nFROM a:$B\n", "a:$A", "D:2:6"),
    ("an argument without a default stays as written", "ARG V\nFROM a:$V\n", "a:$V", "D:2:6"),
    ("a default within the reference", "ARG V\nFROM a:${V:-3}${V:+x}\n", "a:3", "D:2:6"),
    ("what is put in where there is a value", "ARG V=1\nFROM a:${V:+x}\n", "a:x", "D:2:6"),
    ("an argument of a stage doesn't reach the next", "FROM a:1\nARG V=2\nFROM b:$V\n", "b:$V", "D:3:6"),
    ("a later stage of the same name", "FROM a AS x\nFROM b AS x\nFROM x\n", "b", "D:2:6"),
    ("nothing below it", "FROM a AS x\nFROM scratch\n", None, None),
    ("no FROM", "RUN true\n", None, None),
    ("a FROM that says too much", "FROM a b c\n", None, None),
]


@pytest.mark.parametrize(("text", "image", "place"), [c[1:] for c in IMAGES], ids=[c[0] for c in IMAGES])
def test_the_image_of_the_last_stage(text: str, image: str | None, place: str | None) -> None:
    found = image_of_dockerfile(text, "D")
    assert (found and found.reference) == image
    assert (str(found.origin) if found else None) == place


PATHS = [
    ("set where it is built", "FROM a\nENV LD_LIBRARY_PATH=/x:/y\n", "/x:/y"),
    ("the old form", "FROM a\nENV LD_LIBRARY_PATH /x /y\n", "/x /y"),
    ("several at once, in quotes", 'FROM a\nENV A=1 LD_LIBRARY_PATH="/x"\n', "/x"),
    (
        "added to what stood there",
        "FROM a\nENV LD_LIBRARY_PATH=/x\nENV LD_LIBRARY_PATH=/y:$LD_LIBRARY_PATH\n",
        "/y:/x",
    ),
    ("of the stage below", "FROM a AS b\nENV LD_LIBRARY_PATH=/x\nFROM b\n", "/x"),
    ("not of a stage beside", "FROM a AS b\nENV LD_LIBRARY_PATH=/x\nFROM a\n", None),
]


@pytest.mark.parametrize(("text", "path"), [c[1:] for c in PATHS], ids=[c[0] for c in PATHS])
def test_the_library_path_of_the_last_stage(text: str, path: str | None) -> None:
    found = image_of_dockerfile(text, "D")
    assert found is not None
    assert found.library_path == path


def test_what_is_pulled() -> None:
    text = "FROM a AS one\nFROM scratch AS two\nFROM one\nFROM b@sha256:1\n"
    assert [stage.image for stage in parse_stages(text, "D")] == ["a", None, None, "b@sha256:1"]


WORDS = st.sampled_from(
    ("FROM", "ARG", "ENV", "RUN", " ", "\n", "\\\n", "a", "$A", "${A:-b}", "=", "'", '"', "<<E", "E", "#")
)


@given(st.lists(WORDS, max_size=30).map("".join))
def test_any_text_is_read(text: str) -> None:
    lines = [one.line for one in iter_instructions(text)]
    assert lines == sorted(set(lines)), "each instruction begins on a line of its own"
    for stage in parse_stages(text, "D"):
        assert stage.root.base is None


def test_arguments_that_double_line_by_line() -> None:
    doubled = "".join(f"ARG A{n + 1}=${{A{n}}}$A{n}\n" for n in range(60))
    image = image_of_dockerfile(f"ARG A0=xxxxxxxxxx\n{doubled}FROM ${{A60}}\n", "Dockerfile")
    assert image is not None
    assert len(image.reference) < 100_000
    variables = "".join(f"ENV A{n + 1}=${{A{n}}}$A{n}\n" for n in range(60))
    stages = parse_stages(f"FROM a\nENV A0=xxxxxxxxxx\n{variables}", "Dockerfile")
    assert max(map(len, stages[-1].variables.values())) < 100_000
