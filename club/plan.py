"""The plan of the house as a picture, drawn from the tables of the code: who calls, which door, which room, which table."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from infra.rooms import GATE, ROOMS, Room
from infra.tables import TABLES
from shared.api.routes import PUBLIC_ROUTES, ROUTES, STAFF_ROUTES

_WIDTH, _ROW, _TOP = 1180, 92, 84
# A room's box is higher than a row: so many rows for each leave some air between two.
_ROOM_ROWS = 1.24


class _Column(NamedTuple):
    """Where the boxes of one kind stand, how wide and high they are, and what stands above them."""

    x: int
    width: int
    height: int
    head: str


_COLUMNS = {
    "callers": _Column(24, 152, 64, "who calls"),
    "door": _Column(236, 152, 64, "the door"),
    "rooms": _Column(448, 310, 100, "functions: one for each kind of caller"),
    "tables": _Column(860, 296, 82, "tables: one question each"),
}
_COLOURS = ("#0f766e", "#7c3aed", "#b45309", "#be123c", "#1d4ed8", "#4d7c0f")


class _Box(NamedTuple):
    column: str
    row: float
    title: str
    lines: tuple[str, ...]
    colour: str = "#334155"

    @property
    def place(self) -> _Column:
        return _COLUMNS[self.column]

    @property
    def y(self) -> float:
        return self.middle - self.place.height / 2

    @property
    def middle(self) -> float:
        return _TOP + _ROW / 2 + self.row * _ROW


def drawn() -> str:
    """The plan as SVG, the same bytes for the same tables."""
    rows = len(ROOMS) * _ROOM_ROWS
    # The tables stand as far apart as the rooms' height lets them.
    step = rows / len(TABLES)
    tables = {
        table.name: _Box("tables", (i + 0.5) * step - 0.5, table.name, _wrapped(table.question, 40))
        for i, table in enumerate(TABLES)
    }
    rooms = {
        room.name: _room(room, (i + 0.5) * _ROOM_ROWS - 0.5, _COLOURS[i % len(_COLOURS)])
        for i, room in enumerate(ROOMS)
    }
    middle = (rows - 1) / 2
    callers = [
        _Box("callers", middle - 1, "storefront", ("sends purchases",)),
        _Box("callers", middle, "till", ("asks and sends",)),
        _Box("callers", middle + 1, "staff", ("look and correct",)),
    ]
    door = _Box("door", middle, "HTTP API /v1", ("by key or token",))
    lines = [_line(caller, door, "#64748b") for caller in callers]
    called = {
        room.name: rooms[room.name]
        for room in ROOMS
        if room.follows is None and room.works is None and not room.clocked
    }
    lines += [_line(door, box, box.colour, dashed=name == GATE) for name, box in called.items()]
    # Nobody calls these: a table tells them what was written.
    lines += [
        _line(rooms[room.name], tables[room.follows.table], rooms[room.name].colour, dashed=True)
        for room in ROOMS
        if room.follows is not None
    ]
    lines += [_line(rooms[room.name], tables[name], rooms[room.name].colour) for room in ROOMS for name in room.tables]
    height = round(_TOP + rows * _ROW + 20)
    heads = [f'<text x="{one.x}" y="52" font-size="17" fill="#64748b">{one.head}</text>' for one in _COLUMNS.values()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif">',
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            *heads,
            *lines,
            *(_drawn_box(box) for box in (*callers, door, *rooms.values(), *tables.values())),
            "</svg>",
            "",
        ]
    )


def _room(room: Room, row: float, colour: str) -> _Box:
    paths = [route.path for route in ROUTES if route.function == room.name]
    paths += [route.path for route in STAFF_ROUTES if route.function == room.name]
    doors = sorted({f"/{path.split('/')[2]}" for path in paths})
    doors += sorted({public.path for public in PUBLIC_ROUTES if public.function == room.name})
    if room.works is not None:
        doors = [f"by the queue {' and '.join(room.works.queues)}"]
    if room.clocked:
        doors = ["by the clock"]
    if room.follows is not None:
        doors = [f"by the stream of {room.follows.table}"]
    return _Box("rooms", row, room.name, (*_wrapped(room.summary, 40), _shortened(doors)), colour)


def _shortened(doors: list[str], width: int = 44) -> str:
    """As many as a line holds."""
    line = ""
    for door in doors:
        if len(line) + len(door) > width:
            return f"{line} …"
        line = f"{line}  {door}".strip()
    return line


def _wrapped(text: str, width: int = 36) -> tuple[str, ...]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines[:2])


def _line(one: _Box, other: _Box, colour: str, *, dashed: bool = False) -> str:
    x1, x2 = one.place.x + one.place.width, other.place.x
    bend = (x2 - x1) // 2
    y1, y2 = round(one.middle), round(other.middle)
    dash = ' stroke-dasharray="6 5"' if dashed else ""
    path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6" opacity="0.7"{dash}/>'


def _drawn_box(box: _Box) -> str:
    left, top, place = box.place.x + 14, round(box.y), box.place
    lines = "".join(
        f'<text x="{left}" y="{top + 47 + 19 * i}" font-size="13" fill="#475569">{escape(line)}</text>'
        for i, line in enumerate(box.lines)
    )
    return (
        f'<rect x="{place.x}" y="{top}" width="{place.width}" height="{place.height}" rx="10" fill="#f8fafc" '
        f'stroke="{box.colour}" stroke-width="2"/><text x="{left}" y="{top + 26}" font-size="17" font-weight="bold" '
        f'fill="{box.colour}">{escape(box.title)}</text>{lines}'
    )
