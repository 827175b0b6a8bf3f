"""A state folder on a disk that can be filled up and freed again, or cannot be written at all.

As root: a small tmpfs in a mount namespace of its own, kept by a process that waits for its end. Others: a limit on the
length of files, which the node meets as an error of the same write."""
import os
import resource
import shutil
import subprocess

import processes
from local_overlay import wait_until

HOLD = 'mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" && cp -a "$2/." "$1" && : > "$3" && exec cat'
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


class Tmpfs:
    name = 'a tmpfs of one megabyte'

    def __init__(self, node):
        kept, ready = node.state_dir + '.kept', node.state_dir + '.ready'
        shutil.copytree(node.state_dir, kept)
        self.holder = processes.start(['unshare', '-m', 'sh', '-c', HOLD, 'sh', node.state_dir, kept, ready],
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(ready) or self.holder.poll() is not None, 10, 'the small disk')
        if self.holder.poll() is not None:
            raise OSError('no file system can be mounted here')
        node.prefix = ['nsenter', '-t', str(self.holder.pid), '-m']
        self.filler = f'/proc/{self.holder.pid}/root{os.path.abspath(node.state_dir)}/filler'

    def fill(self, node):
        with open(self.filler, 'wb', buffering=0) as out:
            for size in (4096, 1):
                try:
                    while True:
                        out.write(b'x' * size)
                except OSError:
                    pass

    def free(self, node):
        os.remove(self.filler)

    def end(self):
        processes.end(self.holder)


class FileLimit:
    name = 'a limit on the length of files, as this test is not run by root'

    def __init__(self, node):
        pass

    def fill(self, node):
        longest = max(os.path.getsize(os.path.join(node.state_dir, file)) for file in os.listdir(node.state_dir))
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (longest, hard))

    def free(self, node):
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def end(self):
        pass


def small_disk(node):
    return Tmpfs(node) if os.geteuid() == 0 else FileLimit(node)


def read_only(node):
    """What to start the node with so that its state folder cannot be written, and what undoes that."""
    if os.geteuid() == 0:
        return ['unshare', '-m', 'sh', '-c', READ_ONLY, 'sh', node.state_dir], lambda: None
    os.chmod(node.state_dir, 0o500)
    return [], lambda: os.chmod(node.state_dir, 0o700)
