"""The SDK itself beside ours, on random definitions and build contexts.

They run against the azure-ai-ml of this environment, and against those of the
interpreters that ``LOCKSTACK_AZURE_AI_ML`` names (several versions, separated as in
PATH); with neither they skip::

    uv venv sdk && uv pip install -p sdk/bin/python azure-ai-ml==1.35.2 'setuptools<80' six
    LOCKSTACK_AZURE_AI_ML=sdk/bin/python pytest tests/identity/test_sdk_side_by_side.py
"""

# ruff: noqa: S311  # seeded, so that a failure can be repeated

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml

from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.docker.context import hash_directory
from lockfiles.identity.read.reading import read_definitions
from lockfiles.identity.sdk_versions import formula_for
from tests.identity.random_definitions import random_context, random_environment, respell_yaml

INTERPRETERS = [text for text in os.environ.get("LOCKSTACK_AZURE_AI_ML", "").split(os.pathsep) if text]
if any(distribution.name == "azure-ai-ml" for distribution in distributions()):
    INTERPRETERS.append(sys.executable)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not INTERPRETERS,
        reason="no azure-ai-ml here, and LOCKSTACK_AZURE_AI_ML names no interpreter that has it",
    ),
]

DEFINITIONS, CONTEXTS = 150, 150

#: What runs in the SDK's interpreter: folder -> {case: version} as JSON.
PROGRAM = """
import json, logging, sys, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from importlib.metadata import version
from pathlib import Path
import yaml
from azure.ai.ml._schema import AnonymousEnvironmentSchema
from azure.ai.ml._utils._asset_utils import get_ignore_file, get_object_hash
found = {"sdk": version("azure-ai-ml")}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    if (folder / "environment.yml").is_file():
        with open(folder / "environment.yml", encoding="utf-8-sig") as file:
            data = yaml.safe_load(file)
        environment = AnonymousEnvironmentSchema(context={"base_path": folder}).load(data)
        found[folder.name] = environment.version
    else:
        context = folder / "context"
        found[folder.name] = get_object_hash(context, get_ignore_file(context))
json.dump(found, sys.stdout)
"""


def run_sdk(interpreter: str, folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [interpreter, "-c", PROGRAM, str(folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_anonymous_versions(interpreter: str, tmp_path: Path) -> None:
    for seed in range(DEFINITIONS):
        rng = random.Random(seed)
        data = random_environment(rng)
        conda = data.get("conda_file")
        folder = tmp_path / f"{seed:04}"
        folder.mkdir()
        if conda is not None and rng.random() < 0.5:
            (folder / "conda.yml").write_bytes(respell_yaml(conda, rng))
            data["conda_file"] = "conda.yml"
        if rng.random() < 0.2:
            random_context(rng, folder / "context")
            data = {
                "build": {
                    "path": "./context",
                    **({"dockerfile_path": "Dockerfile"} if rng.random() < 0.5 else {}),
                }
            }
        (folder / "environment.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    theirs = run_sdk(interpreter, tmp_path)
    formula = formula_for(theirs.pop("sdk"))
    ours = {}
    for folder in sorted(tmp_path.iterdir()):
        (definition,) = read_definitions(folder / "environment.yml")
        ours[folder.name] = anonymous_version(definition, formula)
    assert len(ours) == DEFINITIONS
    assert ours == theirs


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_directory_digests(interpreter: str, tmp_path: Path) -> None:
    for seed in range(CONTEXTS):
        random_context(random.Random(seed), tmp_path / f"{seed:04}" / "context")
    theirs = run_sdk(interpreter, tmp_path)
    formula = formula_for(theirs.pop("sdk"))
    ours = {folder.name: hash_directory(folder / "context", formula) for folder in sorted(tmp_path.iterdir())}
    assert len(ours) == CONTEXTS
    different = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
    assert not different
