"""What a process holds over time: memory and file descriptors."""

import os
import re
import statistics

# Not Pss as a whole: its share of libraries' pages depends on who else has them.
KINDS = ("Pss_Anon", "Private_Dirty", "descriptors")
# What may be more at the end than after the first tenth: of memory, KiB and a share of what there was.
MEMORY_KIB, MEMORY_SHARE, DESCRIPTORS = 2048, 0.03, 16


class Samples:
    """Of one process."""

    def __init__(self, name, pid):
        self.name, self._pid = name, pid
        self._taken = []

    def take(self):
        """One sample; the process must be there."""
        with open(f"/proc/{self._pid}/smaps_rollup", encoding="ascii") as file:
            text = file.read()
        row = [int(re.search(rf"(?m)^{kind}: *(\d+) kB", text)[1]) for kind in KINDS[:2]]
        self._taken.append([*row, len(os.listdir(f"/proc/{self._pid}/fd"))])

    def last(self):
        """The last one, in words."""
        return " ".join(f"{kind}={value}" for kind, value in zip(KINDS, self._taken[-1]))

    def growth(self):
        """For each kind, the medians of the second tenth and of the last one."""
        tenth = max(1, len(self._taken) // 10)
        early, late = self._taken[tenth : 2 * tenth] or self._taken, self._taken[-tenth:]
        return [
            (kind, statistics.median(column), statistics.median(end))
            for kind, column, end in zip(KINDS, zip(*early), zip(*late))
        ]

    def faults(self):
        """What has grown beyond its bound."""
        found = []
        for kind, before, after in self.growth():
            bound = DESCRIPTORS
            if kind != "descriptors":
                bound = max(MEMORY_KIB, MEMORY_SHARE * before)
            if after - before > bound:
                found.append(f"{self.name}: {kind} grew from {before:.0f} to {after:.0f}")
        return found
