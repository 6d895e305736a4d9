"""Runs one packaged handler in a clean interpreter, as Lambda would, and says what CPU it took. Only the standard library.

It is started as `python -I -S -B child.py ANSWERS HANDLER PATH...`: `ANSWERS` is a file descriptor for what it has to say, since
standard output is the function's own log. Each line on standard input is a list of events, handled one after the other.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from typing import Any


class Context:
    """What Lambda tells a function of its invocation, as far as handlers look."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def get_remaining_time_in_millis(self) -> int:
        return 9_500


def main() -> None:
    answers = os.fdopen(int(sys.argv[1]), "w")
    module, _, name = sys.argv[2].rpartition(".")
    sys.path[:0] = sys.argv[3:]

    def tell(told: Any) -> None:
        sys.stdout.flush()
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    bare = cpu_ms()
    handler = getattr(importlib.import_module(module), name)
    tell({"bare_ms": bare, "ready_ms": cpu_ms()})
    context = Context()
    for line in sys.stdin:
        results = []
        for event in json.loads(line):
            before = time.process_time_ns()
            answer = handler(event, context)
            took = time.process_time_ns() - before
            results.append({"status": answer["statusCode"], "cpu_us": took / 1000, "body": answer["body"]})
        tell({"results": results, "cpu_ms": cpu_ms()})


def cpu_ms() -> float:
    """User and system CPU of this process since it was started."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000


if __name__ == "__main__":
    main()
