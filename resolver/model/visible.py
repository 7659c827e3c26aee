"""What would act on a screen, as text."""

from __future__ import annotations

from resolver.model.patterns import pattern

#: C0 and C1 controls but tab and newline, DEL, marks and overrides of writing direction, separators of
#: lines, the byte order mark, halves of pairs (Unicode 16, UAX 9).
ACTING = pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def make_visible(text: str) -> str:
    r"""Return ``text`` with each acting character as Python and JSON write it: ``\x1b``, ``\u202e``."""
    if text.isascii() and text.isprintable():
        return text
    return ACTING.sub(lambda found: ascii(found.group())[1:-1], text)
