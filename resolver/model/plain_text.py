"""A match spec as a dependency of a classic record: ``numpy >=2,<3 py312*``."""

from __future__ import annotations

from resolver.model.match_spec import MatchSpec


def plain_text(spec: MatchSpec) -> str:
    """Return a dependency without its condition and extras, as classic records have it where that can be."""
    if spec.flags or spec.build_number:
        fields = (
            ("version", spec.version),
            ("build", spec.build),
            ("build_number", spec.build_number),
        )
        inside = [f'{name}="{value}"' for name, value in fields if value is not None]
        inside += [f"flags=[{','.join(spec.flags)}]"] if spec.flags else []
        return f"{spec.name}[{','.join(inside)}]"
    if spec.build is not None:
        return f"{spec.name} {spec.version or '*'} {spec.build}"
    return f"{spec.name} {spec.version}" if spec.version is not None else spec.name
