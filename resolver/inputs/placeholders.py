"""Template placeholders: a file that has them is a template, not an input."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: Spellings of templates: Jinja, GitHub Actions, ERB, and ``<name>`` or ``{NAME}`` as in prose.
_PLACEHOLDER = pattern(
    r"""
      \$?\{\{.*?\}\}                      # {{ name }}, ${{ name }}
    | \{%.*?%\}                           # {% if ... %}
    | <%.*?%>                             # <%= name %>
    | <[A-Za-z][A-Za-z0-9 _.-]*>          # <version>
    | (?<![\$\w])\{[A-Za-z_][A-Za-z0-9_.-]*\}  # {NAME}, but not ${NAME}
    | @@[A-Za-z_]\w*@@                    # @@NAME@@
    """,
    re.VERBOSE,
)

#: Those of them that can't be YAML of any other meaning.
_BLOCK = pattern(r"\$?\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|@@[A-Za-z_]\w*@@")


#: What stands in place of a placeholder that is reported already; a private character, so nobody types it.
MASK = "\ue000"


def find_placeholders(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, placeholder as written) of each one in a requirement."""
    for found in _PLACEHOLDER.finditer(text):
        yield found.start(), found.group()


def first_placeholder(text: str) -> str | None:
    """Return the first placeholder of a text, None where there is none."""
    if "{" not in text and "@@" not in text and not ("<" in text and ">" in text):
        return None
    return next((written for _, written in find_placeholders(text)), None)


def placeholder_error(written: str, origin: Origin) -> InputError:
    """Return the fault for one placeholder."""
    return InputError(
        f"`{written}` is a template placeholder",
        origin,
        "fill the template in first; lock the file that comes out",
    )


def mask_placeholders(text: str, file: str, faults: Faults, *, expressions: bool = False) -> str:
    """Report each placeholder that no YAML can mean; return the text with ``MASK`` in its place.

    The length stays, so that places do too. Comments don't count: what stands
    behind a ``#`` at the start of a line or after a blank, nor, with ``expressions``, ``${{ name }}``.
    """
    if not _BLOCK.search(text):
        return text
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        code = re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
        masked = line
        for found in _BLOCK.finditer(code):
            if expressions and found.group().startswith("${{"):
                continue
            origin = Origin(file=file, line=number, column=found.start() + 1)
            faults.add_error(placeholder_error(found.group(), origin))
            masked = masked[: found.start()] + MASK * len(found.group()) + masked[found.end() :]
        lines.append(masked)
    return "\n".join(lines)
