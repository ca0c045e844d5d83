"""Makes Python 3 out of the installed suite's cases, which are Python 2: `convert.py FOLDER`.

Needs lib2to3, which Python has up to 3.12. Each mending below must find something to mend, so that another version of
the suite is not converted to half.
"""

import importlib.util
import pathlib
import re
import shutil
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
from lib2to3 import refactor  # noqa: E402

PACKAGE = "autobahntestsuite"
# Grammar alone. How text and bytes differ is left to bytetext.py.
FIXERS = ["import", "print", "xrange", "except", "raise", "has_key", "numliterals"]
# A benchmark that no list of cases names, for interfaces that are gone.
UNUSED = "case9_9_1"

# Which files, what stands there, what shall.
MENDINGS = [
    ("case*.py", r"^import binascii$", "from . import bytetext as binascii"),
    ("case6_x_x.py", r"from autobahn\.websocket\.utf8validator import", "from .bytetext import"),
    ("case6_x_x.py", r"\bunichr\(", "chr("),
    ("case6_x_x.py", r'\.encode\("utf-8"\)', '.encode("utf-8", "surrogatepass").decode("latin-1")'),
    ("case.py", r"pickle\.dumps\(obj1\) == pickle\.dumps\(obj2\)", "obj1 == obj2"),
    ("case*.py", r"\(object, Case, ?\)", "(Case,)"),
    ("case10_1_1.py", r"len\(self\.payload\) / ", "len(self.payload) // "),
    ("case12_x_x.py", r"\brequestNoContextTakeover\b", "request_no_context_takeover"),
    ("case12_x_x.py", r"\brequestMaxWindowBits\b", "request_max_window_bits"),
    ("case12_x_x.py", r"\bacceptNoContextTakeover\b", "accept_no_context_takeover"),
    ("case12_x_x.py", r"\bacceptMaxWindowBits\b", "accept_max_window_bits"),
    ("__init__.py", rf"^from \.{UNUSED} import \*$", ""),
]


def main(folder):
    package = pathlib.Path(folder, PACKAGE)
    shutil.rmtree(package, ignore_errors=True)
    installed = pathlib.Path(importlib.util.find_spec(PACKAGE).submodule_search_locations[0])
    shutil.copytree(installed / "testdata", package / "testdata")
    (package / "__init__.py").touch()
    cases = package / "case"
    cases.mkdir()
    shutil.copy(pathlib.Path(__file__).with_name("bytetext.py"), cases)
    tool = refactor.RefactoringTool([f"lib2to3.fixes.fix_{name}" for name in FIXERS])
    unused = {pattern for _, pattern, _ in MENDINGS}
    for source in sorted((installed / "case").glob("*.py")):
        if source.stem == UNUSED:
            continue
        target = cases / source.name
        # Where imports are relative is seen from what lies beside the file.
        text = tool.refactor_string(without_cookie(source.read_text("latin-1")) + "\n", str(source))
        target.write_text("# -*- coding: latin-1 -*-\n" + mended(source, str(text), unused), "latin-1")
    if unused:
        sys.exit(f"{PACKAGE} is not the version that this converts: nothing matches {sorted(unused)}")


def without_cookie(text):
    lines = text.split("\n")
    return "\n".join(line for number, line in enumerate(lines) if number > 1 or not re.search(r"coding[:=]", line))


def mended(source, text, unused):
    for files, pattern, replacement in MENDINGS:
        if source.match(files):
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            if count:
                unused.discard(pattern)
    return text


main(sys.argv[1])
