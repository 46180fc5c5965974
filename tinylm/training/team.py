"""Several processes that train one model together, as torchrun starts them.

The first process leads. It alone reads the text, measures, and writes events and checkpoints.
Before each update it sends the whole batch to the others; each process computes the gradient of
its share of the rows, DistributedDataParallel takes the mean, and all take the same step. So the
others need nothing of the run but the first message: its settings and the state of its optimizer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import torch
from torch import Tensor, distributed
from torch.nn.parallel import DistributedDataParallel

from tinylm.codec import decode, encode
from tinylm.config import RunConfig
from tinylm.errors import BadRequest, PeerLost
from tinylm.model.gpt import GPT
from tinylm.torchrun import Place

# A process whose peer has ended learns of it at once. This is for a leader that measures, or that
# holds between single steps.
LONGEST_WAIT = timedelta(days=1)
BACKENDS = "cpu:gloo,cuda:nccl"  # messages are in the memory of the CPU, gradients on the device
UPDATE = 1


class Team:
    """The processes of one training, seen from one of them."""

    def __init__(self, place: Place):
        self.rank, self.size, self._local_rank = place.rank, place.size, place.local_rank
        self._module: DistributedDataParallel | None = None
        self._whole = True  # whether the others are there and wait for a message, and nothing else

    # What all processes do

    def device(self, kind: str) -> torch.device:
        """The device of this process, of the kind that the leader has chosen. Raises BadRequest."""
        if kind == "mps":
            raise BadRequest("Several processes cannot share this device: choose device=cpu.")
        if kind != "cuda":
            return torch.device(kind)
        if (found := torch.cuda.device_count()) <= self._local_rank:
            raise BadRequest(
                f"This machine has {found} graphics processors: start at most as many processes."
            )
        torch.cuda.set_device(self._local_rank)
        return torch.device("cuda", self._local_rank)

    def wrapped(self, model: GPT, forward: torch.nn.Module) -> DistributedDataParallel:
        """`forward` with gradients that are means over all processes; all get the leader's weights.

        It must be called once, by all processes, with a model that is on its device.
        """
        on = None if model.embedding.weight.is_cpu else [self._local_rank]
        with self._together():
            self._module = DistributedDataParallel(
                forward, device_ids=on, gradient_as_bucket_view=True
            )
        return self._module

    def rows(self, count: int) -> tuple[int, int]:
        """The first of `count` rows that this process learns from, and the one behind its last."""
        return self.rank * count // self.size, (self.rank + 1) * count // self.size

    def alone(self, wanted: bool) -> AbstractContextManager[None]:
        """A context for a gradient which, if `wanted`, is not shared: further ones are added."""
        if wanted and self._module is not None:
            return self._module.no_sync()
        return self._together()

    def add_up(self, value: Tensor) -> None:
        """Make `value`, in place, the sum over all processes: the end of what they do together."""
        with self._together():
            distributed.all_reduce(value)
        self._whole = True

    def share_state(self, state: dict[str, Tensor]) -> None:
        """Make these tensors, in place, those of the leader."""
        with self._together():
            for name in sorted(state):
                distributed.broadcast(state[name], 0)

    # What the leader does

    def introduce(self, config: RunConfig) -> None:
        """Tell the others what is trained: they wait for that before anything else."""
        text = bytearray(encode(config.to_dict()).encode())
        self._send(torch.frombuffer(text, dtype=torch.uint8))

    def give(self, rows: tuple[Tensor, Tensor], step: int, factor: float) -> None:
        """Tell the others to learn from this batch (ids and targets, each (B, T)).

        If the leader then ends before `add_up`, the others wait for its gradient: no message would
        reach them, and they end as its connections close.
        """
        ids, targets = rows
        self._whole = False
        self._send(torch.tensor([step, factor, *ids.shape], dtype=torch.float64))
        with self._together():
            distributed.broadcast(torch.stack((ids.cpu(), targets.cpu())), 0)

    def dismiss(self) -> None:
        """Tell the others that there is nothing more to do, if they are still there."""
        if self._whole:
            with contextlib.suppress(PeerLost):
                self._send(torch.zeros(0))

    def _send(self, message: Tensor) -> None:
        with self._together():
            distributed.broadcast(torch.tensor([message.numel()]), 0)
            if message.numel():
                distributed.broadcast(message, 0)

    # What the others do

    def introduced(self) -> RunConfig | None:
        """What the leader trains; None where it ends without."""
        found = self._received(torch.uint8)
        if found is None:
            return None
        return RunConfig.from_dict(decode(found.numpy().tobytes().decode(), dict))

    def given(self) -> tuple[tuple[Tensor, Tensor], int, float] | None:
        """The next batch, the number of its update, and its factor; None after the last one."""
        found = self._received(torch.float64)
        if found is None:
            return None
        step, factor, rows, length = found.tolist()
        both = torch.empty(2, int(rows), int(length), dtype=torch.int64)
        with self._together():
            distributed.broadcast(both, 0)
        return (both[0], both[1]), int(step), factor

    def _received(self, kind: torch.dtype) -> Tensor | None:
        length = torch.zeros(1, dtype=torch.int64)
        with self._together():
            distributed.broadcast(length, 0)
            if not length:
                return None
            message = torch.empty(int(length), dtype=kind)
            distributed.broadcast(message, 0)
        return message

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """A context in which the loss of a peer becomes PeerLost."""
        try:
            yield
        except RuntimeError as error:
            known = isinstance(error, distributed.DistError) or "gloo" in str(error).lower()
            if not known:
                raise
            self._whole = False
            raise PeerLost(
                f"Another of the {self.size} processes of this run has ended, so it ends, too: "
                "resume it, with as many processes as you like."
            ) from error


@contextlib.contextmanager
def joined(place: Place) -> Iterator[Team]:
    """The team of the processes that torchrun has started; inside `with` they can speak."""
    backend = BACKENDS if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend, timeout=LONGEST_WAIT)
    team = Team(place)
    try:
        yield team
    finally:
        if place.rank == 0:
            team.dismiss()
        distributed.destroy_process_group()
