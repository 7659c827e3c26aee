"""The table of collected cases: each input of the folder, how it is run, and what is right for it.

A row names the input where it lies; none of its text stands here. ``{channels}`` in a row is the folder of
real channels, ``{index}`` a folder of the row's own projects, ``{case}`` the copy of the case's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: The folders whose every input has a row.
FOLDERS = ("lock", "explain", "inputs", "hash", "suites")

Index = Mapping[str, Mapping[str, tuple[str, ...]]]  #: project -> version -> what it requires


class Case(NamedTuple):
    """One run of one input."""

    why: str
    at: str  #: the input, below the folder of cases
    run: tuple[str, ...] = ()  #: what stands before and behind the file; a verb comes first
    code: int = 0
    said: tuple[str, ...] = ()  #: each is somewhere in what is printed
    unsaid: tuple[str, ...] = ()  #: none is
    locked: tuple[str, ...] = ()  #: "NAME VERSION" or a start of it, each in the lockfile
    absent: tuple[str, ...] = ()  #: names that aren't in it
    index: Index | None = None  #: an index of its own
    as_file: str | None = None  #: what the input is called in the run
    edit: tuple[str, str] | None = None  #: a text of the input, and what stands for it in the run
    variables: tuple[tuple[str, str], ...] = ()
    live: bool = False  #: asks the live index


#: Files that others bring in, by where they lie.
BESIDE = {
    "lock/url-constraints/constraints.txt": "lock/url-constraints/requirements.txt",
    "suites/hash-direct-url/r4.txt": "suites/hash-direct-url/r5.txt",
    "suites/hash-direct-url/c4.txt": "suites/hash-direct-url/r5.txt",
    "suites/hash-find-links/html/index.html": "suites/hash-find-links/r2.txt",
    "suites/poetry-table-dropped/mk.py": "suites/poetry-table-dropped/pyproject.toml",
    "inputs/pip-repositories-env/serve.py": "inputs/pip-repositories-env/environment.yml",
    "hash/v1df/conda_dependencies.yml": "hash/v1df/azureml_environment.json",
    "hash/v1df/BaseDockerfile": "hash/v1df/azureml_environment.json",
}

_ALIAS = ("--channel-alias", "{channels}")
_REAL = (*_ALIAS, "--virtual-package", "__glibc=2.35")
_OWN = ("--index-url", "{index}")
_311 = ("--python", "3.11")
_ZERO = "0" * 64

_PYTHON_FLAG = (
    Case("the file's own Python", "lock/python-flag-drops-python/environment.yml", (*_REAL, *_311),
         locked=("python 3.11.", "numpy ", "openssl ")),
    Case("another Python is a clash of line and flag", "lock/python-flag-drops-python/environment.yml",
         (*_REAL, "--python", "3.12"), 4, ("python=3.11", "python 3.12.*"), ("numpy 1.26", " @ ")),
    Case("no line about Python", "lock/python-flag-drops-python/nopy.yml", (*_REAL, "--python", "3.12"),
         locked=("python 3.12.", "numpy ", "openssl ")),
    Case("a line without a version", "lock/python-flag-drops-python/unpinned.yml",
         (*_REAL, "--python", "3.12"), locked=("python 3.12.", "numpy ", "openssl ")),
)  # fmt: skip

_HASHES = (
    *(Case(f"a wrong hash of a direct reference: {why}", f"suites/hash-direct-url/{name}", _311, 2, (_ZERO,))
      for why, name in (
          ("behind it", "requirements.txt"), ("in its fragment", "r3.txt"),
          ("through a constraint", "r5.txt"), ("at an address", "r6.txt"))),
    Case("the right hash beside a folder", "suites/hash-find-links/requirements.txt", _311,
         locked=("extra 0.1.0",)),
    Case("the right hash beside a page", "suites/hash-find-links/r2.txt", _311, locked=("extra 0.1.0",)),
)  # fmt: skip

_POETRY_INDEX: Index = {"toml": {"0.10.2": ()}, "requests": {"2.31.0": ()}, "pytest": {"5.1.3": ()},
                        "tomlkit": {"0.12.0": ()}}  # fmt: skip
_TABLES = (
    Case("poetry's table, dev with it, beside conda-lock's", "inputs/pyproject-foreign-tables/poetry.toml",
         (*_REAL, *_OWN), 0, ("default-non-conda-source",),
         locked=("python 3.", "six 1.16.", "click 8.", "attrs 22.", "tomli 0.2.", "pytest 7."),
         index={"six": {"1.16.5": (), "1.17.0": ()}, "click": {"8.1.0": (), "9.0": ()},
                "attrs": {"22.2.0": (), "23.0": ()}, "tomli": {"0.2.10": (), "0.3.0": ()},
                "pytest": {"7.4.0": (), "8.0": ()}}),
    Case("flit's table beside conda-lock's", "inputs/pyproject-foreign-tables/flit.toml", (*_REAL, *_OWN), 0,
         ("default-non-conda-source",), locked=("requests 2.", "pytest 8.", "sqlite 3.", "python 3."),
         absent=("configparser",),
         index={"requests": {"2.32.0": (), "2.5.0": ()}, "pytest": {"8.0": ()}, "configparser": {"1.0": ()}}),
    Case("pdm's group is named as left out", "inputs/pyproject-foreign-tables/pdm.toml", (*_REAL, *_OWN), 0,
         ("`test`",), locked=("six 1.17.0",), absent=("pytest",), index={"six": {"1.17.0": ()}}),
    Case("pdm's group by its name", "inputs/pyproject-foreign-tables/pdm.toml",
         (*_REAL, *_OWN, "--group", "test"), locked=("six 1.17.0", "pytest 8.0"),
         index={"six": {"1.17.0": ()}, "pytest": {"8.0": (), "6.0": ()}}),
    Case("uv's sources, indexes, constraints and overrides", "inputs/pyproject-foreign-tables/uv.toml",
         (*_REAL, *_OWN), locked=("torch 2.6.0+cu124", "numpy 1.26.4", "sympy 1.12"),
         edit=("https://download.pytorch.org/whl/cu124", "file://{index}"),
         index={"torch": {"2.6.0+cu124": ("numpy", "sympy==1.13.1"), "2.6.0": ()},
                "numpy": {"1.26.4": (), "2.2.0": ()}, "sympy": {"1.13.1": (), "1.12": ()}}),
    Case("pixi's tables give conda packages", "inputs/pyproject-foreign-tables/pixi.toml", (*_REAL, *_OWN),
         locked=("python 3.11.", "numpy ", "idna 3.10"), index={"idna": {"3.10": ()}}),
    Case("default-non-conda-source is heeded: all from conda",
         "inputs/pyproject-foreign-tables/condalock.toml", (*_REAL, "--no-index"), 4,
         ("`pytables` is not in conda-forge", "`tables` is asked for as conda's `pytables`"),
         ("itables",)),
    Case("skip-non-conda-lock: conda-lock's own table alone", "inputs/skip-non-conda-lock/pyproject.toml",
         ("--channel-alias", "{case}"), locked=("sqlite ",), absent=("iniconfig", "python")),
    Case("poetry's old tables beside conda-lock's", "suites/poetry-table-dropped/pyproject.toml",
         ("--channel-alias", "{case}", *_OWN), 0, ("default-non-conda-source",),
         locked=("requests 2.", "toml 0.10", "python 3.", "pytest 5.1.", "sqlite ", "certifi "),
         index=_POETRY_INDEX),
    Case("flit's requires beside conda-lock's", "suites/poetry-table-dropped/f/pyproject.toml",
         ("--channel-alias", "{case}/..", *_OWN), 0, ("default-non-conda-source",),
         locked=("requests 2.", "sqlite "), index=_POETRY_INDEX),
)  # fmt: skip

_LOGS = (
    Case("pip's chain", "explain/log-alone-nothing-to-explain/pip.log", ("explain", "--log", *_REAL, *_OWN),
         4, ("transformers 4.49.0 (pip) needs huggingface-hub >=0.26.0,<1.0", "huggingface_hub==0.23.4"),
         ("nothing to explain",),
         index={"transformers": {"4.49.0": ("huggingface-hub<1.0,>=0.26.0",)},
                "huggingface-hub": {"0.23.4": (), "0.26.5": ()}}),
    Case("poetry's range of Pythons", "explain/log-alone-nothing-to-explain/poetry.log",
         ("explain", "--log", *_REAL, *_OWN), 4,
         ("scipy 1.7.0 needs Python >=3.7,<3.10", "what helps: Python >=3.9,<3.10"), ("nothing to explain",),
         index={"scipy": {"1.7.0": (), "1.8": ()}}),
    Case("releases that pip passed over", "explain/log-alone-nothing-to-explain/ignored.log",
         ("explain", "--log", *_REAL, *_OWN), 4,
         ("numpy 1.21.6 needs Python >=3.7,<3.11", "Python 3.11 or newer"), ("nothing to explain",),
         index={"numpy": {"1.21.6": ()}}),
    Case("a wrapped tree of pixi's", "explain/log-alone-nothing-to-explain/pixi.log",
         ("explain", "--log", *_REAL), 4, ("jaxlib * *cuda*", "strict channel priority", "__cuda"),
         ("names nothing that was asked for",)),
    Case("what pip's check says", "explain/log-alone-nothing-to-explain/requires.log",
         ("explain", "--log", *_REAL, *_OWN), 4,
         ("lunapi 0.1.2 needs numpy>=2", "but numpy 1.26.4 is installed", "line 2 asks for `numpy==1.26.4`"),
         index={"lunapi": {"0.1.2": ("numpy>=2",)}, "numpy": {"1.26.4": (), "2.0": ()},
                "tensorflow": {"2.15.0": ("keras>=2.15,<2.16",)}, "keras": {"2.15.0": (), "3.3.3": ()}}),
    Case("uv's marker in a name", "explain/uv-marker-version-lost/uv.log",
         ("explain", "--log", *_REAL, *_OWN), 4,
         ("transformers==4.40.0", "tokenizers==0.13.3", "transformers 4.40.0 (pip) needs tokenizers"),
         ("nothing to explain",),
         index={"transformers": {"4.40.0": ("tokenizers>=0.19,<0.20",)},
                "tokenizers": {"0.13.3": (), "0.19.1": ()}}),
    Case("uv's marker and a local version", "explain/uv-marker-version-lost/uv12578.log",
         ("explain", "--log", *_REAL, *_OWN), 4,
         ("torch==2.6.0+cpu", "https://download.pytorch.org/whl/cpu"), ("nothing to explain",),
         index={"torch": {"2.6.0": ()}}),
    Case("uv's marker and a fork for Windows", "explain/uv-marker-version-lost/uv_ace31.log",
         ("explain", "--log", *_REAL, *_OWN), 4, ("torch==2.7.1", "platform_machine == 'AMD64'"),
         ("nothing to explain",), index={"torch": {"2.7.1": ()}}),
)  # fmt: skip

_EXPLAIN = (
    Case("each version of a menu runs into another line", "explain/explain-no-reasons/environment.yml",
         ("explain",), 4,
         ("menu 1.1.0 or newer (./channel) needs dropdown =2.*, which needs icons =2.*",
          "line 4 asks for `icons=1.*`", "menu 1.0.0 (./channel) needs dropdown =1.*, which needs intl =3.*",
          "line 5 asks for `intl=5.*`"),
         ("no choice among",)),
    Case("the same as a tree", "explain/explain-no-reasons/environment.yml", ("explain", "--tree"), 4,
         ("menu 1.0.0: dropdown =1.*", "dropdown 2.0.0 or newer: icons =2.*")),
    Case("a build that nobody made", "explain/build-only-spec/environment.yml", ("explain", *_REAL), 4,
         ("conda-forge has `jaxlib`, but no such build; there are cuda", "`jaxlib=*=*cuda*`", "__cuda"),
         ("no such version",)),
    Case("the same where there is a GPU", "explain/build-only-spec/environment.yml",
         ("explain", *_REAL, "--virtual-package", "__cuda=12.8"), 4,
         ("no such build", "`jaxlib=*=cuda` -> `jaxlib=*=*cuda*`"), ("no such version",)),
    Case("no channel has python", "explain/no-python-in-channel/environment.yml", ("explain",), 4,
         ("the pip lines need `python`", "no package `python` in ./ch"), ("Stopped after",)),
    *(Case(f"`lock {verb}` names the index of a local version", "explain/local-version-index/pyproject.toml",
           (verb, *_OWN), 4, ("--extra-index-url https://download.pytorch.org/whl/cpu",),
           ("torch>=2.6",), index={"torch": {"2.6.0": (), "2.7.0": ()}, "numpy": {"2.0": ()}})
      for verb in ("lock", "explain", "check")),
    *(Case(f"a conflict is told, with nothing kept: {verb}", f"explain/interrupted-crash/{name}",
           (verb, *_REAL, "--no-build", *more), 4, said, ("unexpected",), live=True)
      for verb, more in (("lock", ("--dry-run",)), ("explain", ()))
      for name, said in (("environment.yml", ("numpy==1.21.2", "numba==0.54.0")),
                         ("second.yml", ("python=3.8.16", "lap=0.4.0")))),
)  # fmt: skip

_LOCK = (
    Case("a marker that is false on the chosen Python", "lock/marker-false-crash/environment.yml", _OWN,
         locked=("python 3.12.11", "pip ", "iniconfig 2.0"), absent=("tomli",),
         index={"iniconfig": {"2.0": ()}, "tomli": {"2.0": ()}}),
    Case("two addresses for a project that nobody needs", "lock/url-constraints/requirements.txt", _311,
         locked=("installed 0.1.0",), absent=("test-pkg",)),
    *_PYTHON_FLAG,
    Case("an extra that isn't there", "lock/unknown-extra/requirements.txt", _311, 0,
         ("`base` 0.1.0 has no extra `missing`",), locked=("base 0.1.0", "dep 0.1.0")),
    Case("pip lines that clash don't bring conda's in", "lock/pip-line-pulls-conda/environment.yml",
         (*_REAL, "--virtual-package", "__cuda=12.9"), 4,
         ("tensorflow[and-cuda]==2.18.0", "torch==2.6.0"), live=True),
    Case("CUDA builds where the target has __cuda", "lock/cpu-build-with-cuda/environment.yml",
         (*_REAL, "--virtual-package", "__cuda=12.8"),
         locked=("pytorch 2.10.0 cuda", "torchvision 0.26.0 cuda")),
)  # fmt: skip

_HASH = (
    Case("a users' guide's definition", "hash/gpu.yml", ("hash",), 0,
         ("azureml_de8277a32dabdb79d7526a94b361d6d4",)),
    Case("the SDK refuses a file without a name", "hash/noname.yml", ("hash",), 0,
         ("azureml/name-missing",)),
    Case("a wheel by address is pinned", "hash/priv.yml", ("hash",), 0,
         ("`my-package` is not pinned", "`./my-custom.whl` is a path that only this machine has"),
         ("my_custom-0.1-py3-none-any.whl` is not pinned", "`./my-custom.whl` is not pinned")),
    Case("the SDK refuses properties", "hash/37-tags-desc/job.yml", ("hash",), 0, ("azureml/refused-field",)),
    Case("a conda call in a Dockerfile beside a conda environment", "hash/v1df/azureml_environment.json",
         ("hash",), 0, ("azureml/conda-in-dockerfile",)),
)  # fmt: skip

_SECRET = (("CODEARTIFACT_PASSWORD", "SEKRET123"), ("QUETZ_TOKEN", "SEKRET123"))
_INPUTS = (
    Case("variables in addresses are filled in", "inputs/pip-repositories-env/environment.yml", (), 0,
         (), ("SEKRET123", "${"), locked=("snakerules ", "privatepackage 1.2.3"), variables=_SECRET),
    *(Case(f"a variable that isn't set is refused: {other}", "inputs/pip-repositories-env/environment.yml",
           (), 2, (f"the environment variable `{other}` is not set",), ("SEKRET123",), variables=(given,))
      for given, other in zip(_SECRET, ("QUETZ_TOKEN", "CODEARTIFACT_PASSWORD"), strict=True)),
)  # fmt: skip

CASES = (*_LOCK, *_EXPLAIN, *_LOGS, *_TABLES, *_INPUTS, *_HASHES, *_HASH)
