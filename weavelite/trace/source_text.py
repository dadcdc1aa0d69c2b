"""The text of functions and classes: each of the user's files is read and parsed once."""

import ast
import inspect
import linecache
import sys
import textwrap
import threading
import types
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.trace.source_users import is_a

_Body = Sequence[ast.AST]


@dataclass(frozen=True, slots=True)
class Span:
    """Is where a function or class stands in its file; decorators are part of it.

    Of a function, `names` are the arguments whose default is not a literal; of a class, what it
    uses outside of its methods: decorators, bases, values, annotations.
    """

    first: int
    last: int
    names: tuple[str, ...] = ()

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


@dataclass(slots=True)
class File:
    """Is a parsed file: its lines, and where functions and classes are in them."""

    lines: list[str]
    functions: dict[tuple[int, str], Span] = field(default_factory=dict)
    classes: dict[str, list[Span]] = field(default_factory=dict)
    statements: list[Span] = field(default_factory=list)

    def text(self, span: Span) -> str:
        """Gives the lines of a span, dedented."""
        return textwrap.dedent("".join(self.lines[span.first - 1 : span.last])).rstrip()


_FILES: dict[str, File] = {}
_QUIET = threading.Lock()


def file_of(name: str, scope: dict[str, Any] | None = None) -> File | None:
    """Reads a file, or takes it from memory while it has not changed; None where there is none."""
    linecache.checkcache(name)
    lines = linecache.getlines(name, scope)
    known = _FILES.get(name)
    if known is not None and known.lines is lines:
        return known
    tree = parse("".join(lines)) if lines else None
    if tree is None:
        return None
    made = File(lines, statements=[_span(statement) for statement in tree.body])
    for path, node in _definitions(tree.body, ""):
        if isinstance(node, ast.ClassDef):
            made.classes.setdefault(path, []).append(_span(node, _used(node)))
        else:
            span = _span(node, _computed(node.args))
            made.functions[span.first, node.name] = span
    _FILES[name] = made
    return made


def parse(text: str) -> ast.Module | None:
    """Parses a text without a word to the user about what is in it."""
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _definitions(body: _Body, prefix: str) -> Iterator[tuple[str, _Definition]]:
    """Finds the definitions among statements, by qualified name."""
    waiting = [(prefix, node) for node in reversed(body)]
    while waiting:
        prefix, node = waiting.pop()
        inner = prefix
        if isinstance(node, _Definition):
            yield prefix + node.name, node
            inner += node.name + ("." if isinstance(node, ast.ClassDef) else ".<locals>.")
        for part in ("handlers", "cases", "finalbody", "orelse", "body"):
            found = getattr(node, part, None)
            if isinstance(found, list):  # the body of a lambda is none
                waiting += [(inner, child) for child in reversed(found)]


def _span(node: ast.stmt, names: tuple[str, ...] = ()) -> Span:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return Span(first, node.end_lineno or node.lineno, names)


def _computed(args: ast.arguments) -> tuple[str, ...]:
    positional = [*args.posonlyargs, *args.args]
    pairs = zip(reversed(positional), reversed(args.defaults), strict=False)
    named = [*pairs, *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return tuple(arg.arg for arg, default in named if default and not _is_literal(default))


def _used(cls: ast.ClassDef) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting: list[ast.AST] = [*cls.decorator_list, *cls.bases, *cls.keywords, *cls.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            found[node.id] = None
        elif isinstance(node, ast.Attribute):
            found[node.attr] = None
            waiting.append(node.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            args = node.args
            waiting += [*node.decorator_list, *args.defaults, *filter(None, args.kw_defaults)]
        elif not isinstance(node, ast.Lambda | ast.Constant):
            waiting += ast.iter_child_nodes(node)
    return tuple(sorted(found))


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def function_text(fn: types.FunctionType) -> tuple[str, Span] | None:
    """Gives the text of a function and where it is; None when its file no longer has it."""
    code = fn.__code__
    file = file_of(code.co_filename, fn.__globals__)
    if file is None:
        return None
    if code.co_name == "<lambda>":
        return _lambda_text(file, code)
    span = file.functions.get((code.co_firstlineno, code.co_name))
    return (file.text(span), span) if span is not None else None


def _lambda_text(file: File, code: types.CodeType) -> tuple[str, Span] | None:
    line = code.co_firstlineno
    statement = next((span for span in file.statements if line in span), None)
    if statement is None:
        return None
    text = "".join(file.lines[statement.first - 1 : statement.last])
    above = statement.first - 1
    tree = parse(text)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)] if tree else []
    nodes = [node for node in nodes if node.lineno + above == line]
    if len(nodes) > 1:
        nodes = [node for node in nodes if _holds(node, code, above)]
        nodes.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    if not nodes:
        return None
    node = min(nodes, key=lambda node: len(ast.get_source_segment(text, node) or ""))
    span = Span(line, line, _computed(node.args))
    return (ast.get_source_segment(text, node) or "").strip(), span


def _holds(node: ast.Lambda, code: types.CodeType, above: int) -> bool:
    """Says whether what the code runs stands inside a lambda, of several on a line."""
    start = (node.lineno, node.col_offset)
    end = (node.end_lineno or 0, node.end_col_offset or 0)
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None:
            continue
        if column == end_column:  # where a function begins there is nothing
            continue
        if (line - above, column) < start or (end_line - above, end_column) > end:
            return False
    return True


def class_text(cls: type) -> tuple[str, Span, str] | None:
    """Gives the text of a class, where it is, and in which file; None when it is not kept."""
    name = type.__getattribute__(cls, "__qualname__")
    lines = [
        (member.__code__.co_filename, member.__code__.co_firstlineno)
        for member in vars(cls).values()
        if is_a(member, types.FunctionType) and member.__code__.co_qualname.startswith(name + ".")
    ]
    module = sys.modules.get(vars(cls).get("__module__", ""))
    path = inspect.getattr_static(module, "__file__", None) if module else None
    names = dict.fromkeys(name for name, _ in lines)
    for file_name in [*names, path]:
        file = file_of(file_name) if isinstance(file_name, str) else None
        spans = file.classes.get(name, []) if file is not None else []
        inside = [line for other, line in lines if other == file_name]
        spans = [span for span in spans if not inside or any(line in span for line in inside)]
        if file is not None and spans and isinstance(file_name, str):
            return file.text(spans[-1]), spans[-1], file_name
    return None
