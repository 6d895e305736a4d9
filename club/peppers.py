"""The local stage's peppers: the secrets that key the hashes of cards and phones. Made once and never replaced.

A new pepper would orphan every alias hashed with the one before, so an existing parameter is left exactly as it is.
"""

from __future__ import annotations

import json
import secrets

from club import aws
from club.home import Home
from infra.stage import STAGES

SECRET_BYTES = 32


def ensure(home: Home) -> bool:
    """Make the parameter if it is missing; True if it was."""
    ssm = aws.client("ssm", home=home)
    peppers = [{"version": 1, "secret": secrets.token_hex(SECRET_BYTES)}]
    try:
        ssm.put_parameter(
            Name=STAGES[aws.LOCAL].peppers, Value=json.dumps(peppers), Type="SecureString", Overwrite=False
        )
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True
