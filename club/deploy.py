"""Deploys the real stacks to the local AWS with the real `cdk deploy`, and only when something that feeds them has changed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from club import aws, notes, pip_settings
from club.console import Step, Trouble, step
from club.home import ROOT, Home, shown
from club.ministack import REGION, Running
from infra.stage import STAGES

ASSET_BUCKET = "club-local-assets"
STAGE = STAGES[aws.LOCAL]
NOTE = "deployed"

# All that the templates and packages are made of. The pins of the tools are among them: another CDK writes another template.
FEEDS = (
    "infra",
    "functions",
    "shared",
    "cdk.json",
    "package-lock.json",
    "docs/openapi.json",
    "requirements/runtime.txt",
    "requirements/dev.txt",
)

# `club-local-code | 12/31 | …`: how far CloudFormation has come with one stack.
PROGRESS = re.compile(r"\|\s*(\d+)/(\d+)\s*\|")


def deploy(home: Home, running: Running) -> bool:
    """Deploy if needed; True if it was. Stacks that were lost with the local AWS are deployed again."""
    wanted = fingerprint(ROOT)
    if notes.read(home, NOTE) == wanted and api_id(home) is not None:
        return False
    _make_asset_bucket(home)
    push = _make_push_application(home)
    with step("Deploying the stacks") as progress:
        _cdk_deploy(home, running, progress, push)
    notes.write(home, NOTE, wanted)
    return True


def url(home: Home, running: Running) -> str:
    """Where the club's API answers: by path, since a host name of its own (`<id>.execute-api.localhost`) need not resolve."""
    found = api_id(home)
    if found is None:
        raise Trouble("The club's API is not deployed: `make up` deploys it.")
    return f"{running.endpoint}/_aws/execute-api/{found}"


def tell_address(home: Home, address: str) -> None:
    """Where the API answers, for whoever writes links: the local gateway is reached by path, which its template cannot know."""
    aws.client("ssm", home=home).put_parameter(Name=STAGE.address, Value=address, Type="String", Overwrite=True)


def api_id(home: Home) -> str | None:
    """The API's id from the stack's outputs; None while the stack does not stand."""
    cloudformation = aws.client("cloudformation", home=home)
    try:
        stack = cloudformation.describe_stacks(StackName=STAGE.stack("code"))["Stacks"][0]
    except cloudformation.exceptions.ClientError:
        return None
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return next((value for name, value in outputs.items() if name.endswith("ClubApiId") or "ClubApiId" in name), None)


def fingerprint(root: Path) -> str:
    """One short word for everything that feeds the stacks, the running interpreter included: the layer is built for it."""
    digest = hashlib.sha256(sys.version.encode())
    for file in _feeds(root):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _feeds(root: Path) -> Iterator[Path]:
    for name in FEEDS:
        path = root / name
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        elif path.exists():
            yield path


def _cdk_deploy(home: Home, running: Running, progress: Step, push: str) -> None:
    cdk = ROOT / "node_modules" / ".bin" / "cdk"
    if not cdk.exists():
        raise Trouble("The CDK command line is not installed here: run `make install`.")
    command = [
        str(cdk), "deploy", "--all", "--context", f"stage={STAGE.name}", "--context", f"assets_bucket={ASSET_BUCKET}",
        "--context", f"push_fcm={push}", "--method", "direct", "--concurrency", "3", "--require-approval", "never",
        "--output", str(home.build / "cdk.out"), "--progress", "events", "--ci", "--no-notices", "--no-color",
    ]  # fmt: skip
    said: list[str] = []
    with home.deploy_log.open("w") as log, subprocess.Popen(
        command, cwd=ROOT, env=cdk_environment(home, running), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            said.append(line.strip())
            if found := PROGRESS.search(line):
                progress.update(int(found[1]), int(found[2]))
    if process.returncode != 0:
        raise Trouble(f"The deployment failed: {reason(said)} (all of it: {shown(home.deploy_log)})")


def reason(said: list[str]) -> str:
    """The line that says why, out of all that `cdk deploy` said: the last that names a failure, or else the last one."""
    blunt = [line for line in said if re.search(r"❌|Error|failed|FAILED", line)]
    return (blunt or [line for line in said if line] or ["it said nothing"])[-1]


def cdk_environment(home: Home, running: Running) -> dict[str, str]:
    """The operator's environment without any of its AWS settings: this deployment can reach the local AWS and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **_uv_settings(kept),
        **kept,
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "CLUB_HOME": str(home.folder),
        "AWS_ENDPOINT_URL": running.endpoint,
        "AWS_ENDPOINT_URL_S3": running.endpoint,
        "AWS_ACCESS_KEY_ID": aws.LOCAL_KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws.LOCAL_KEYS["aws_secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "true",
    }


def _uv_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The layer is fetched by uv inside the deployment, from where pip would fetch it."""
    return pip_settings.uv_settings(pip_settings.told_by_pip(), environment)


def _make_push_application(home: Home) -> str:
    """What Android phones are pushed to by, made as an operator makes it: CloudFormation cannot. The local AWS takes what is
    pushed and hands it to no maker of phones, so the credential opens nothing."""
    made = aws.client("sns", home=home).create_platform_application(
        Name=STAGE.mail, Platform="GCM", Attributes={"PlatformCredential": "opens nothing"}
    )
    return str(made["PlatformApplicationArn"])


def _make_asset_bucket(home: Home) -> None:
    """CDK's own bootstrap bucket insists on TLS, which loopback has not, so the local stage has a plain one."""
    s3 = aws.client("s3", home=home)
    try:
        s3.create_bucket(Bucket=ASSET_BUCKET)
    except (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
        return
