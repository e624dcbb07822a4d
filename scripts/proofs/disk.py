"""A disk in a file, whose power can be cut: an ext4 file system on a loop device."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import Callable

from rig import Rig, RigError, until

SIZE = 48 << 20  # bytes
BLOCK = 4096  # bytes
INODES = 2048  # few: an empty table is copied too
CHUNK = 1 << 14  # bytes; so much without anything in it becomes a hole
PATIENCE = 30  # s; so long a copy waits for a moment without a write


class Disk:
    """The mounted disk. Only what its file system has written reaches the file of the loop device.

    What a program has written and not synced is in the page cache of the mounted file system. The loop device writes
    into the page cache of the file, which is what a reader of the file sees. So a copy of the file holds what the
    device had been given at that moment, as a disk would after a power cut. The worst disk is less kind: it may lose
    what it was given and not told to flush, and change the order of that.
    """

    def __init__(self, rig: Rig) -> None:
        if os.geteuid():
            raise RigError("power-cut mounts a file system on a loop device, which only root may do: run it as root")
        self.rig = rig
        self.image, self.folder = rig.folder / "disk.img", rig.folder / "disk"
        self.memory = bytearray(SIZE)  # made beforehand: that takes longer than a copy
        self.folder.mkdir()
        self.image.touch()
        os.truncate(self.image, SIZE)
        # Nothing is left to be written by the kernel in the background.
        rig.run("mkfs.ext4", "-q", "-b", BLOCK, "-N", INODES, "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image)
        rig.callback(self.close)
        self.mount()

    def mount(self) -> None:
        """Mount it; the file system's journal is replayed as after a power cut."""
        done = self.rig.run("mount", "-o", "loop", self.image, self.folder, check=False)
        if done.returncode:
            raise RigError(f"power-cut needs loop devices, and here {done.stderr.strip().splitlines()[0]}")
        device = Path(self.rig.run("findmnt", "-no", "SOURCE", self.folder).stdout.strip())
        self.counters = Path("/sys/block") / device.name

    def unmount(self) -> None:
        """Unmount it, as soon as the kernel has closed the files of a process that was killed."""
        until(lambda: not self.rig.run("umount", self.folder, check=False).returncode, 10, "the disk is still in use")

    def close(self) -> None:
        """End who uses it, and unmount it."""
        self.rig.stop_daemon()
        subprocess.run(["umount", "--lazy", self.folder], stderr=subprocess.DEVNULL)

    def restart(self, image: bytes) -> None:
        """Put `image` in its place, and mount that."""
        self.unmount()
        os.truncate(self.image, 0)
        os.truncate(self.image, SIZE)
        with self.image.open("r+b", buffering=0) as file:
            for start in range(0, SIZE, CHUNK):
                if any(chunk := image[start : start + CHUNK]):
                    os.pwrite(file.fileno(), chunk, start)
            os.fsync(file.fileno())
        self.mount()

    def writes(self) -> tuple[int, int]:
        """How many writes the loop device has done, and how many it is doing."""
        done = int((self.counters / "stat").read_text().split()[4])
        return done, int((self.counters / "inflight").read_text().split()[1])

    def copy(self, note: Callable[[], None]) -> tuple[bytes, int]:
        """What the disk holds at one moment, and how many copies were thrown away; `note` is called at that moment.

        A copy during which the device wrote is of no moment, and is made again.
        """
        torn, end = 0, time.monotonic() + PATIENCE
        with self.image.open("rb", buffering=0) as file:
            while time.monotonic() < end:
                note()
                before = self.writes()
                if not before[1]:
                    read_data(file.fileno(), self.memory)
                    if self.writes() == before:
                        return bytes(self.memory), torn
                torn += 1
        raise RigError(f"the loop device did not rest within {PATIENCE} s")


def read_data(descriptor: int, image: bytearray) -> None:
    """Read what is no hole, which takes less time. `image` has zeros there: `restart` makes holes of nothing else."""
    view, end = memoryview(image), 0
    while end < SIZE:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:  # ENXIO: only a hole is left
            return
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        os.preadv(descriptor, [view[start:end]], start)


class SyncWatch:
    """Looks once a millisecond at what the thread `spool-sync` of a daemon does while it records."""

    def __init__(self, daemon: int) -> None:
        self.thread = until(lambda: thread_named(daemon, "spool-sync"), 5, "there is no thread spool-sync")
        self.began: float | None = None
        self.times: list[float] = []  # s; of the syncs that have ended
        self.cpu = 0.0  # s; of the thread

    def look(self) -> bool:
        """Whether it waits for the disk now."""
        now = time.monotonic()
        try:
            state = (self.thread / "stat").read_text().rsplit(")", 1)[1].split()[0]
            self.cpu = int((self.thread / "schedstat").read_text().split()[0]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            state = "S"
        if state == "S":
            if self.began is not None:
                self.times.append(now - self.began)
            self.began = None
        elif self.began is None:
            self.began = now
        return state == "D"

    @property
    def longest(self) -> float:
        """The longest sync so far, in seconds, the one that goes on included."""
        return max([*self.times, time.monotonic() - self.began if self.began else 0])


def thread_named(process: int, name: str) -> Path | None:
    """The folder in /proc of the newest thread of that name."""
    for task in sorted(Path(f"/proc/{process}/task").iterdir(), key=lambda task: -int(task.name)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if (task / "comm").read_text().strip() == name:
                return task
    return None
