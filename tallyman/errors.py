"""Why a command ends without having done what it was asked: one sentence and an exit code."""

from typing import ClassVar

from purchasing.errors import TallymanError


class CommandError(TallymanError):
    """What was asked could not be done; the text says why, and what to do next."""

    exit_code: ClassVar[int] = 1


class MisuseError(CommandError):
    """What was asked makes no sense as it stands: a file is not there, or a name is not known."""

    exit_code: ClassVar[int] = 2
