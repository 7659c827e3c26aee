"""The public index's address, as a package states it: none is written down here."""

from __future__ import annotations

from typing import Any


def default_index_url() -> str:
    """Return the public index's address: `simple`, beside the address that the package ``distlib`` states.

    The constant is read from the source: importing the module takes 60 ms,
    for the HTTP client of the standard library.
    """
    import importlib.util
    import re
    from pathlib import Path
    from urllib.parse import urljoin

    found = importlib.util.find_spec("distlib")
    for folder in (found and found.submodule_search_locations) or ():
        module = Path(folder) / "index.py"
        text = module.read_text(encoding="utf-8") if module.is_file() else ""
        stated = re.search(r"""^DEFAULT_INDEX = (['"])(?P<address>\S+)\1$""", text, re.MULTILINE)
        if stated:
            return urljoin(stated["address"], "simple")
    index: Any = importlib.import_module("distlib.index")
    return urljoin(str(index.DEFAULT_INDEX), "simple")
