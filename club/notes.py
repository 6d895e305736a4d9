"""Notes about what `up` has done to a local AWS, kept inside it: they are lost exactly when the work they speak of is lost.

A file on disk would go on claiming "deployed" after a crash that took the stacks with it.
"""

from __future__ import annotations

from club import aws
from club.home import Home

PREFIX = "/club/local/notes/"


def read(home: Home, name: str) -> str | None:
    """The note, or None when nobody wrote it or it was lost."""
    ssm = aws.client("ssm", home=home)
    try:
        return ssm.get_parameter(Name=PREFIX + name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None


def write(home: Home, name: str, text: str) -> None:
    """Write the note, over the one before."""
    aws.client("ssm", home=home).put_parameter(Name=PREFIX + name, Value=text, Type="String", Overwrite=True)
