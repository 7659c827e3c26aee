"""What is remembered of texts is bounded: a process may solve for hours."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import lockfiles
import resolver

#: Memories by an argument that has few values: modules, tables, fields, places.
BY_FEW_VALUES = {
    "resolver.checks.loaders",
    "resolver.checks.facts",
    "resolver.checks.horizon",
    "resolver.checks.logs",
    "resolver.checks.rules.channels",
    "resolver.sources.pypi.network_off",
}


def test_memories_of_texts_have_a_bound() -> None:
    unbounded = []
    for package in (resolver, lockfiles):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".suite." in info.name or info.name.endswith("__main__"):
                continue
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                if not isinstance(value, functools._lru_cache_wrapper):
                    continue
                if value.__module__ != info.name or value.cache_parameters()["maxsize"] is not None:
                    continue
                if value.__wrapped__.__code__.co_argcount:
                    unbounded.append(f"{info.name}.{name}")
    assert [name for name in unbounded if name.rpartition(".")[0] not in BY_FEW_VALUES] == []
