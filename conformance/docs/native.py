"""Reads the blocks in Dart, Kotlin and Swift with a grammar of each language, and holds the calls in them against what
the SDKs offer. Knows nothing of types: what a compiler would find beyond that is not found.

Takes a JSON list of {"language", "text"} on standard input; answers with a list of lists of faults.
"""

import json
import sys

import tree_sitter_dart
import tree_sitter_kotlin
import tree_sitter_swift
from tree_sitter import Language, Parser

LANGUAGES = {
    "dart": Language(tree_sitter_dart.language()),
    "kotlin": Language(tree_sitter_kotlin.language()),
    "swift": Language(tree_sitter_swift.language()),
}

# What a call takes: how many arguments without a name, which names it must have, which it may have. Read in the SDKs
# that conformance/README.md names; one table for all, for the names are the same in each.
UPSERT = (0, {"presenceId", "status"}, {"permissions", "expiresAt", "metadata"})
SDK = {
    "setEndpoint": (1, set(), set()),
    "setProject": (1, set(), set()),
    "Account": (1, set(), set()),
    "Presences": (1, set(), set()),
    "createAnonymousSession": (0, set(), set()),
    "upsert": UPSERT,
    "unique": (0, set(), set()),
    "read": (1, set(), set()),
    "users": (0, set(), set()),
}
CALLS = {
    "dart": SDK
    | {
        "Client": (0, set(), {"endPoint", "selfSigned"}),
        "Realtime": (1, set(), set()),
        "subscribe": (1, set(), {"queries"}),
        # Dart's own.
        "listen": (1, set(), {"onError", "onDone", "cancelOnError"}),
        "contains": (1, set(), set()),
        "print": (1, set(), set()),
    },
    "kotlin": SDK | {"Client": (1, set(), {"endpoint", "selfSigned"}), "listOf": (1, set(), set())},
    "swift": SDK | {"Client": (0, set(), set())},
}
IMPORTS = {
    "dart": {"package:appwrite/appwrite.dart"},
    "kotlin": {"android.content.Context", "io.appwrite.Client", "io.appwrite.ID", "io.appwrite.Permission"}
    | {"io.appwrite.Role", "io.appwrite.services.Account", "io.appwrite.services.Presences"},
    "swift": {"Appwrite"},
}


def text(node):
    return node.text.decode()


def walk(node):
    yield node
    for child in node.named_children:
        yield from walk(child)


def faults_of_syntax(root):
    broken = [node for node in walk(root) if node.is_error or node.is_missing]
    for node in broken[:1] or ([root] if root.has_error else []):
        yield f"line {node.start_point.row + 1} is not understood: {text(node).splitlines()[:1]}"


def arguments(node, label):
    """How many arguments have no name, and the names of the others; `label` gives the name of one, or nothing."""
    names = [label(child) for child in node.named_children]
    return names.count(None), {name for name in names if name}


def calls_of_dart(root):
    def label(node):
        found = [child for child in node.named_children if child.type == "label"]
        return text(found[0]).rstrip(":").strip() if found else None

    for node in walk(root):
        name = None
        for child in node.named_children:
            if child.type == "identifier":
                name = text(child)
            elif child.type == "selector" and child.named_children:
                inner = child.named_children[0]
                if inner.type == "unconditional_assignable_selector":
                    name = text(inner).lstrip(".")
                elif inner.type == "argument_part":
                    yield name, *arguments(inner.named_children[-1], label)


def calls_of_kotlin(root):
    def label(node):
        parts = node.children
        return text(parts[0]) if len(parts) > 1 and text(parts[1]) == "=" else None

    for node in walk(root):
        if node.type == "call_expression":
            target, given = node.named_children[0], node.named_children[1:]
            lists = [child for child in given if child.type == "value_arguments"]
            count, names = arguments(lists[0], label) if lists else (0, set())
            yield text(target.named_children[-1] if target.named_children else target), count + len(given) - len(lists), names


def calls_of_swift(root):
    def label(node):
        name = node.child_by_field_name("name")
        return text(name) if name else None

    for node in walk(root):
        if node.type == "call_expression":
            target, suffix = node.named_children[0], node.named_children[-1]
            name = text(target).rsplit(".", 1)[-1].split()[-1]
            lists = [child for child in suffix.named_children if child.type == "value_arguments"]
            count, names = arguments(lists[0], label) if lists else (0, set())
            yield name, count + len(suffix.named_children) - len(lists), names


def imports_of(language, root):
    kinds = {"dart": "uri", "kotlin": "qualified_identifier", "swift": "import_declaration"}
    for node in walk(root):
        if node.type == kinds[language] and (language != "kotlin" or node.parent.type == "import"):
            yield text(node).removeprefix("import ").strip("'\" ")


CALLS_OF = {"dart": calls_of_dart, "kotlin": calls_of_kotlin, "swift": calls_of_swift}


def faults(language, block):
    root = Parser(LANGUAGES[language]).parse(block.encode()).root_node
    found = list(faults_of_syntax(root))
    if found:
        return found
    unknown = sorted(set(imports_of(language, root)) - IMPORTS[language])
    found += [f"no import that the table knows: {name}" for name in unknown]
    calls = list(CALLS_OF[language](root))
    if not calls:
        found.append("no call was found in it")
    for name, count, names in calls:
        if name not in CALLS[language]:
            found.append(f"no call that the table knows: {name}")
            continue
        unnamed, must, may = CALLS[language][name]
        if count != unnamed:
            found.append(f"{name} takes {unnamed} arguments without a name, not {count}")
        found += [f"{name} needs {missing}" for missing in sorted(must - names)]
        found += [f"{name} takes no {surplus}" for surplus in sorted(names - must - may)]
    return found


def main():
    blocks = json.load(sys.stdin)
    json.dump([faults(block["language"], block["text"]) for block in blocks], sys.stdout)


if __name__ == "__main__":
    main()
