"""`[[tool.poetry.source]]`: indexes and the order in which Poetry asks them."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from resolver.inputs.faults import did_you_mean
from resolver.inputs.pyproject.tables import Table, Tables
from resolver.inputs.urls import split_credentials
from resolver.model.requirements import PypiRequirement

#: Behind the others: asked where those have nothing.
_LATER = ("secondary", "supplemental")


class PoetrySources(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses by name; None: the default index."""

    addresses: dict[str, str | None]

    def with_index(self, tables: Tables, requirement: PypiRequirement, name: str) -> PypiRequirement:
        """Return a requirement that is to come from the source of a name; an unknown name is a fault."""
        key = name.lower()
        if key not in self.addresses:
            tables.fault(
                f"no `[[tool.poetry.source]]` is named `{name}`",
                requirement.origin,
                did_you_mean(key, self.addresses),
            )
        url = self.addresses.get(key)
        if url is None:
            return requirement
        clean, secret = split_credentials(url)
        if secret:
            tables.draft.secrets.append(secret)
        return replace(requirement, index=clean)


def add_sources(tables: Tables, poetry: Table) -> PoetrySources:
    """Add the sources that serve every project, in Poetry's order, and return all of them by name.

    Primary ones stand in place of the default index, unless it is named among them.
    """
    addresses: dict[str, str | None] = {"pypi": None}
    primary, later = [], []
    for source in tables.tables(poetry, "source"):
        name, url = source.get("name"), source.get("url")
        origin = tables.places.of_text(str(name)) if name else tables.places.of_key("source")
        if not isinstance(name, str) or not (isinstance(url, str) or name.lower() == "pypi"):
            tables.fault("`[[tool.poetry.source]]` needs `name` and `url`", origin)
            continue
        addresses[name.lower()] = url if isinstance(url, str) else None
        priority = source.get("priority", "primary")
        if priority in _LATER or source.get("secondary") is True:
            later.append((url, origin))
        elif priority != "explicit":
            primary.append((url, origin))
    chain = [*primary, *later]
    if primary and all(url is not None for url, _ in primary):
        url, origin = chain.pop()
        tables.draft.index_url = (str(url), origin)  # the last one asked
    tables.draft.extra_index_urls.extend(url for url, _ in chain if url)
    return PoetrySources(addresses=addresses)
