"""uv installs from where pip would."""

from __future__ import annotations

import os
import subprocess
import sys

from club.home import ROOT
from club.pip_settings import uv_settings

MIRROR = "https://mirror.example/simple"


def test_a_mirror_and_its_certificate_are_handed_on() -> None:
    told = f"global.index-url='{MIRROR}'\nglobal.cert='/etc/ours.pem'\nglobal.timeout='30'\n"
    assert uv_settings(told, {}) == {"UV_DEFAULT_INDEX": MIRROR, "SSL_CERT_FILE": "/etc/ours.pem"}


def test_what_was_said_to_uv_itself_wins() -> None:
    assert uv_settings(f"global.index-url='{MIRROR}'", {"UV_DEFAULT_INDEX": "https://other.example"}) == {}


def test_a_machine_without_settings_has_nothing_to_hand_on() -> None:
    assert uv_settings("", {}) == {}


def test_a_shell_can_take_the_settings_in() -> None:
    script = f'eval "$({sys.executable} {ROOT}/club/pip_settings.py)" && printf %s "$UV_DEFAULT_INDEX"'
    environment = {"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{MIRROR}?a=1&b=it's"}
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert shell.stdout == f"{MIRROR}?a=1&b=it's"
