"""What runs scripts in an SDK's interpreter, and random scripts for it."""

from __future__ import annotations

import random

#: Folder of cases -> ``{"version": ..., "cases": {name: [environment, ...] or "refused"}}`` as JSON.
PROGRAM = """
import json, logging, os, sys, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from importlib.metadata import version
from pathlib import Path
from unittest import mock
from azureml.core import Environment as First, Workspace
from azureml.core.conda_dependencies import CondaDependencies
import azure.ai.ml
from azure.ai.ml.entities import Environment as Second
made = []
def watch(kind):
    first = kind.__init__
    def init(self, *arguments, **options):
        first(self, *arguments, **options)
        made.append(self)
    kind.__init__ = init
watch(First)
watch(Second)
def of_first(environment):
    data = First._serialize_to_dict(environment)
    return json.loads(json.dumps({
        "conda": data["python"].get("condaDependencies"), "image": data["docker"]["baseImage"],
        "dockerfile": data["docker"]["baseDockerfile"], "name": data["name"],
        "user_managed": data["python"]["userManagedDependencies"], "variables": data["environmentVariables"],
    }))
def of_second(environment):
    if environment.image:
        environment._generate_anonymous_name_version(
            source="image", conda_file=environment._translated_conda_file,
            inference_config=environment.inference_config)
    return {"conda": environment.conda_file, "image": environment.image,
            "version": environment.version if environment.image else None}
found = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    os.chdir(folder)
    made.clear()
    names = {"__name__": "__main__", "__file__": "reg.py"}
    text = (folder / "reg.py").read_text(encoding="utf-8")
    try:
        with mock.patch.object(Workspace, "from_config"), mock.patch.object(First, "register"), \\
             mock.patch.object(azure.ai.ml, "MLClient"):
            exec(compile(text, "reg.py", "exec"), names)
        found[folder.name] = [of_first(one) if isinstance(one, First) else of_second(one) for one in made]
    except Exception as error:
        found[folder.name] = "refused"
print(json.dumps({"version": version("azureml-core"), "cases": found}))
"""

_PIP = [
    "numpy", "torch==2.1", "torch", "azureml-defaults", "azureml-mlflow==1.5", "pandas[excel]>=1,<3", "foo",
    "https://h.example/w/foo-1.0-py3-none-any.whl", "python-dateutil", "pip",
]  # fmt: skip
_CONDA = [
    "numpy", "numpy=1.26", "python=3.9.5", "python=3.10", "python-dateutil", "pip", "pip=22", "scipy>=1",
]  # fmt: skip
_VALUES = {
    "add_pip_package": _PIP, "remove_pip_package": _PIP, "add_conda_package": _CONDA,
    "remove_conda_package": _CONDA, "add_channel": ["pytorch", "conda-forge", "anaconda"],
    "remove_channel": ["pytorch", "conda-forge", "anaconda"],
    "set_pip_option": ["--extra-index-url https://a.example", "--find-links x", "--pre"],
    "remove_pip_option": ["--extra-index-url", "--find-links x", "--pre"],
    "set_python_version": ["3.9", "3.10.18", "3.8.13"],
}  # fmt: skip


def random_script(rng: random.Random) -> str:
    """Return a script that makes a v1 environment by random calls of CondaDependencies."""
    lines = [
        "from azureml.core import Environment",
        "from azureml.core.conda_dependencies import CondaDependencies",
        'env = Environment("r")',
        f"cd = {_made(rng)}",
    ]
    for _ in range(rng.randrange(9)):
        method = rng.choice(list(_VALUES))
        lines.append(f"cd.{method}({rng.choice(_VALUES[method])!r})")
    if rng.random() < 0.2:
        lines.append(f"cd.set_pip_requirements({rng.sample(_PIP, 3)!r})")
    if rng.random() < 0.3:
        lines += [
            f"for package in {rng.sample(_PIP, rng.randrange(4))!r}:",
            "    cd.add_pip_package(package)",
        ]
    lines.append("env.python.conda_dependencies = cd")
    return "\n".join(lines) + "\n"


def _made(rng: random.Random) -> str:
    how = rng.randrange(4)
    if how == 0:
        return "CondaDependencies()"
    if how == 1:
        return f"CondaDependencies({rng.choice(['conda.yml', 'nopy.yml'])!r})"
    options = {
        "pip_packages": rng.sample(_PIP, rng.randrange(4)),
        "conda_packages": rng.sample(_CONDA, rng.randrange(4)),
        "python_version": "3.9.12",
        "pin_sdk_version": rng.choice([True, False]),
        "pip_indexurl": "https://i.example/s",
    }
    given = {name: value for name, value in options.items() if rng.random() < 0.5}
    return f"CondaDependencies.create({', '.join(f'{name}={value!r}' for name, value in given.items())})"
