"""What an image asks of the driver is read with the brands of GPUs apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from resolver.machine.drivers import starts_on
from resolver.machine.facts import Brand
from scripts.image_facts import read_requirement, read_requirements, requirement_differences

ALL = ("tesla", "nvidia", "nvidiartx", "geforce", "geforcertx", "quadro", "quadrortx", "titan", "titanrtx")
WORK = ("tesla", "nvidia", "grid", "quadro", "quadrortx", "nvidiartx", "vws")


def _text(cuda: str, *listed: tuple[int, tuple[str, ...]]) -> str:
    """Return a NVIDIA_REQUIRE_CUDA that lists each branch for these brands."""
    clauses = (f"brand={name},driver>={low},driver<{low + 1}" for low, names in listed for name in names)
    return " ".join([f"cuda>={cuda}", *clauses])


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        (
            _text("11.7", (450, ("tesla",)), (470, ALL), (510, ALL)),
            {"tesla": [450, 470, 510], "quadro": [470, 510], "geforce": [470, 510]},
        ),
        (_text("12.8", (470, WORK), (535, WORK)), {"tesla": [470, 535], "quadro": [470, 535]}),
        pytest.param(
            _text("11.8", (470, ALL), (515, ("quadrortx", "nvidiartx"))),
            {"tesla": [470], "quadro": [470], "geforce": [470]},
            id="of one kind alone",
        ),
        pytest.param(
            _text("11.8", (470, ("tesla", "nvidiartx", "quadrortx"))),
            {"tesla": [470]},
            id="one kind isn't named at all",
        ),
        ("cuda>=13.0", {}),
        pytest.param(
            "cuda>=13.0 brand=tesla,driver>=545,driver<570",
            {"tesla": [545, 550, 555, 560]},
            id="several branches at once",
        ),
        pytest.param(
            "cuda>=11.3 brand=tesla,driver>=418,driver<419 driver>=450",
            {"tesla": [418, 450, 455, 460], "quadro": [450, 455, 460], "geforce": [450, 455, 460]},
            id="any brand, up to the own branch",
        ),
    ],
)
def test_brands_are_kept_apart(text: str, branches: dict[str, list[int]]) -> None:
    assert read_requirement(text) == {"cuda": text[6:10], "branches": branches}


def test_a_text_without_cuda_is_refused() -> None:
    with pytest.raises(ValueError, match="no `cuda>=`"):
        read_requirement("driver>=470")


def test_what_differs_is_said_by_brand() -> None:
    rows = [{"cuda": "12.2", "branches": {"tesla": (450, 470), "geforce": (450, 470)}}]
    said = requirement_differences(_text("12.2", (450, ("tesla",)), (470, ALL)), rows)
    assert [line.split(":")[0] for line in said] == ["CUDA 12.2, quadro", "CUDA 12.2, geforce"]
    assert requirement_differences(_text("9.9", (450, ALL)), rows)[0].startswith("CUDA 9.9: no row")


def test_what_images_of_a_cuda_list_differently_is_kept_apart() -> None:
    today = [_text("12.1", (470, ALL), (525, ALL)), _text("12.1", (470, ALL), (525, ALL), (530, WORK))]
    earlier = [_text("12.1", (450, ("tesla",)), (470, ALL), (525, ALL))]
    assert read_requirements(today, earlier) == {
        "cuda": "12.1",
        "branches": {"tesla": [470, 525], "quadro": [470, 525], "geforce": [470, 525]},
        "sometimes": {"tesla": [450, 530], "quadro": [530]},
    }
    assert "sometimes" not in read_requirements(today[:1], today[:1])
    assert read_requirements(today[:1], [_text("12.1", (450, ("tesla",)))]) == {
        "cuda": "12.1",
        "branches": {},
        "sometimes": {"tesla": [450, 470, 525], "quadro": [470, 525], "geforce": [470, 525]},
    }


def test_one_image_may_list_what_only_some_do() -> None:
    row = {"cuda": "12.2", "branches": {"tesla": [470, 525]}, "sometimes": {"tesla": [450]}}
    lines = {
        listed: requirement_differences(_text("12.2", *((low, ("tesla",)) for low in listed)), [row])
        for listed in ((470, 525), (450, 470, 525), (470,), (470, 510, 525))
    }
    assert [bool(said) for said in lines.values()] == [False, False, True, True]
    assert lines[(470,)] == ["CUDA 12.2, tesla: the table says [470, 525], at times [450], the image [470]"]


@pytest.mark.parametrize(
    ("cuda", "brand", "branch", "starts"),
    [
        *((cuda, "tesla", 450, None) for cuda in ("11.7", "11.8", "12.0", "12.1", "12.2")),
        *((cuda, "geforce", 450, False) for cuda in ("11.7", "11.8", "12.0", "12.1", "12.2")),
        *((cuda, "quadro", 450, False) for cuda in ("11.7", "11.8", "12.0", "12.1", "12.2")),
        *((cuda, "geforce", 470, True) for cuda in ("12.0", "12.4")),
        pytest.param("11.7", "geforce", 470, None, id="not in the first builds for that brand"),
        pytest.param("11.5", "tesla", 470, None, id="not in the first builds"),
        ("11.3", "geforce", 460, True),
        ("11.4", "tesla", 460, None),
        ("12.1", "quadro", 515, None),
        ("12.8", "geforce", 535, False),
        ("12.8", "quadro", 535, True),
        ("12.8", None, 535, None),
        ("12.4", None, 535, True),
        ("12.2", None, 450, None),
        ("12.2", None, 510, False),
        ("13.1", "tesla", 575, None),
        ("13.3", "tesla", 570, True),
        ("13.2", "tesla", 575, False),
        pytest.param("13.4", "tesla", 535, None, id="no row, listed by others of its major"),
        pytest.param("13.4", "tesla", 470, False, id="no row, listed by none of its major"),
        pytest.param("13.4", "geforce", 610, None, id="no row, a driver of its major"),
        pytest.param("14.1", "tesla", 580, False, id="no row of the major"),
    ],
)
def test_an_image_starts_on_the_branches_of_the_brand(
    cuda: str, brand: Brand | None, branch: int, starts: bool | None
) -> None:
    assert starts_on(cuda, "13.3" if branch == 610 else "10.0", branch, brand) is starts


def test_the_command_compares_a_requirement(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "propose_facts.py"), "--require"]
    texts = {
        _text("12.2", (450, ("tesla",)), (470, ALL), (525, ALL)): (0, "0 differences"),
        _text("12.2", (450, ALL), (470, ALL), (525, ALL)): (
            5,
            "CUDA 12.2, geforce: the table says [470, 525], the image [450, 470, 525]",
        ),
        "driver>=470": (2, "no `cuda>=`"),
    }
    for text, (code, words) in texts.items():
        done = subprocess.run([*command, text], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, words in done.stdout + done.stderr) == (code, True), done
