"""Wheels whose names say for which hardware they are (PEP 825, a draft): told from misnamed ones."""

from __future__ import annotations

from resolver.model.patterns import pattern

_PYTHON_TAGS = pattern(r"(?:py|cp|pp|ip|jy|graalpy)\d+(?:\.(?:py|cp|pp|ip|jy|graalpy)\d+)*\Z")
_LABEL = pattern(r"[0-9a-z_.]+\Z")


def variant_label(file_name: str) -> str | None:
    """Return the label of a wheel variant, ``x86_64_v3`` of ``a-1-cp313-cp313-linux_x86_64-x86_64_v3.whl``.

    None for any other name. The label stands last, behind the platform; a build tag, which
    begins with a digit, may stand before the Python's tag as ever.
    """
    parts = file_name.removesuffix(".whl").split("-")
    tags = 3 if len(parts) > 3 and parts[2][:1].isdigit() else 2
    if len(parts) != tags + 4 or not _PYTHON_TAGS.match(parts[tags]) or not _LABEL.match(parts[-1]):
        return None
    return parts[-1]


def variant_words(label: str) -> str:
    """Return what is said of a variant."""
    return f"a wheel variant (`{label}`, PEP 825), of which none is chosen yet"
