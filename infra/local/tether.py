"""Run a command that ends when the process that started it ends, however that ended.

Started as a script, apart from the project: python -I -S tether.py PARENT_PID COMMAND...
On Linux the kernel itself sends SIGTERM and this process becomes the command. Elsewhere it stays and watches.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.3
GRACE_SECONDS = 5


def ask_the_kernel() -> None:
    import ctypes  # noqa: PLC0415 - only Linux has the call, and only there is its loading time paid

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def watch(command: list[str], parent: int) -> int:
    child = subprocess.Popen(command, close_fds=False)  # nosec B603  # the runner's own command

    def stop(_number: int, _frame: FrameType | None) -> None:
        child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while child.poll() is None and os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


def main(arguments: list[str]) -> int:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform != "linux":
        return watch(command, parent)
    ask_the_kernel()
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606  # nosec B606  # the runner's own; no shell is wanted
    return 1  # the parent was gone before the kernel was asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
