"""What `test_tidy` needs to know about the source tree: files, code lines, names that a file uses."""

import ast
from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "PACKAGE",
    "ROOT",
    "all_texts",
    "code_line_count",
    "functions",
    "imports",
    "python_files",
    "used_names",
]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "allstop"
SKIPPED = {"__pycache__", "build", "dist", "demo-case"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def all_texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the repository; caches, environments and build products are left out."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.is_dir():
                if path.name not in SKIPPED and (path.name == ".ci" or not path.name.startswith(".")):
                    folders.append(path)
                continue
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def python_files(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield every Python file below these folders of the repository, parsed."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"), str(path))


def functions(tree: ast.Module) -> Iterator[Function]:
    """Yield every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def code_line_count(function: Function, lines: list[str]) -> int:
    """Count the lines of a function that are neither blank, nor comment, nor its docstring."""
    numbers = set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        numbers -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(1 for number in numbers if (text := lines[number - 1].strip()) and not text.startswith("#"))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for every import; name is empty for `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def used_names(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names that a file uses, import aliases resolved: `numpy.random.default_rng`.

    A method is yielded as `.name`, since the type of what it is called on is not known here; a bare name
    that no import explains as `builtins.name`, which a local variable may be too.
    """
    aliases = _aliases(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or id(node) in inner:
            continue
        parts: list[str] = []
        value: ast.expr = node
        while isinstance(value, ast.Attribute):
            parts.insert(0, value.attr)
            value = value.value
        if isinstance(value, ast.Name) and value.id in aliases:
            yield ".".join([aliases[value.id], *parts])
        elif parts:
            yield f".{parts[-1]}"
        elif isinstance(value, ast.Name):
            yield f"builtins.{value.id}"


def _aliases(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found
