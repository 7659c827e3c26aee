"""Names that were probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import msgspec

from resolver.constraints.known_projects import well_known

#: What people import or write -> what the package is called.
KNOWN_AS = {
    "bs4": "beautifulsoup4", "cv2": "opencv", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "git": "gitpython", "jwt": "pyjwt", "magic": "python-magic", "pil": "pillow",
    "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow", "torch": "pytorch", "torch-geometric": "pytorch_geometric",
    "opencv-python": "opencv", "opencv-python-headless": "opencv", "opencv-contrib-python": "opencv",
    "psycopg2-binary": "psycopg2",
    "usb": "pyusb", "yaml": "pyyaml", "zmq": "pyzmq", "xgboost-gpu": "xgboost", "faiss": "faiss-cpu",
}  # fmt: skip
#: What people import or write -> the project of the package index; conda's names of it are above.
PROJECTS = {
    "attr": "attrs", "bio": "biopython", "bs4": "beautifulsoup4", "crypto": "pycryptodome",
    "cv2": "opencv-python", "dateutil": "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "git": "gitpython", "jose": "python-jose", "jwt": "pyjwt", "magic": "python-magic",
    "mysqldb": "mysqlclient", "opencv": "opencv-python", "openssl": "pyopenssl", "pil": "pillow",
    "pptx": "python-pptx", "psycopg2-bin": "psycopg2-binary", "pytorch": "torch", "serial": "pyserial",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "usb": "pyusb", "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip
#: At most so many are proposed.
MOST = 3
#: From this likeness on a name is the other by a slip of the fingers, or by another spelling.
SLIP = 0.8
#: From this likeness on it is only spelt otherwise, or what people commonly call it.
SPELLING = 0.92


class NearName(msgspec.Struct, frozen=True, kw_only=True):
    """A known name near the one that was written, and how near: 0 to 1."""

    name: str
    likeness: float


class KnownNames:
    """Names that one which was written may be meant for; what is costly to know of them is kept."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._by_length: dict[int, list[str]] = {}
        for name in self._names:
            self._by_length.setdefault(len(name), []).append(name)
        self._prepared: dict[int, list[tuple[str, str, int]]] = {}

    def near(self, name: str, aliases: Mapping[str, str] = KNOWN_AS) -> list[NearName]:
        """Return the names nearest to ``name``, best first, at most :data:`MOST`.

        What people commonly call it comes first; then what is only spelt otherwise (``-``,
        ``_``, ``.``, ``py``), then slips by their number (letters that are missing, too
        many, wrong or swapped), then what looks alike. Of names equally near the well-known one.
        """
        low = name.lower()
        alias = aliases.get(low)
        if alias in self._names:
            return [NearName(name=str(alias), likeness=1.0)]
        flat = _flat(low)
        pairs, letters = _pairs(flat), _letters(flat)
        found = []
        for length in range(len(low) - 3, len(low) + 4):
            for other, theirs, their_letters in self._of_length(length):
                # two slips change four letters, `python` before a name six; of what looks alike a quarter
                differ = (letters ^ their_letters).bit_count()
                if (differ > 6 and differ > (len(flat) + len(theirs)) // 4) or other == low:
                    continue
                likeness = _likeness(flat, pairs, theirs)
                if likeness:
                    found.append(NearName(name=other, likeness=likeness))
        return sorted(found, key=lambda near: (-near.likeness, near.name not in well_known(), near.name))[
            :MOST
        ]

    def _of_length(self, length: int) -> list[tuple[str, str, int]]:
        """Return the names that are so long, without what joins their parts, and their letters."""
        if length not in self._prepared:
            names = self._by_length.get(length, ())
            self._prepared[length] = [
                (name, flat, _letters(flat)) for name in names for flat in (_flat(name),)
            ]
        return self._prepared[length]


def near_names(name: str, known: Iterable[str], aliases: Mapping[str, str] = KNOWN_AS) -> list[NearName]:
    """Return the known names nearest to ``name``, best first; of many names ask :class:`KnownNames`."""
    return KnownNames(known).near(name, aliases)


def meant(near: Iterable[NearName]) -> tuple[str, ...]:
    """Return those names that may stand in place of the one written: the nearest, by a slip.

    Of several equally near, the well-known ones alone if there are such.
    """
    slips = [one for one in near if one.likeness >= SLIP]
    best = max((one.likeness for one in slips), default=0.0)
    nearest = tuple(one.name for one in slips if one.likeness == best)
    return tuple(name for name in nearest if name in well_known()) or nearest


def _likeness(flat: str, pairs: set[str], theirs: str) -> float:
    if theirs == flat:
        return 0.97
    if theirs in (f"py{flat}", f"python{flat}") or flat in (f"py{theirs}", f"python{theirs}"):
        return SPELLING
    shared = len(pairs & _pairs(theirs))
    # a slip spoils three pairs of letters at most
    if shared < len(pairs) - 3 * _slips_in(flat) and shared * 2 < len(pairs) - 2:
        return 0.0
    slips = slips_between(flat, theirs, _slips_in(flat))
    if slips is not None:
        return 0.95 - 0.05 * slips
    matcher = difflib.SequenceMatcher(None, flat, theirs, autojunk=False)
    if matcher.quick_ratio() < 0.75:
        return 0.0
    ratio = matcher.ratio()
    return ratio * SLIP * 0.9 if ratio >= 0.75 else 0.0


def _slips_in(name: str) -> int:
    """Return how many slips a name of this length may have and still be known."""
    return 1 if len(name) <= 6 else 2


def slips_between(one: str, other: str, most: int) -> int | None:
    """Return how many letters are missing, too many, wrong or swapped; None for more than ``most``.

    The distance of Damerau and Levenshtein, of texts that are edited nowhere twice.
    """
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, theirs in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and theirs == one[i - 2]:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def _flat(name: str) -> str:
    return name.replace("-", "").replace("_", "").replace(".", "")


def _letters(name: str) -> int:
    """Return which letters a name has, a bit each; what is none of ASCII's may share one."""
    found = 0
    for letter in set(name):
        found |= 1 << (ord(letter) & 127)
    return found


def _pairs(name: str) -> set[str]:
    return {name[n : n + 2] for n in range(len(name) - 1)}
