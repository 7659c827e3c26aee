"""``pip-repositories`` of environment files and of [tool.conda-lock]: variables put in as elsewhere."""

from __future__ import annotations

import pytest

from resolver.errors import InputErrors
from resolver.inputs.reading import parse_inputs

YAML = "dependencies: [python]\npip-repositories:\n- {}\n"
TOML = "[tool.conda-lock]\npip-repositories = ['{}']\n"
ENVIRON = {"TOKEN": "planted", "HOST": "i.example.org", "EMPTY": ""}
CASES = [
    ("https://i.example.org/simple", "https://i.example.org/simple"),
    ("https://me:$TOKEN@i.example.org/simple", "https://me:planted@i.example.org/simple"),
    ("https://me:${TOKEN}@${HOST}/simple", "https://me:planted@i.example.org/simple"),
    ("https://i.example.org/simple$EMPTY", "https://i.example.org/simple"),
]


@pytest.mark.parametrize(("file", "form"), [("environment.yml", YAML), ("pyproject.toml", TOML)])
@pytest.mark.parametrize(("written", "url"), CASES)
def test_variables_are_put_in(file: str, form: str, written: str, url: str) -> None:
    found = parse_inputs([file], lambda _: form.format(written).encode(), environ=ENVIRON)
    assert found.indexes.extra_index_urls == (url,)


@pytest.mark.parametrize(
    ("file", "form", "place"),
    [("environment.yml", YAML, "environment.yml:3:3"), ("pyproject.toml", TOML, "pyproject.toml:2:")],
)
def test_one_that_is_not_set_is_refused(file: str, form: str, place: str) -> None:
    text = form.format("https://me:${NONE}@i.example.org/$OTHER")
    with pytest.raises(InputErrors) as caught:
        parse_inputs([file], lambda _: text.encode(), environ=ENVIRON)
    first, second = caught.value.errors
    assert str(first).startswith(place)
    assert "the environment variable `NONE` is not set" in str(first)
    assert (first.hint, second.hint) == ("set `NONE`", "set `OTHER`")
