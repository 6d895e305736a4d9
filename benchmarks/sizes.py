"""How large the packages are that AWS gets."""

from __future__ import annotations

import zipfile
from pathlib import Path

from benchmarks.figures import Chapter, Figure
from infra.packaging import UNPACKED_MB_MAX, Packages
from infra.rooms import ROOMS


def measured(packages: Packages) -> Chapter:
    layers = {"layer": packages.layer.path, "numeric layer": packages.numeric.path}
    zips = layers | {name: package.path for name, package in packages.functions.items()}
    sizes = {name: (path.stat().st_size / 1e6, unpacked_mb(path)) for name, path in zips.items()}
    with_models = {room.name for room in ROOMS if room.fits_models}
    largest = max(
        sizes["layer"][1] + sizes[name][1] + (sizes["numeric layer"][1] if name in with_models else 0)
        for name in packages.functions
    )
    compiled = (
        "compiled modules beside the sources"
        if packages.has_bytecode
        else "sources only: no CPython of that version here"
    )
    version = ".".join(map(str, packages.target.python))
    return Chapter(
        "Sizes",
        f"The zips for AWS ({packages.target.machine}, Python {version}), {compiled}.",
        (
            *(
                Figure(f"Zip of {name}", zipped, "MB", beside=f"unpacked {unpacked:.2f} MB")
                for name, (zipped, unpacked) in sizes.items()
            ),
            Figure("The largest function unpacked with its layers", largest, "MB", UNPACKED_MB_MAX),
        ),
    )


def unpacked_mb(path: Path) -> float:
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist()) / 1e6
