"""A table of edits with the prediction for each, equal to the documented rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "edits.yaml").read_text(encoding="utf-8"))


def write(folder: Path, edit: dict[str, Any]) -> Path:
    folder.mkdir()
    for name, file in (("environment", "environment.yml"), ("conda", "conda.yml")):
        text = TABLE[name]
        for old, new in edit.get(name, ()):
            assert old in text, old
            text = text.replace(old, new, 1)
        data = text.encode()
        if edit.get("bytes"):
            data = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
        (folder / file).write_bytes(data)
    return folder / "environment.yml"


def test_size() -> None:
    assert len(TABLE["edits"]) >= 25


@pytest.mark.parametrize("edit", TABLE["edits"], ids=lambda edit: edit["why"])
def test_edit(edit: dict[str, Any], tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    old, new = write(tmp_path / "old", {}), write(tmp_path / "new", edit)
    code = 0 if edit["reused"] else 5
    document = lock_hash(new, "--against", old, "--exit-code", code=code)
    (prediction,) = document["predictions"]
    assert prediction["reused"] is edit["reused"]
    assert prediction["same_v2_version"] is edit["v2"]
    assert prediction["real"] is edit.get("real")
    if "change" in edit:
        assert edit["change"] in prediction["reason"]
        assert prediction["first"]["counts_for_image"] is True
    else:
        assert prediction["first"] is None
