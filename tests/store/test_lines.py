"""A line to AWS is a line to AWS: whoever cannot prove the name that was called hears nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.settings import AwsKeys
from shared.store import lines
from shared.store.sender import DYNAMODB, Lost, Sender
from tests.store.far_side import PATIENCE_S, FarSide

NAME = x509.IPAddress(ip_address("127.0.0.1"))
YESTERDAY, TOMORROW = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


@pytest.fixture(autouse=True)
def fresh_trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lines, "READ_SECONDS_MAX", PATIENCE_S)
    monkeypatch.setattr(lines, "CONNECT_SECONDS_MAX", PATIENCE_S)
    lines._tls.cache_clear()
    yield
    lines._tls.cache_clear()


def certificate(folder: Path, name: x509.GeneralName = NAME, ends: datetime = TOMORROW) -> tuple[Path, Path]:
    """A certificate that nobody vouches for but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "far side")])
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=30))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(made.public_bytes(Encoding.PEM))
    kept.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return shown, kept


def far_side(shown: Path, kept: Path) -> FarSide:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    return FarSide(tls=context)


def asked(far: FarSide) -> object:
    sender = Sender(DYNAMODB, far.url, "eu-central-1", lambda: AwsKeys("AKID", "secret"))
    sender.sleep = lambda _: None
    sender.call("GetItem", {})
    return sender.call("GetItem", {})


def test_a_far_side_that_a_trusted_authority_vouches_for_is_heard_on_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, kept = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    with far_side(shown, kept) as far:
        assert asked(far) == {"Item": {}}
    assert [request.line for request in far.requests] == [0, 0]


def test_a_far_side_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    with far_side(*certificate(tmp_path)) as far, pytest.raises(Lost) as lost:
        asked(far)
    assert isinstance(lost.value.__cause__, ssl.SSLCertVerificationError)
    assert far.requests == []


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        (x509.DNSName("dynamodb.example.com"), TOMORROW),
        (NAME, YESTERDAY),
    ],
    ids=["another name", "ended"],
)
def test_a_certificate_of_another_name_or_time_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: x509.GeneralName, ends: datetime
) -> None:
    shown, kept = certificate(tmp_path, name, ends)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    with far_side(shown, kept) as far, pytest.raises(Lost) as lost:
        asked(far)
    assert isinstance(lost.value.__cause__, ssl.SSLCertVerificationError)
    assert far.requests == []
