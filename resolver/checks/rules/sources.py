"""Requirements whose source isn't named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, rule
from resolver.machine.variant_indexes import index_of_label
from resolver.model.findings import Severity

_LOCAL = re.compile(r"==\s*[\w.!]+\+((?:cu\d+|cpu|rocm[\d.]+|pt\d+)[\w.]*)")


@rule("pip/local-version-without-index", Severity.ERROR, "a `+cuXYZ` version is asked for without its index")
def local_version_without_index(context: CheckContext) -> Iterator[Found]:
    """Find requirements such as `torch==2.6.0+cu124` for which no index but the default is given.

    PyPI has no local versions; pip ends in `No matching distribution found`.
    """
    requirements = context.requirements
    if requirements is None:
        return
    indexes = requirements.indexes
    if indexes.index_url or indexes.extra_index_urls or indexes.find_links:
        return
    for item in requirements.pypi:
        match = _LOCAL.search(item.text)
        if match and item.index is None and item.direct is None:
            address = index_of_label(str(item.name), match[1])
            pin = context.pypi.get(str(item.name))
            yield Found(
                message=f"`{item.text}` names a local version, and no index but the default is given",
                evidence=(f"{item.origin}: {item.text}", *((pin,) if pin else ())),
                fact=facts.statement("local-version"),
                origin=item.origin,
                fix=f"--extra-index-url {address}" if address else None,
            )


@rule(
    "pip/variant-index-without-pin",
    Severity.WARNING,
    "an index of CUDA wheels beside the default one, and torch isn't pinned to it",
)
def variant_index_without_pin(context: CheckContext) -> Iterator[Found]:
    """Find `--extra-index-url .../whl/cu124` with a torch that doesn't say its variant.

    pip takes the newest version of all indexes: PyPI's wheel, of another CUDA, wins
    as soon as it is newer.
    """
    requirements = context.requirements
    if requirements is None:
        return
    variant = next(
        (url for url in requirements.indexes.extra_index_urls if re.search(r"/whl/(cu\d+|cpu)/?$", url)), None
    )
    if variant is None:
        return
    for item in requirements.pypi:
        if item.name == "torch" and "+" not in item.text and item.index is None:
            wheel = context.pypi.get("torch")
            if wheel is not None and stack.variant_of_wheel(wheel) != (None, False):
                continue
            yield Found(
                message=f"`{item.text}` may come from either index; "
                f"{variant.rstrip('/').rsplit('/', 1)[-1]} is meant",
                evidence=(f"{item.origin}: {item.text}", *((wheel,) if wheel else ())),
                origin=item.origin,
                fact=facts.statement("local-version"),
            )
