"""Child processes that never outlive the test that started them, however it ends."""
import ctypes
import signal
import subprocess

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, outlives_us=False, **options):
    """As Popen. A test that runs out of time is killed itself and can end nothing any more, so the kernel does."""
    return subprocess.Popen(command, preexec_fn=None if outlives_us else _die_with_parent, **options)


def end(process, how=signal.SIGTERM, seconds=10):
    """Ends a process by its id, by force after the bound. `how` None: it has been told already."""
    if process.poll() is None:
        if how is not None:
            process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode
