"""MLflow's python_env.yaml: an interpreter and pip requirements (MLflow's "Model Environments")."""

from __future__ import annotations

import yaml

from resolver.inputs.draft import Draft
from resolver.inputs.environment_items import iter_items
from resolver.inputs.environment_yml import EnvironmentScope
from resolver.inputs.requirements_txt import PipScope, add_pip_line
from resolver.inputs.yaml_nodes import is_null, iter_mapping, kind_of, place
from resolver.model.patterns import pattern

_VERSION = pattern(r"\d+(\.\d+)*\Z")


def is_mlflow(root: yaml.MappingNode) -> bool:
    """Tell whether a mapping has the keys of a python_env.yaml."""
    nodes = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    python = nodes.get("python")
    return "build_dependencies" in nodes or (
        isinstance(python, yaml.ScalarNode) and "channels" not in nodes and "dependencies" in nodes
    )


def add_mlflow_environment(draft: Draft, root: yaml.MappingNode, scope: EnvironmentScope) -> None:
    """Add the interpreter and the requirements of both lists."""
    draft.has_pip_section = True
    for name, key, value in iter_mapping(root, scope.file, draft.faults):
        if name == "python":
            if isinstance(value, yaml.ScalarNode) and _VERSION.match(value.value):
                dots = value.value.count(".")
                draft.requires_python.append(f"=={value.value}" + (".*" if dots < 2 else ""))
            else:
                draft.faults.add(
                    "`python` is not a version", place(value, scope.file), "write it as `3.12.4`"
                )
        elif name in ("build_dependencies", "dependencies"):
            _add_list(draft, name, value, scope)
        elif name not in ("name", "prefix"):
            draft.faults.add(f"unknown key `{name}`", place(key, scope.file))


def _add_list(draft: Draft, name: str, node: yaml.Node, scope: EnvironmentScope) -> None:
    if is_null(node):
        return
    if not isinstance(node, yaml.SequenceNode):
        draft.faults.add(f"`{name}` is {kind_of(node)}; a list is meant", place(node, scope.file))
        return
    for item in iter_items(node, scope.file, scope.lines, draft.faults):
        if item.key is not None:
            draft.faults.add(f"`{item.key}:` is a mapping; a requirement is meant", item.origin)
            continue
        pip_scope = PipScope(file=scope.file, platforms=item.platforms, parents=(scope.file,))
        add_pip_line(draft, item.text, item.origin, pip_scope)
