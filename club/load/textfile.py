"""A text file as it lies on disk: is it UTF-8, what is its fingerprint, and its lines one by one within bounds."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path

from club.load.problems import FileUnusable

# A row is some hundred characters; a longer line is another kind of file, and must not be read into memory whole.
LINE_CHARACTERS_MAX = 65_536
_CHUNK_BYTES = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def fingerprint(path: Path) -> str:
    """The file's SHA-256, after every byte was seen to be UTF-8. Raises FileUnusable that names the first wrong line.

    A wrong encoding is refused before anything is sent: it never hurts one row alone.
    """
    digest, decoder, lines = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 0
    try:
        with path.open("rb") as file:
            chunk = file.read(_CHUNK_BYTES)
            if chunk.startswith(_UTF16):
                raise FileUnusable(f"{path} is UTF-16: save it as UTF-8 (in Excel: CSV UTF-8).")
            while chunk:
                digest.update(chunk)
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
                chunk = file.read(_CHUNK_BYTES)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as wrong:
        line = lines + wrong.object[: wrong.start].count(b"\n") + 1
        raise FileUnusable(
            f"{path}, line {line}: byte 0x{wrong.object[wrong.start]:02X} is not UTF-8;"
            " save the file as UTF-8 (in Excel: CSV UTF-8)."
        ) from None
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror or error}.") from None
    return digest.hexdigest()


def lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Every line with its number from 1 and without its end; None for a line that is longer than any row could be."""
    with path.open(encoding="utf-8-sig") as file:
        number = 0
        while text := file.readline(LINE_CHARACTERS_MAX):
            number += 1
            if len(text) < LINE_CHARACTERS_MAX or text.endswith("\n"):
                yield number, text.rstrip("\n")
                continue
            while text and not text.endswith("\n"):
                text = file.readline(LINE_CHARACTERS_MAX)
            yield number, None
