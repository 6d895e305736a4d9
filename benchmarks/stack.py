"""A club of the benchmark's own: a local AWS on a free port in a temporary folder, stopped and removed at the end.

The developer's club beside it is neither asked nor touched; only the packages of its last `make up` are used again.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from club import aws, ministack
from club.home import ROOT, Home
from club.up import OpenClub, open_club
from infra.packaging import Packages, build_packages, this_machine

# Below those that outgoing connections take, so that none of them slips in between.
_PORTS = range(20_000, 30_000)


@contextmanager
def own_club() -> Iterator[tuple[Home, OpenClub]]:
    """A club that answers, with the demo programme and no member yet."""
    # CDK starts node, which a fresh machine has in this environment alone.
    os.environ.setdefault("JSII_NODE", str(Path(sys.prefix) / "bin" / "node"))
    with tempfile.TemporaryDirectory(prefix="club-bench-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder)).made()
        packed = ROOT / ".club" / "build" / "packages"
        if packed.is_dir():
            shutil.copytree(packed, home.build / "packages")
        before = os.environ.get("CLUB_HOME")
        os.environ["CLUB_HOME"] = str(home.folder)
        try:
            yield home, open_club(home, free_port())
        finally:
            ministack.stop(home)
            os.environ.pop("CLUB_HOME")
            if before is not None:
                os.environ["CLUB_HOME"] = before


def free_port() -> int:
    """A port that nobody has at this moment."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311
        with socket.socket() as door:
            if door.connect_ex((ministack.HOST, port)) != 0:
                return port


def packages(home: Home) -> Packages:
    """What was deployed there: found as built."""
    return build_packages(this_machine(), home.build)


def client(club: OpenClub, service: str) -> Any:
    """A client of the benchmark's own local AWS, as its root."""
    make: Any = boto3.client
    return make(service, endpoint_url=club.running.endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)


def aws_environment(endpoint: str, function: str, memory_mb: int) -> dict[str, str]:
    """What Lambda gives every function."""
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_REGION": ministack.REGION,
        "AWS_DEFAULT_REGION": ministack.REGION,
        "AWS_ACCESS_KEY_ID": aws.LOCAL_KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws.LOCAL_KEYS["aws_secret_access_key"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    }
