"""The Python of pip requirements that no conda package gives one."""

from __future__ import annotations

import pytest

from resolver.errors import InputError
from resolver.inputs.default_python import PYTHONS, python_of_target
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import ChannelRequest, CondaRequirement, PypiRequirement, Requirements

HERE = Origin(file="requirements.txt", line=1)
FLASK = PypiRequirement(name=PypiName("flask"), text="flask", origin=HERE)
LIMIT = PypiRequirement(name=PypiName("flask"), text="flask<3", origin=HERE, is_constraint=True)
NUMPY = CondaRequirement(name=CondaName("numpy"), spec="numpy", origin=HERE)

CASES = [
    ("pip lines alone get the default", Requirements(pypi=(FLASK,)), None, PYTHONS[0]),
    ("requires-python chooses", Requirements(pypi=(FLASK,), requires_python=">=3.14"), None, "3.14.7"),
    ("a minor means its newest patch", Requirements(pypi=(FLASK,)), "3.11", "3.11.15"),
    ("a full version is taken as it is", Requirements(pypi=(FLASK,)), "3.11.2", "3.11.2"),
    ("conda gives it where there is a conda line", Requirements(pypi=(FLASK,), conda=(NUMPY,)), None, None),
    (
        "or a channel",
        Requirements(pypi=(FLASK,), channels=(ChannelRequest(text="conda-forge", origin=HERE),)),
        None,
        None,
    ),
    ("or an environment file", Requirements(pypi=(FLASK,), files=("environment.yml",)), None, None),
    (
        "but not a file that names its Python",
        Requirements(pypi=(FLASK,), files=("python_env.yaml",), requires_python="==3.10.*"),
        None,
        "3.10.20",
    ),
    ("constraints alone name no channel either", Requirements(pypi=(LIMIT,)), None, PYTHONS[0]),
    ("nor does a file that asks for nothing", Requirements(files=("requirements.txt",)), None, PYTHONS[0]),
]


@pytest.mark.parametrize(("asked", "wanted", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_python(asked: Requirements, wanted: str | None, expected: str | None) -> None:
    assert python_of_target(asked, wanted) == expected


def test_a_python_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="no known Python satisfies `<3`"):
        python_of_target(Requirements(pypi=(FLASK,), requires_python="<3"), None)
