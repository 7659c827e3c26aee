"""Azure ML environment definitions -> the requirements of the conda file in them.

Three forms: the CLI's YAML (v2: ``conda_file`` as mapping, text or path), the
service's JSON (``properties.condaFile`` as text) and the first SDK's JSON
(``python.condaDependencies``, or a file beside it). The image is the business of the target.
"""

from __future__ import annotations

import yaml

from resolver.inputs.draft import Draft
from resolver.inputs.environment_yml import EnvironmentScope, add_environment
from resolver.inputs.requirements_txt import beside
from resolver.inputs.yaml_nodes import compose, is_null, kind_of, place
from resolver.model.origin import Origin

#: Keys of the CLI's environment YAML (its published schema) that no conda environment file has.
AZUREML_KEYS = frozenset(
    {"$schema", "conda_file", "image", "build", "inference_config", "os_type", "properties"}
)

#: What the first SDK's ``save_to_directory`` calls the conda file beside its JSON.
_V1_CONDA_FILE = "conda_dependencies.yml"


def is_azureml(root: yaml.MappingNode) -> bool:
    """Tell whether a mapping is an Azure ML environment in one of its forms."""
    nodes = _nodes(root)
    if "dependencies" in nodes:
        return False
    return bool(AZUREML_KEYS & set(nodes)) or isinstance(nodes.get("python"), yaml.MappingNode)


def add_azureml_environment(draft: Draft, root: yaml.MappingNode, scope: EnvironmentScope) -> None:
    """Add the requirements of the conda file that the definition holds or names."""
    name, conda_file = _find_conda_file(root)
    if conda_file is None and _has_v1_file(root):
        _add_file(draft, _V1_CONDA_FILE, root, scope)
    elif conda_file is None:
        draft.faults.add(
            "an Azure ML environment without `conda_file`: there is nothing to lock",
            place(root, scope.file),
            "lock the conda file that its Dockerfile copies"
            if "build" in _nodes(root)
            else "add `conda_file:`",
        )
        return
    elif isinstance(conda_file, yaml.MappingNode):
        add_environment(draft, conda_file, scope)
    elif isinstance(conda_file, yaml.ScalarNode):
        _add_text_or_path(draft, conda_file, scope)
    else:
        draft.faults.add(
            f"`conda_file` is {kind_of(conda_file)}",
            place(conda_file, scope.file),
            "a mapping or a path is meant",
        )
    draft.name = draft.name or name


def _nodes(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _find_conda_file(root: yaml.MappingNode) -> tuple[str | None, yaml.Node | None]:
    nodes = _nodes(root)
    name = nodes.get("name")
    text = name.value if isinstance(name, yaml.ScalarNode) and not is_null(name) else None
    python = _nodes(nodes.get("python"))
    found = (
        nodes.get("conda_file")
        or _nodes(nodes.get("properties")).get("condaFile")
        or python.get("condaDependencies")
        or python.get("condaDependenciesFile")
    )
    return text, None if found is None or is_null(found) else found


def _has_v1_file(root: yaml.MappingNode) -> bool:
    """Tell whether the conda file stands beside a definition of the first SDK, which then doesn't name it."""
    python = _nodes(_nodes(root).get("python"))
    managed = python.get("userManagedDependencies")
    by_user = isinstance(managed, yaml.ScalarNode) and managed.value.lower() == "true"
    return bool(python) and "docker" in _nodes(root) and not by_user


def _add_text_or_path(draft: Draft, node: yaml.ScalarNode, scope: EnvironmentScope) -> None:
    if "\n" in node.value.strip() or "dependencies:" in node.value:
        text, label = _inline_text(node, scope)
        inner = compose(text, label, draft.faults)
        if inner is not None or not len(draft.faults):
            add_environment(draft, inner, EnvironmentScope(file=label, lines=text.split("\n")))
        return
    value = node.value.strip()
    if value.startswith("azureml:"):
        draft.faults.add(
            f"`conda_file: {value}` names an asset of a workspace",
            place(node, scope.file),
            "download it and name the file",
        )
        return
    _add_file(draft, value.removeprefix("file:"), node, scope)


def _add_file(draft: Draft, name: str, node: yaml.Node, scope: EnvironmentScope) -> None:
    """Add the conda file of that name, seen from the definition's folder; ``node`` is what asks for it."""
    path = beside(scope.file, name)
    content = draft.read_text(path, place(node, scope.file))
    if content is None:
        return
    draft.files.append(path)
    root = compose(content, path, draft.faults)
    if root is not None or not any(_is_of(error.origin, path) for error in draft.faults.in_order()):
        add_environment(draft, root, EnvironmentScope(file=path, lines=content.split("\n")))


def _is_of(origin: Origin | None, path: str) -> bool:
    return origin is not None and origin.file == path


def _inline_text(node: yaml.ScalarNode, scope: EnvironmentScope) -> tuple[str, str]:
    """Return the text of a conda file written into the definition, and the file to name in messages.

    A block (``|``) is taken from the file's own lines, with blank ones before
    it, so that places stay true.
    """
    if node.style == "|":
        block = scope.lines[node.start_mark.line + 1 : node.end_mark.line + 1]
        kept = len(node.value.rstrip("\n").split("\n"))
        return "\n" * (node.start_mark.line + 1) + "\n".join(block[:kept]), scope.file
    return node.value, f"{scope.file} (conda_file)"
