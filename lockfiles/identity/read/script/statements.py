"""A script from top to bottom: its assignments and calls are followed, and nothing is run.

Every block that may be left out or repeated (a branch, a loop, a function) has names of its
own; an environment may be changed only in the block that made it, for only there is it known
that the change happens, once and in this order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from lockfiles.identity.read.script import paths
from lockfiles.identity.read.script.calls import READING, STARRED, Arguments, Calls
from lockfiles.identity.read.script.conda_dependencies import CondaDependencies
from lockfiles.identity.read.script.environments import Environment, RunConfiguration, V1Environment
from lockfiles.identity.read.script.values import (
    Function,
    Module,
    NotPlainError,
    Place,
    Placed,
    RefusedError,
    UnknownValue,
    is_within_bounds,
    taint,
)
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.model.origin import Origin

T = TypeVar("T")

#: More statements than this, those of loops each time, aren't followed.
_MOST_STEPS = 20_000
#: Longer than this an expression isn't repeated in a message.
_WIDTH = 60
#: Methods of lists and mappings that leave them as they are.
_HARMLESS = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})
#: Attributes by which an environment of a run configuration is known.
_MARKS = frozenset({"docker", "python", "conda_dependencies", "conda_file", "base_image"})
_PLAIN_HINT = "A script isn't run: only plain values are read. Or give the definition's own file."
_ORDER_HINT = "Build the environment in one place, or give the definition's own file."


class Part:
    """An attribute of an environment, by its path from there."""

    def __init__(self, of: Environment, path: tuple[str, ...]) -> None:
        """Remember whose attribute it is."""
        self.of, self.path = of, path


class Method:
    """A method of one of the objects."""

    def __init__(self, of: object, name: str) -> None:
        """Remember whose method it is."""
        self.of, self.name = of, name


class Block:
    """Names of one block, above those of the block around it."""

    def __init__(self, above: Block | None = None) -> None:
        """Start without names."""
        self.above = above
        self.names: dict[str, object] = {}

    def find(self, name: str) -> object | None:
        """Return what a name stands for, None for one that isn't known."""
        block: Block | None = self
        while block is not None:
            if name in block.names:
                return block.names[name]
            block = block.above
        return None


