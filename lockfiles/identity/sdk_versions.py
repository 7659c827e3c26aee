"""How the formula of the anonymous version changed with the v2 SDK (azure-ai-ml).

Read in the SDK's published wheels 1.0.0, 1.1.0, 1.1.2, 1.2.0, 1.3.0, 1.4.0, 1.5.0,
1.6.0, 1.8.0 to 1.12.1, 1.26.5, 1.27.1, 1.28.1, 1.30.0, 1.32.0 to 1.35.2.
"""

from __future__ import annotations

import msgspec
from packaging.version import InvalidVersion, Version

from resolver.errors import InputError
from resolver.model.choices import StrEnum

#: The newest SDK whose formula was read and run.
CURRENT = "1.35.2"


class InferenceForm(StrEnum):
    """What the SDK dumps for an ``inference_config`` that it read from YAML."""

    NONE = "none"  #: not part of the hash
    ATTRIBUTES = "attributes"  #: a REST model with its attributes
    DATA = "data"  #: a REST model around one ``_data`` mapping


#: Module of the REST model classes, whose name is part of the dump.
MODEL_MODULES = {
    InferenceForm.ATTRIBUTES: "azure.ai.ml._restclient.v2022_05_01.models._models_py3",
    InferenceForm.DATA: "azure.ai.ml._restclient.arm_ml_service.models._models",
}


class SdkFormula(msgspec.Struct, frozen=True, kw_only=True):
    """The formula's variants at one SDK version."""

    version: str
    algorithm: str  #: ``md5`` or ``sha256``
    inference: InferenceForm
    first_ignore_pattern_wins: bool
    links_from_working_folder: bool  #: a relative link is followed from where the SDK runs, so mostly nowhere


def formula_for(version: str = CURRENT) -> SdkFormula:
    """Return the formula that an SDK version uses; versions newer than CURRENT are taken to keep its formula.

    Raises InputError for text that is no version, or older than 1.0.0.
    """
    try:
        parsed = Version(version)
    except InvalidVersion:
        raise InputError(
            f"`{version}` is no version of azure-ai-ml", hint=f"Give one such as `{CURRENT}`."
        ) from None
    if parsed < Version("1.0.0"):
        raise InputError(f"azure-ai-ml {version} is older than the oldest known formula (1.0.0)")
    if parsed < Version("1.1.0"):
        inference = InferenceForm.NONE
    elif parsed < Version("1.33.0"):
        inference = InferenceForm.ATTRIBUTES
    else:
        inference = InferenceForm.DATA
    return SdkFormula(
        version=version,
        algorithm="md5" if parsed < Version("1.28.0") else "sha256",
        inference=inference,
        first_ignore_pattern_wins=parsed < Version("1.4.0"),
        links_from_working_folder=parsed < Version("1.10.0"),
    )
