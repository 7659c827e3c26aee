"""What dependencies under conditions (CEP 43) come to among packages that are locked or installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from resolver.model.match_spec import parse_match_spec
from resolver.model.plain_text import plain_text
from resolver.model.records import CondaRecord
from resolver.model.resolution import CondaPin
from resolver.model.target import VirtualPackage


def settled_pins(pins: Sequence[CondaPin], virtual: Sequence[VirtualPackage] = ()) -> tuple[CondaPin, ...]:
    """Return pins whose dependencies are plain texts that hold among them.

    What a condition that isn't met asks for is left out, one on a fact of the machine that isn't among
    ``virtual`` too; so are flags, which no record of what is locked or installed has.
    """
    if not any("[" in text for pin in pins for text in (*pin.record.depends, *pin.record.constrains)):
        return tuple(pins)
    there = {one.name: CondaRecord(one.name, one.version, one.build, 0, "") for one in virtual}
    there |= {pin.record.name: pin.record for pin in pins}
    return tuple(replace(pin, record=_settled(pin.record, there)) for pin in pins)


def _settled(record: CondaRecord, there: Mapping[str, CondaRecord]) -> CondaRecord:
    return replace(record, depends=_texts(record.depends, there), constrains=_texts(record.constrains, there))


def _texts(texts: Sequence[str], there: Mapping[str, CondaRecord]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        try:
            spec = parse_match_spec(text) if "[" in text else None
        except ValueError:
            spec = None
        if spec is None or not (spec.when or spec.flags or spec.extras):
            found[text] = None
        elif not spec.when or any(
            all(one.name in there and one.matches(there[one.name]) for one in each) for each in spec.when
        ):
            found[plain_text(replace(spec, flags=()))] = None
    return tuple(found)
