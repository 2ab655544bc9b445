"""Reads an app's own modules, beginning at its entrypoint, without running them.

Usage: check_app.py ROOT FILE PATH..., where the paths, relative to ROOT, are where the app imports from. Prints a JSON list
of what is wrong: mistakes in the syntax, and packages that are imported but not installed.
"""

import ast
import importlib.machinery
import json
import os
import sys

root, entry, *paths = sys.argv[1:]
search = [os.path.normpath(os.path.join(root, path)) for path in paths]
# Started with -I and -S: what is left are the folders of the standard library.
library = [path for path in sys.path if path]
problems = []
missing = []
pending = [os.path.join(root, entry)]
seen = set(pending)
# Modules that change where imports are looked for, or what there is to import, know more than can be read.
knows_more = False


def problem(kind, file, line, column, name, text):
    shown = os.path.relpath(file, root).replace(os.sep, "/")
    return {"kind": kind, "file": shown, "line": line, "column": column, "name": name, "lineText": text.rstrip("\r\n")}


def line_of(source, number):
    lines = source.decode("utf-8", "replace").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def own_files(folder, names):
    """Files of the app that importing these nested names runs; empty where the first is none of its own modules."""
    files = []
    for name in names:
        package = os.path.join(folder, name, "__init__.py")
        module = os.path.join(folder, name + ".py")
        if os.path.isfile(package):
            files.append(package)
        elif os.path.isfile(module):
            return [*files, module]
        elif not os.path.isdir(os.path.join(folder, name)):
            return files
        folder = os.path.join(folder, name)
    return files


def is_own(names):
    return [path for path in search if path_has(path, names[0])]


def path_has(folder, name):
    return os.path.isfile(os.path.join(folder, name + ".py")) or os.path.isdir(os.path.join(folder, name))


def is_installed(name):
    known = getattr(sys, "stdlib_module_names", ())
    if name in known or name in sys.builtin_module_names:
        return True
    return importlib.machinery.PathFinder.find_spec(name, search + library) is not None


def follow(file, source, node, names, column):
    if not names:
        return
    folders = is_own(names)
    # What lies among the installed packages is theirs to be right.
    for folder in folders[:1]:
        if os.path.basename(folder) not in ("_vendor", "_svc"):
            enqueue(own_files(folder, names))
    if not folders and not is_installed(names[0]):
        missing.append(problem("missing", file, node.lineno, column, names[0], line_of(source, node.lineno)))


def enqueue(files):
    for file in files:
        if file not in seen:
            seen.add(file)
            pending.append(file)


def relative(file, node):
    folder = os.path.dirname(file)
    for _ in range(node.level - 1):
        folder = os.path.dirname(folder)
    names = node.module.split(".") if node.module else []
    enqueue(own_files(folder, names))
    for alias in node.names:
        enqueue(own_files(folder, [*names, alias.name]))


def column_of(source, node, name):
    at = line_of(source, node.lineno).find(name, node.col_offset + len("from"))
    return (at if at != -1 else node.col_offset) + 1


def read(file):
    global knows_more
    with open(file, "rb") as opened:
        source = opened.read()
    try:
        tree = ast.parse(source, file)
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", 1) or 1, getattr(error, "offset", 1) or 1
        reason = getattr(error, "msg", None) or str(error)
        problems.append(problem("syntax", file, line, column, reason, line_of(source, line)))
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in {("sys", "path"), ("sys", "modules"), ("sys", "meta_path"), ("site", "addsitedir")}:
                knows_more = True
    # Imports in functions, conditions and `try` may be meant to fail, or never to run.
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                follow(file, source, node, alias.name.split("."), column_of(source, node, alias.name))
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            relative(file, node)
        elif isinstance(node, ast.ImportFrom):
            names = node.module.split(".")
            follow(file, source, node, names, column_of(source, node, node.module))
            for alias in node.names:
                for folder in is_own(names)[:1]:
                    if os.path.basename(folder) not in ("_vendor", "_svc"):
                        enqueue(own_files(folder, [*names, alias.name]))


while pending:
    read(pending.pop(0))
print(json.dumps(problems if knows_more else problems + missing))
