"""Why an answer of ours differs from what a test of another project asserts, where that is meant."""

from __future__ import annotations

from collections.abc import Mapping

_TWO_ANSWERS = "the same question stands twice in the suite, with what conda and what libmamba answer"
_FEWEST = f"{_TWO_ANSWERS}; 24 locked packages move in ours, 30 in both of these, and fewest moves come first"
_OPT_IN = (
    "the scenario lets only direct requirements opt in to pre-releases; PEP 440 and pip admit one where no "
    "final release meets what all ask, and uv itself does now"
)

#: (suite, case) -> reason, in our own words
REASONS: Mapping[tuple[str, str], str] = {
    ("pytest-conda-solvers", "B022"): _FEWEST,
    ("pytest-conda-solvers", "B179"): _FEWEST,
    ("pytest-conda-solvers", "B024a"): f"{_TWO_ANSWERS}; ours keeps what fits, as libmamba does",
    ("rattler", "min_age/min_age_package_override_no_timestamp"): (
        "what a limit in time doesn't hold for isn't judged by dates at all, so one without a date stays"
    ),
    ("mamba", "solver/https://conda.anaconda.org/mamba-forge::foo"): (
        "the channels of the comparison lie in folders, so none has this address"
    ),
    (
        "mamba",
        "solver/*[md5=0bab699354cbd66959550eb9b9866620]",
    ): "refused: a line asks for one package by name",
    ("mamba", "solver/foo[md5=notreallymd5]"): "refused as no digest, where libmamba finds nothing",
    ("mamba", "solver/foo[version='=*,=*', build='pyhd*']"): (
        "`=*` admits any version, also one that can't be read"
    ),
    ("packse", "prereleases/package-only-prereleases-in-range"): _OPT_IN,
    ("packse", "prereleases/transitive-package-only-prereleases-in-range"): _OPT_IN,
    ("packse", "prereleases/transitive-prerelease-and-stable-dependency"): _OPT_IN,
    ("packse", "prereleases/transitive-prerelease-and-stable-dependency-many-versions"): _OPT_IN,
    ("packse", "prereleases/transitive-prerelease-and-stable-dependency-many-versions-holes"): _OPT_IN,
    ("packse", "requires_python/python-less-than-current"): (
        "uv leaves upper bounds of Requires-Python out of account; here they hold, as in pip"
    ),
    ("packse", "wheels/specific-architecture"): (
        "the wheels are for Python 3.13 alone and the target has 3.12; uv says the same of one target"
    ),
    ("poetry", "unsolvable/package_with_the_same_name_gives_clear_error_message"): (
        "a release that requires itself at its own version is met by itself, as in pip and uv"
    ),
    ("resolvelib", "python/chalice"): (
        "urllib3 is required where python_version isn't 3.4, so it comes in; the test's own provider drops "
        "what has a marker where no extra is asked for"
    ),
    ("resolvelib", "python/pyrex-1.9.8"): (
        "no answer is asserted: the test is marked as failing. There is none, as the index lacks msgpack"
    ),
    ("resolvelib", "cocoapods/circular"): "circles of requirements are no conflict, in resolvelib neither",
    (
        "resolvelib",
        "cocoapods/fixed_circular",
    ): "circles of requirements are no conflict, in resolvelib neither",
}


def reason_of(suite: str, case: str) -> str:
    """Return the reason; empty: none is known."""
    return REASONS.get((suite, case), "")
