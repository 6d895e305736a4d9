"""Says the machine's pip settings in uv's words, as shell lines: uv reads no pip.conf, and a machine behind a mirror has one.

Only the standard library, because it runs before anything is installed. Settings already made for uv win.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping

# Extra indexes and local folders of wheels are left out: uv asks the first index that knows a name and would then
# miss the pinned version; a machine that can only install through those sets uv's own variables.
UV_WORD_OF_PIP_SETTING = {
    "index-url": "UV_DEFAULT_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "HTTPS_PROXY",
}


def uv_settings(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """uv's variables from what `pip config list` prints, for example `global.index-url='…'`; the last line wins, as in pip.

    >>> uv_settings("global.index-url='https://mirror.example/simple'", {})
    {'UV_DEFAULT_INDEX': 'https://mirror.example/simple'}
    """
    settings: dict[str, str] = {}
    for line in pip_config.splitlines():
        name, separator, value = line.partition("=")
        word = UV_WORD_OF_PIP_SETTING.get(name.rpartition(".")[2])
        if separator and word and word not in environment:
            settings[word] = value.strip().strip("'\"")
    return settings


def told_by_pip() -> str:
    """What `pip config list` prints on this machine; nothing when pip cannot say."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def main() -> None:
    """Print one `export` line for each setting; nothing when pip has none."""
    for word, value in uv_settings(told_by_pip(), os.environ).items():
        print(f"export {word}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
