"""Zips whose bytes depend on their content alone: sorted names, one date, one set of permissions."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

# A zip cannot say a date before 1980, and a fixed one makes equal content equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
# Lambda reads its files as another user, so all may read; shared objects and sources alike need no more.
_READABLE_BY_ALL = 0o644
_MADE_ON_UNIX = 3
# The highest one takes more than twice the time, for a hundredth less of compiled libraries.
_LEVEL = 6


def files_under(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder as (name inside it with `/`, path), sorted by name."""
    found = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    yield from sorted(found)


def zip_bytes(target: Path, files: Mapping[str, Path], prefix: str = "") -> None:
    """Write `files` (name in the zip to path on disk) as one zip, all at once or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half_written = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(half_written, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(prefix + name, _DATE)
                entry.create_system = _MADE_ON_UNIX
                entry.external_attr = _READABLE_BY_ALL << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, files[name].read_bytes(), compresslevel=_LEVEL)
        half_written.replace(target)
    finally:
        half_written.unlink(missing_ok=True)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
