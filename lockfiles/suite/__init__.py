"""The tests of an environment, as files: they run in that environment, and nothing of this project is there.

``environment_facts`` and ``environment_tests`` are written out as they are; they need Python 3.8 and pytest.
"""

from importlib.resources import files


def text_of(module: str) -> str:
    """Return the text of one of these modules, as it is written out."""
    return (files("lockfiles.suite") / f"{module}.py").read_text(encoding="utf-8")
