"""What the dependency layer leaves out, and why: every megabyte is unpacked at each cold start.

Each rule is a table row with its reason. Licence texts always stay: they are the condition of passing the code on.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple


class LeftOut(NamedTuple):
    """Files whose name in the layer matches `pattern` (and none of `but`) do not travel."""

    pattern: str
    reason: str
    but: tuple[str, ...] = ()


# The club speaks these languages; a locale needs its language, its own territory and the root they inherit from.
LOCALES = ("root", "en", "en_US", "he", "he_IL", "fa", "fa_IR")

_SCIPY_UNUSED = ("cluster", "datasets", "differentiate", "fftpack", "io", "misc", "odr", "signal")

LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut("bin/*", "commands of a shell; nobody has a shell there"),
    LeftOut("share/*", "manuals of these commands"),
    LeftOut("segno/cli.py", "one of these commands"),
    LeftOut(".lock", "the installer's own"),
    LeftOut("bazel-project/*", "the build of the CEL wheel left its own sources in it"),
    LeftOut("cel_expr_python/ext/*", "36 MB of CEL extensions that no programme may use"),
    LeftOut(
        "babel/locale-data/*.dat",
        "languages the club does not speak",
        but=tuple(f"babel/locale-data/{locale}.dat" for locale in LOCALES),
    ),
    LeftOut("babel/messages/*", "tools that make catalogues of translations"),
    LeftOut("phonenumbers/geodata/*", "which town a number is from: 19 MB, never asked"),
    LeftOut("phonenumbers/carrierdata/*", "which carrier a number is from: never asked"),
    LeftOut("phonenumbers/tzdata/*", "which time zone a number is from: never asked"),
    LeftOut("phonenumbers/shortdata/region_*", "emergency and short numbers: nobody joins with one"),
    LeftOut("*/tests/*", "tests of the libraries"),
    LeftOut("numpy/distutils/*", "what builds extensions"),
    *(
        LeftOut(f"scipy/{part}/*", "signals, clusters, files of other programs: nothing here imports it")
        for part in _SCIPY_UNUSED
    ),
    LeftOut("numpy/_core/include/*", "headers for a C compiler", but=("*/LICENSE*",)),
    LeftOut("numpy/_core/lib/*", "what a C compiler would link"),
    LeftOut("*.pxd", "headers for Cython"),
    LeftOut("*.pyi", "types for checkers"),
    LeftOut("*/py.typed", "a mark for checkers"),
    LeftOut("*.dist-info/RECORD", "a list of files that is no longer true after pruning"),
    LeftOut("*.dist-info/INSTALLER", "how it came here, which differs between machines"),
    LeftOut("*.dist-info/REQUESTED", "how it came here, which differs between machines"),
    LeftOut("*.dist-info/entry_points.txt", "commands of a shell"),
    LeftOut("*.dist-info/sboms/*", "inventory of the build; the lock file says the same"),
    LeftOut("*/__pycache__/*", "compiled afresh, for the interpreter that will read it"),
)


def prune(layer: Path) -> None:
    """Take out of an unpacked layer what it does not need."""
    for path in sorted(layer.rglob("*")):
        if path.is_file() and is_left_out(path.relative_to(layer).as_posix()):
            path.unlink()
    for folder in sorted((path for path in layer.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def is_left_out(name: str) -> bool:
    return any(
        fnmatchcase(name, rule.pattern) and not any(fnmatchcase(name, kept) for kept in rule.but) for rule in LEFT_OUT
    )
