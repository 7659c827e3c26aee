"""Real environment files, read by two readers: nothing that a file asks for is lost in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolver.errors import InputErrors
from tests.inputs.test_real_files import files_of, parse
from tests.oracles.asked_for import missing_in_requirements, read_asked
from tests.support.amount import sampled


@pytest.mark.shared
def test_all_that_a_real_file_asks_for_is_read_or_named(shared: Path) -> None:
    read, lost = 0, {}
    paths = sampled(files_of(shared), 4)
    for path in paths:
        found = parse(path, includes=True)
        asked = read_asked(path.read_text(encoding="utf-8"))
        if isinstance(found, InputErrors) or asked is None:
            assert isinstance(found, InputErrors), path
            continue
        read += 1
        said = "\n".join(notice.text for notice in found.notices)
        missing = missing_in_requirements(asked, found, said=said)
        if missing:
            lost[str(path.relative_to(shared))] = missing
    assert lost == {}
    assert read > 0.8 * len(paths)
