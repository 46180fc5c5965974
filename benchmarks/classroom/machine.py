"""Memory and processor of the server and its workers while a class works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import psutil

from benchmarks.pages.viewers import megabytes, processor_seconds

LOOK_EVERY = 2.0  # seconds between two looks at memory


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    return list(server.children(recursive=True))


@dataclass
class Machine:
    """Memory and processor of the server and its workers, looked at again and again."""

    server: psutil.Process
    before: float = 0.0
    most: float = 0.0
    workers_most: float = 0.0
    used: dict[int, float] = field(default_factory=dict)  # seconds of processor by process
    first: dict[int, float] = field(default_factory=dict)

    async def watch(self, over: asyncio.Event) -> None:
        self.before = megabytes(self.server)
        while not over.is_set():
            self.most = max(self.most, megabytes(self.server))
            memory = 0.0
            for process in (self.server, *workers_of(self.server)):
                try:
                    seconds = processor_seconds(process)
                    memory += megabytes(process) if process.pid != self.server.pid else 0.0
                except psutil.NoSuchProcess:
                    continue
                self.first.setdefault(process.pid, seconds)
                self.used[process.pid] = seconds - self.first[process.pid]
            self.workers_most = max(self.workers_most, memory)
            await asyncio.sleep(LOOK_EVERY)

    def shares(self, seconds: float) -> tuple[float, float]:
        mine = self.used.get(self.server.pid, 0.0)
        return mine / seconds, (sum(self.used.values()) - mine) / seconds