class Script:
    """The walk over one script."""

    def __init__(self, calls: Calls, name: str, faults: Faults) -> None:
        """Take what calls give; ``name`` is the script's own, for ``__file__``."""
        self.calls, self.faults = calls, faults
        self._steps = 0
        self._homes: dict[int, Block] = {}
        self._kept: list[object] = []  #: so that no two objects have one id
        self._functions: list[tuple[Sequence[ast.stmt], Block, list[str]]] = []
        self._top = Block()
        self._top.names["__file__"] = Placed(name)

    def run(self, tree: ast.Module) -> None:
        """Follow the script; what can't be followed is added to the faults."""
        self._statements(tree.body, self._top)
        while self._functions:
            body, above, parameters = self._functions.pop(0)
            block = Block(above)
            for parameter in parameters:
                block.names[parameter] = UnknownValue(text=parameter, place=(1, 1))
            self._statements(body, block)

    def _statements(self, statements: Iterable[ast.stmt], block: Block) -> None:
        for statement in statements:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise InputError("the loops of the script are too long to follow", self._origin(statement))
            self._statement(statement, block)

    def _statement(self, node: ast.stmt, block: Block) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self._value(value, block)
                for target in targets:
                    self._assign(target, found, block)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._value(value, block), block)
            case ast.AugAssign(target=target, value=value):
                self._value(value, block)
                self._spoil(self._value(target, block), node)
                self._assign(target, self._unknown(node), block)
            case ast.If(test=test, body=body, orelse=orelse):
                self._value(test, block)
                if _is_main(test):
                    self._statements(body, block)
                    self._branches([orelse], node, block)
                else:
                    self._branches([body, orelse], node, block)
            case ast.For(target=target, iter=over, body=body):
                items = self._value(over, block)
                if isinstance(items, (list, tuple)) and _runs_through(node):
                    for item in items:
                        self._assign(target, item, block)
                        self._statements(body, block)
                else:
                    self._branches([body, node.orelse], node, block, is_loop=True)
            case ast.AsyncFor() | ast.While():
                self._value(node.test if isinstance(node, ast.While) else node.iter, block)
                self._branches([node.body, node.orelse], node, block, is_loop=True)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self._value(item.context_expr, block)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, self._unknown(item.context_expr), block)
                self._statements(body, block)
            case ast.Try() | ast.TryStar():
                self._statements(node.body, block)
                self._branches([handler.body for handler in node.handlers], node, block)
                self._statements(node.orelse, block)
                self._statements(node.finalbody, block)
            case ast.Match(subject=subject, cases=cases):
                self._value(subject, block)
                self._branches([case.body for case in cases], node, block)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                block.names[name] = Function(name=name)
                self._functions.append((node.body, block, _parameters(node.args)))
            case ast.ClassDef(name=name, body=body):
                block.names[name] = self._unknown(node)
                self._statements(body, Block(block))
            case ast.Import(names=names):
                for alias in names:
                    first = alias.name.partition(".")[0]
                    block.names[alias.asname or first] = Module(name=alias.name if alias.asname else first)
            case ast.ImportFrom(module=module, names=names, level=level):
                for alias in names:
                    whole = f"{'.' * level}{module or ''}.{alias.name}"
                    block.names[alias.asname or alias.name] = self._imported(whole, node)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._value(child, block)

    def _branches(
        self, bodies: Iterable[Sequence[ast.stmt]], node: ast.stmt, block: Block, *, is_loop: bool = False
    ) -> None:
        """Follow blocks of which it isn't known whether they run; names that they set are unknown then."""
        for body in bodies:
            inner = Block(block)
            if is_loop:
                for name in _assigned(node):
                    inner.names[name] = UnknownValue(text=name, place=_place(node))
            self._statements(body, inner)
            for name, value in inner.names.items():
                is_same = isinstance(value, Module) and block.find(name) is None
                block.names[name] = value if is_same else UnknownValue(text=name, place=_place(node))

    def _assign(self, target: ast.expr, value: object, block: Block) -> None:
        match target:
            case ast.Name(id=name):
                block.names[name] = value
                if isinstance(value, Environment) and value.variable is None:
                    value.variable = name
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                values = value if isinstance(value, (list, tuple)) and len(value) == len(targets) else None
                for index, one in enumerate(targets):
                    self._assign(one, values[index] if values else self._unknown(target), block)
            case ast.Attribute(value=base, attr=name):
                self._set(self._value(base, block), name, value, target, block)
            case ast.Subscript(value=base, slice=key):
                of = self._value(base, block)
                if isinstance(of, Part) and of.path == ("environment_variables",):
                    self._variable(of.of, self._value(key, block), value, target, block)
                else:
                    self._spoil(of, target)
            case _:
                pass

    def _variable(self, of: Environment, key: object, value: object, node: ast.expr, block: Block) -> None:
        if isinstance(of, V1Environment) and isinstance(key, str) and self._may_change(of, node, block):
            self._guarded(node, lambda: of.set_variable(str(key), value))
        else:
            self._spoil(of, node)

    def _set(self, of: object, name: str, value: object, node: ast.expr, block: Block) -> None:
        if isinstance(of, UnknownValue):
            self._stranger(f"{of.text}.{name}", node)
            block.names[f"{of.text}.{name}"] = value  # of `self`, say
        if isinstance(of, Environment):
            of = Part(of, ())
        if not isinstance(of, Part):
            return
        environment, path = of.of, (*of.path, name)
        if self._may_change(environment, node, block):
            self._guarded(node, lambda: self.calls.set(environment, path, value))

    def _stranger(self, text: str, node: ast.expr) -> None:
        """Say that an environment that isn't known is changed: of a run configuration, of a function."""
        parts = text.split(".")
        if len(parts) > 2 and _MARKS & set(parts[1:-1]):
            message = f"`{_short(text)}` is set, of an object that isn't known without running the script"
            self.faults.add(message, self._origin(node), _ORDER_HINT)

    def _value(self, node: ast.expr, block: Block) -> object:
        """Return what an expression is; one that doubles itself line by line isn't followed."""
        found = self._worked_out(node, block)
        return found if is_within_bounds(found) else self._unknown(node)

    def _worked_out(self, node: ast.expr, block: Block) -> object:
        match node:
            case ast.Constant(value=value):
                return Placed(value, _place(node)) if isinstance(value, str) else value
            case ast.Name(id=name):
                found = block.find(name)
                if found is None:
                    return Module(name=name) if name == "str" else self._unknown(node)
                return found
            case ast.List(elts=items):
                return [self._value(item, block) for item in items]
            case ast.Tuple(elts=items):
                return tuple(self._value(item, block) for item in items)
            case ast.Dict(keys=keys, values=values):
                return self._mapping(keys, values, node, block)
            case ast.BinOp(left=left, op=op, right=right):
                return self._sum(self._value(left, block), op, self._value(right, block), node)
            case ast.JoinedStr(values=parts):
                return self._formatted(parts, node, block)
            case ast.Attribute(value=base, attr=name):
                return self._attribute(self._value(base, block), name, node, block)
            case ast.Call():
                return self._call(node, block)
            case ast.NamedExpr(target=target, value=value):
                found = self._value(value, block)
                self._assign(target, found, block)
                return found
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._value(child, block)
                return self._unknown(node)

    def _mapping(
        self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], node: ast.expr, block: Block
    ) -> object:
        made: dict[object, object] = {}
        for key, item in zip(keys, values, strict=True):
            value = self._value(item, block)
            name = self._value(key, block) if key is not None else None
            if not isinstance(name, (str, int, float, bool)):
                return self._unknown(node)
            made[str(name) if isinstance(name, str) else name] = value
        return made

    def _sum(self, left: object, op: ast.operator, right: object, node: ast.expr) -> object:
        if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return Placed(left + right, _place(node))
        if isinstance(op, ast.Add) and isinstance(left, list) and isinstance(right, list):
            return [*left, *right]
        joined = paths.divided(left, right) if isinstance(op, ast.Div) else None
        return joined if joined is not None else self._unknown(node)

    def _formatted(self, parts: Sequence[ast.expr], node: ast.expr, block: Block) -> object:
        texts = []
        for part in parts:
            is_plain = isinstance(part, ast.FormattedValue) and part.conversion == -1 and not part.format_spec
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self._value(inner, block)
            if not isinstance(value, (str, int)) or not (is_plain or isinstance(part, ast.Constant)):
                return self._unknown(node)
            texts.append(str(value))
        return Placed("".join(texts), _place(node))

    def _attribute(self, base: object, name: str, node: ast.expr, block: Block) -> object:
        if isinstance(base, Module):
            return self._imported(f"{base.name}.{name}", node)
        if isinstance(base, Environment):
            base = Part(base, ())
        if isinstance(base, Part):
            path = (*base.path, name)
            if path == ("python", "conda_dependencies") and isinstance(base.of, V1Environment):
                conda = base.of.conda
                if conda is not None and id(conda) not in self._homes:
                    self._home(conda, self._homes.get(id(base.of)))
                return conda if conda is not None else self._unknown(node)
            return Part(base.of, path)
        if isinstance(base, Placed):
            found = paths.attribute(base, name)
            return found if found is not None else Method(base, name)
        if isinstance(base, (CondaDependencies, list, dict)):
            return Method(base, name)
        if isinstance(base, RunConfiguration):
            return self._of_run(base) if name == "environment" else self._unknown(node)
        if isinstance(base, UnknownValue):
            known = block.find(f"{base.text}.{name}")
            return (
                known if known is not None else UnknownValue(text=f"{base.text}.{name}", place=_place(node))
            )
        return self._unknown(node)

    def _of_run(self, run: RunConfiguration) -> Environment:
        """Return the environment of a run configuration; it counts where the script looks at it."""
        if run.environment not in self.calls.made:
            self.calls.made.append(run.environment)
            self._home(run.environment, self._homes.get(id(run)))
        return run.environment

    def _imported(self, name: str, node: ast.AST) -> object:
        image = self.calls.image(name)
        return Placed(image, _place(node)) if image is not None else Module(name=name)

    def _call(self, node: ast.Call, block: Block) -> object:
        callee = self._value(node.func, block)
        by_place = tuple(self._value(argument, block) for argument in node.args)
        by_name = {
            keyword.arg or STARRED: self._value(keyword.value, block)
            if keyword.arg
            else self._unknown(keyword.value)
            for keyword in node.keywords
        }
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            by_name[STARRED] = self._unknown(node)
        given = Arguments(place=_place(node), by_place=by_place, by_name=by_name)
        if isinstance(callee, Module):
            if callee.name.startswith(("azureml.", "azure.ai.ml")):
                return self._sdk(callee.name, given, node, block)
            found = paths.call(callee.name, by_place)
            return found if found is not None else self._unknown(node)
        if isinstance(callee, Method):
            return self._method(callee, given, node, block)
        if isinstance(callee, Part) and isinstance(callee.of, V1Environment) and callee.path == ("clone",):
            name = by_name.get("new_name", by_place[0] if by_place else None)
            made = callee.of.clone(_place(node), name)
            self.calls.made.append(made)
            self._home(made, block)
            return made
        if isinstance(callee, UnknownValue):
            self._stranger(callee.text, node)
        if isinstance(callee, Function):
            for value in (*by_place, *by_name.values()):
                self._spoil(value, node, what=f"`{callee.name}` may change it")
        return self._unknown(node)

    def _sdk(self, name: str, given: Arguments, node: ast.Call, block: Block) -> object:
        before = len(self.faults)
        made = self._guarded(node, lambda: self.calls.sdk(name, given))
        if made is None:
            unknown = self._unknown(node)
            return UnknownValue(text=unknown.text, place=unknown.place, is_said=len(self.faults) > before)
        self._home(made, block)
        return made

    def _method(self, callee: Method, given: Arguments, node: ast.Call, block: Block) -> object:
        of, name = callee.of, callee.name
        if isinstance(of, Placed):
            found = paths.method(of, name, given.by_place)
            return found if found is not None else self._unknown(node)
        if isinstance(of, CondaDependencies):
            if name not in READING and self._may_change(of, node, block):
                self._guarded(node, lambda: self.calls.method(of, name, given))
        elif name not in _HARMLESS:
            self._spoil(of, node)
        return self._unknown(node)

    def _guarded(self, node: ast.expr, act: Callable[[], T]) -> T | None:
        """Do something that may be refused; say where and why."""
        try:
            return act()
        except NotPlainError as error:
            unknown = error.unknown
            if unknown.is_said:
                return None
            place = unknown.place if unknown.place > (1, 1) else _place(node)
            message = f"`{unknown.text}` is known only when the script runs"
            self.faults.add(message, self.calls.beside.origin(place), _PLAIN_HINT)
        except RefusedError as error:
            self.faults.add(error.message, self._origin(node), error.hint)
        except InputError as error:
            self.faults.add_error(error)
        return None

    def _may_change(self, thing: object, node: ast.expr, block: Block) -> bool:
        home = self._homes.get(id(thing))
        if home is None or home is block:
            return True
        message = "an environment is changed in a branch, a loop or a function: only a run shows whether"
        self.faults.add(message, self._origin(node), _ORDER_HINT)
        return False

    def _spoil(
        self, value: object, node: ast.stmt | ast.expr, what: str = "its change isn't followed"
    ) -> None:
        """Note that a value is changed in a way that isn't followed."""
        if isinstance(value, Part):
            value = value.of
        if isinstance(value, (Environment, CondaDependencies, RunConfiguration)):
            self.faults.add(f"an environment is handed on: {what}", self._origin(node), _ORDER_HINT)
        taint(value, self._unknown(node))

    def _home(self, thing: object, block: Block | None) -> None:
        if block is not None:
            self._homes[id(thing)] = block
            self._kept.append(thing)

    def _unknown(self, node: ast.AST) -> UnknownValue:
        return UnknownValue(text=_short(ast.unparse(node)), place=_place(node))

    def _origin(self, node: ast.AST) -> Origin:
        return self.calls.beside.origin(_place(node))


def _place(node: ast.AST) -> Place:
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _runs_through(node: ast.For) -> bool:
    """Tell whether a loop runs its body for every item, whatever happens in it."""
    leaving = (ast.Break, ast.Continue, ast.Return, ast.Raise)
    return not node.orelse and not any(isinstance(child, leaving) for child in ast.walk(node))


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [one.arg for one in every]


def _assigned(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
