"""Parts of the census as rows: sums, and columns in ascending pieces. Each count of a part has partitions of its own, named by
what it says; last of all one row names the count. So a part that is counted twice, or whose counting is killed on the way, is
read whole or not at all."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from shared.domain.census_parts import Part
from shared.domain.decide import ms
from shared.domain.ledger import packed, unpacked
from shared.domain.owed import Owed
from shared.domain.rfm import Columns
from shared.domain.sums import Sums
from shared.store import keys
from shared.store.backend import Backend, Put
from shared.store.census import KEPT_DAYS

_DAY_S = 86_400
# Members of a piece: when packed, 4 bytes each at most for what they spent, and about 3 for the rest. A piece of each part is in
# memory at once, as 8 bytes each.
PIECE_MEMBERS = 4_000
# Of sums: they may be long, and a row has 100 KB at most (L21).
_CUT_BYTES = 60_000
_SUMS, _MINOR, _BESIDE = "sums", "minor", "beside"


def put_part(
    backend: Backend, mode: keys.Mode, month: str, part: int, parts: int, counted: Part, now: datetime
) -> None:
    """All of a part, then its name. Raises Busy: what was written is written again."""
    columns = _columns(counted)
    count = hashlib.sha256()
    for column, pieces in columns.items():
        for piece in (column.encode(), *pieces):
            count.update(len(piece).to_bytes(8) + piece)
    name = count.hexdigest()[:16]
    until = ms(now) // 1000 + KEPT_DAYS * _DAY_S
    for column, pieces in columns.items():
        kind = keys.census_column(mode, month, part, parts, name, column)
        for number, piece in enumerate(pieces):
            backend.write([Put("club", {"kind": kind, "id": f"{number:06d}", "z": piece, "x": until})])
    told = packed({column: len(pieces) for column, pieces in columns.items()})
    head = {"kind": keys.census_parts(mode, month, parts), "id": f"{part:04d}", "of": name, "d": told, "x": until}
    backend.write([Put("club", head)])


def _columns(counted: Part) -> dict[str, list[bytes]]:
    sums = [[[*name, many] for name, many in sorted(one.items(), key=_by_name)] for one in counted[:4]]
    text = zlib.compress(packed(sums).encode(), 9)
    columns = {_SUMS: [text[at : at + _CUT_BYTES] for at in range(0, len(text), _CUT_BYTES)]}
    for name, (minor, last, purchases) in counted.ranked.items():
        starts = range(0, len(minor), PIECE_MEMBERS)
        columns[f"{name}.{_MINOR}"] = [_packed(_steps(minor[at : at + PIECE_MEMBERS])) for at in starts]
        if last:
            beside = ((list(one[at : at + PIECE_MEMBERS]) for one in (last, purchases)) for at in starts)
            columns[f"{name}.{_BESIDE}"] = [_packed(list(one)) for one in beside]
    return columns


def _by_name(one: tuple[tuple[Any, ...], int]) -> tuple[str, ...]:
    return tuple(map(str, one[0]))


def _steps(values: Sequence[int]) -> list[int]:
    """The first, and by how much each is more than the one before."""
    return [values[0], *(after - before for before, after in pairwise(values))]


def _packed(value: object) -> bytes:
    return zlib.compress(packed(value).encode(), 9)


def _unpacked(piece: bytes) -> Any:
    return unpacked(zlib.decompress(piece).decode())


class Stored(NamedTuple):
    """The parts of a census as they are kept (`shared.domain.census_parts.Parts`). What is asked for is read then; may raise
    Busy."""

    backend: Backend
    mode: keys.Mode
    month: str
    counts: Mapping[int, tuple[str, Mapping[str, int]]]

    @property
    def missing(self) -> list[int]:
        return [part for part, (count, _) in self.counts.items() if not count]

    @property
    def sums(self) -> Iterator[tuple[Sums, Owed, Owed, Owed]]:
        for part in self.counts:
            text = zlib.decompress(b"".join(self._pieces(part, _SUMS))).decode()
            sums, *others = ({tuple(name): many for *name, many in some} for some in unpacked(text))
            owed, effects, sources = others
            yield sums, owed, effects, sources

    def minor(self, name: str) -> Iterator[Iterator[Sequence[int]]]:
        return (self._minor(part, name) for part in self.counts)

    def pieces(self, name: str) -> Iterator[Columns]:
        for part in self.counts:
            beside = self._pieces(part, f"{name}.{_BESIDE}")
            for minor, others in zip(self._minor(part, name), beside, strict=True):
                yield Columns(minor, *_unpacked(others))

    def _minor(self, part: int, name: str) -> Iterator[Sequence[int]]:
        return (list(accumulate(_unpacked(piece))) for piece in self._pieces(part, f"{name}.{_MINOR}"))

    def _pieces(self, part: int, column: str) -> Iterator[bytes]:
        """Read at once, and let go of one by one."""
        count, many = self.counts[part]
        kind = keys.census_column(self.mode, self.month, part, len(self.counts), count, column)
        rows = [bytes(row["z"]) for row in self.backend.listed("club", kind)] if many.get(column) else []
        assert len(rows) == many.get(column, 0), f"{kind} has {len(rows)} rows"
        rows.reverse()
        while rows:
            yield rows.pop()


def parts_in(backend: Backend, mode: keys.Mode, month: str, parts: int) -> Stored:
    """What is counted of a census; some parts may be missing. Raises Busy."""
    counts: dict[int, tuple[str, Mapping[str, int]]] = {part: ("", {}) for part in range(parts)}
    for row in backend.listed("club", keys.census_parts(mode, month, parts)):
        counts[int(row["id"])] = str(row["of"]), unpacked(row["d"])
    return Stored(backend, mode, month, counts)
