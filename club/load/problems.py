"""What can keep a load from starting or from ending; each is a sentence for the operator.

Trouble
└── LoadProblem
    ├── FileUnusable      not a purchases file: encoding, header, size; nothing was sent
    ├── DataMissing       the CDNOW data set is not installed
    ├── SettingMissing    no address, no key, an unusable option
    ├── ClubHoldsOther    the club has this log under other dates already; nothing was sent
    ├── LoadRunning       another process is loading the same file
    └── LoadStopped       the club cannot be reached, or refuses the key: what was answered is kept, run it again to go on
"""

from __future__ import annotations

from club.console import Trouble


class LoadProblem(Trouble):
    """The load could not be done, or not to its end."""


class FileUnusable(LoadProblem):
    pass


class DataMissing(LoadProblem):
    pass


class SettingMissing(LoadProblem):
    pass


class ClubHoldsOther(LoadProblem):
    pass


class LoadRunning(LoadProblem):
    pass


class LoadStopped(LoadProblem):
    pass
