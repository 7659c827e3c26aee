"""What the lint rules rest on: sentences with their source and date, as data."""

from __future__ import annotations

from resolver.model.findings import Fact

_CONCEPT = "Azure ML documentation, concept page on environments, section on image caching and reuse"
_SDK = "azure-ai-ml 1.35.2, read and run"

#: Rule -> the fact behind it.
FACTS = {
    "azureml/unpinned-package": Fact(
        text="An environment with an unpinned package keeps the version that was available when its "
        "image was built, and every later definition that matches gets that old image.",
        source=_CONCEPT,
    ),
    "azureml/unpinned-image": Fact(
        text="An image without a fixed tag or digest may be rebuilt whenever the tag moves.",
        source=f"{_CONCEPT}; azure-docs issue 79815",
        date="2026-09",
    ),
    "azureml/image-tag-moves": Fact(
        text="A base image was pushed again under the same tag; only a digest names one image.",
        source="azureml-sdk-for-r issue 260",
        date="2026-09",
    ),
    "azureml/conda-ignored": Fact(
        text="An environment with a build context hashes and uses the context; its conda file is not "
        "looked at.",
        source=_SDK,
    ),
    "azureml/inline-name": Fact(
        text="The SDK drops name and version of an inline environment; where they were sent, an "
        "existing environment of that name and version was used silently.",
        source=f"{_SDK}; azureml-previews issue 119",
        date="2026-09",
    ),
    "azureml/dockerignore": Fact(
        text="The SDK honours .amlignore, else .gitignore, in the context's root; .dockerignore is "
        "hashed and uploaded like any file.",
        source=_SDK,
    ),
    "azureml/context-collision": Fact(
        text="The directory digest joins names and contents without separators, so different trees can "
        "have one digest, and the second is then taken for the first.",
        source=_SDK,
    ),
    "azureml/context-case": Fact(
        text="Entries are sorted by lower-cased path; names that differ in case only keep the file "
        "system's order.",
        source=_SDK,
    ),
    "azureml/same-base-name": Fact(
        text="The v1 SDK collects a context's files by base name: of two with one name only the last "
        "is uploaded.",
        source="azureml-core 1.61.0, read",
    ),
    "azureml/inference-defaults": Fact(
        text="azureml-defaults holds what serving a model needs; the v1 SDK warns where a deployment "
        "lacks it.",
        source="azureml-core 1.61.0, read",
    ),
    "azureml/secret": Fact(
        text="Environment definitions are stored and shown in plain text, and are copied into build logs.",
        source="Azure ML documentation on private packages (workspace connections)",
    ),
    "azureml/local-path": Fact(
        text="The service builds the image from the definition alone: a path of this machine doesn't "
        "exist there.",
        source="Azure ML documentation on private packages",
    ),
    "azureml/reserved-name": Fact(
        text="Names that begin with AzureML or Microsoft are reserved for curated environments.",
        source="azureml-core 1.61.0, documentation of `Environment`",
    ),
    "azureml/conda-without-pip": Fact(
        text="With a pip section and no `pip` among the dependencies conda adds an unpinned pip, with "
        "a warning.",
        source="conda, the warning of `conda env create`",
    ),
    "azureml/number-item": Fact(
        text="YAML reads an unquoted 3.10 as the number 3.1, and the number is what is hashed and installed.",
        source=_SDK,
    ),
    "azureml/partly-pinned": Fact(
        text="A series such as `python=3.10` is met by many releases; the image keeps the one of its "
        "first build.",
        source=_CONCEPT,
    ),
}
