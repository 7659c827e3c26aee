"""Names that were probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: What people import or write -> what the package is called.
KNOWN_AS = {
    "bs4": "beautifulsoup4", "cv2": "opencv", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "git": "gitpython", "jwt": "pyjwt", "magic": "python-magic", "pil": "pillow",
    "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow", "torch": "pytorch", "torch-geometric": "pytorch_geometric",
    "opencv-python": "opencv", "opencv-python-headless": "opencv", "psycopg2-binary": "psycopg2",
    "usb": "pyusb", "yaml": "pyyaml", "zmq": "pyzmq", "xgboost-gpu": "xgboost", "faiss": "faiss-cpu",
}  # fmt: skip
#: At most so many are proposed.
MOST = 3


def near_names(name: str, known: Iterable[str]) -> list[tuple[str, float]]:
    """Return the known names nearest to ``name`` with their likeness (0 to 1), best first.

    Two edits at most, or likeness of 0.75; a name that is only spelt otherwise
    (``-``, ``_``, ``.``) and what people commonly call it come first.
    """
    low = name.lower()
    names = set(known)
    found: dict[str, float] = {}
    alias = KNOWN_AS.get(low)
    if alias in names:
        found[str(alias)] = 1.0
    flat = _flat(low)
    pairs = _pairs(flat)
    for other in names:
        if abs(len(other) - len(low)) > 3 or other == low:
            continue
        theirs = _flat(other)
        if (
            theirs == flat
            or theirs in (f"py{flat}", f"python{flat}")
            or flat in (f"py{theirs}", f"python{theirs}")
        ):
            found[other] = max(found.get(other, 0), 0.97 if theirs == flat else 0.92)
            continue
        if len(pairs & _pairs(theirs)) * 2 < len(pairs) - 2:
            continue
        matcher = difflib.SequenceMatcher(None, flat, theirs, autojunk=False)
        if matcher.quick_ratio() >= 0.75:
            likeness = matcher.ratio()
            if likeness >= 0.75:
                found[other] = max(found.get(other, 0), likeness)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST]


def _flat(name: str) -> str:
    return name.replace("-", "").replace("_", "").replace(".", "")


def _pairs(name: str) -> set[str]:
    return {name[n : n + 2] for n in range(len(name) - 1)}
