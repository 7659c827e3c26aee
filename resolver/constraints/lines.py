"""What one line of the user's says, as incompatibilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaSide, channel_bits
from resolver.constraints.facts import PipOnlyFact, RequirementFact, UnusableFact
from resolver.constraints.registry import Key, Kind, Numbers
from resolver.errors import SourceError
from resolver.model.names import PypiName
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from resolver.constraints.pypi_side import PypiSide

#: What conda's interpreter brings along, whatever pip lines want.
_WITH_PYTHON = frozenset({"pip", "setuptools", "wheel"})


class Lines:
    """Reads lines over the packages of both sides; nothing is kept of what was asked."""

    def __init__(self, conda: CondaSide, pypi: PypiSide | None, numbers: Numbers, *, only_pip: bool) -> None:
        """``only_pip``: the project of a pip line may not be met by what conda provides."""
        self._conda, self._pypi, self._numbers, self._only_pip = conda, pypi, numbers, only_pip

    def named(self, requirement: CondaRequirement | PypiRequirement) -> int | None:
        """Return the package that a line asks for; None if it asks for none here."""
        if isinstance(requirement, CondaRequirement):
            if requirement.is_constraint:
                return None
            return self._numbers.number(Key(Kind.CONDA, requirement.name))
        if requirement.is_constraint or requirement.name is None or not self.when(requirement):
            return None
        return self._numbers.number(Key(Kind.PYPI, requirement.name))

    def clauses_of(self, requirement: CondaRequirement | PypiRequirement) -> list[Incompatibility]:
        """Return what one line says."""
        if isinstance(requirement, CondaRequirement):
            return list(self._of_conda(requirement))
        try:
            return list(self._of_pypi(requirement))
        except SourceError as error:
            self._index.pass_over(error)
            return []

    def _of_conda(self, requirement: CondaRequirement) -> Iterator[Incompatibility]:
        """Yield ``{package: not admitted}``; a constraint admits *absent* too. Then what extras bring in."""
        spec = requirement.match_spec
        number = self._numbers.number(Key(Kind.CONDA, spec.name))
        domain = self._conda.domain(spec.name)
        admitted = domain.bits_of(spec)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        fact = RequirementFact(requirement=requirement)
        outside = (domain.all & ~admitted) | (0 if requirement.is_constraint else ABSENT)
        yield Incompatibility((number,), (outside,), fact)
        if spec.extras and not requirement.is_constraint:
            from resolver.constraints.conditional import Conditional

            yield from Conditional(self._conda, self._numbers).extras(spec, admitted)

    # -- pip lines --------------------------------------------------------------------------------

    @property
    def _index(self) -> PypiSide:
        if self._pypi is None:
            raise AssertionError("pip requirements need an index")
        return self._pypi

    def when(self, requirement: PypiRequirement) -> int:
        """Return the python candidates under which a line holds; all for one that nobody can read.

        None where the lines about python leave none of them: such a line asks for nothing, and its index
        isn't asked.
        """
        python, condition = self._index.python, requirement.condition
        if isinstance(condition, Unusable):
            return python.all
        holds = python.where(condition)
        return holds if holds & self._index.possible else 0

    def _of_pypi(self, requirement: PypiRequirement) -> Iterator[Incompatibility]:
        """Yield what a line (or constraint) says of its project and of the extras it names."""
        python, when = self._index.python, self.when(requirement)
        if not when:
            return
        versions, condition = requirement.specifier_set, requirement.condition
        if isinstance(versions, Unusable):
            yield self._unusable(versions)
            return
        if isinstance(condition, Unusable):
            yield self._unusable(condition)
            return
        said = RequirementFact(requirement=requirement)
        introduction: list[Incompatibility] = []
        named = self._index.admitted(_name(requirement), versions, requirement.extras, introduction)
        yield from introduction
        for number, admitted, everything in named:
            if requirement.direct is not None:
                admitted = everything if self._stands(requirement) else 0
            outside = (everything & ~admitted) | (0 if requirement.is_constraint else ABSENT)
            provided = self._provided(requirement, number)
            packages, sets = ((number,), ()) if when == python.all else ((python.number, number), (when,))
            if provided:
                yield Incompatibility(packages, (*sets, provided), PipOnlyFact(requirement=requirement))
            yield Incompatibility(packages, (*sets, outside), said)

    def _unusable(self, fault: Unusable) -> Incompatibility:
        """Return that nothing goes with a line that nobody can read: ``{python: any}``."""
        python = self._index.python
        fact = UnusableFact(package=python.number, reason=fault.reason)
        return Incompatibility((python.number,), (python.all,), fact)

    def _stands(self, requirement: PypiRequirement) -> bool:
        """Tell whether the project comes from the place that a line names: another may name another."""
        release = self._index.direct.get(_name(requirement))
        return release is None or release.direct is None or release.direct == requirement.direct

    def _provided(self, requirement: PypiRequirement, number: int) -> int:
        """Return the candidates that conda provides, where a line is to be met by pip alone."""
        is_extra = self._numbers.keys[number].kind is Kind.EXTRA
        if not self._only_pip or requirement.is_constraint or is_extra or requirement.name in _WITH_PYTHON:
            return 0
        return self._index.domain(_name(requirement))[0].provided


def _name(requirement: PypiRequirement) -> PypiName:
    if requirement.name is None:
        raise AssertionError("a direct reference gets its name before it is asked about")
    return requirement.name
