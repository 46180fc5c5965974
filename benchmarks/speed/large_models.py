"""Updates of a large preset, and what saves memory in them: seconds of processor, and megabytes.

    python -m benchmarks.speed.large_models [--preset 10m] [--updates 3] [--threads 1]
        [--set KEY=VALUE] [--variants plain,accumulation,checkpointing,compile]

Each variant has a process of its own, reads random tokens, and begins with an update that is not
counted. The memory is the most that the process has used.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from benchmarks.speed.memory import peak_memory
from tinylm.setting import Value

VARIANTS: dict[str, dict[str, Value]] = {
    "plain": {"micro_batch_size": 0},
    "accumulation": {},  # as the preset has it
    "checkpointing": {"micro_batch_size": 0, "activation_checkpointing": "on"},
    "compile": {"compile": "on"},
}


def measure(preset: str, variant: str, updates: int, threads: int, settings: list[str]) -> None:
    """Make updates in this process, and print what they took."""
    import torch

    from tinylm.config import parse_setting
    from tinylm.memory import memory_needed
    from tinylm.presets import preset_config
    from tinylm.training.device import choose_device, choose_precision, use_threads
    from tinylm.training.forward import begun, new_model
    from tinylm.training.optimizer import Optimizer
    from tinylm.training.update import update

    config = preset_config(preset, **VARIANTS[variant] | dict(map(parse_setting, settings)))
    use_threads(threads)
    device = choose_device(config.train.device)
    precision = choose_precision(config.train.precision, device, config.model.n_embd)
    model = new_model(config.model, config.train).to(device)
    optimizer = Optimizer(model, config.train)
    forward = begun(model, optimizer, config, precision, None)
    random = torch.Generator().manual_seed(1)
    shape = (config.train.batch_size, config.model.block_size + 1)
    processor, wall = [], []
    for step in range(updates + 1):
        ids = torch.randint(1, config.model.vocab_size, shape, generator=random)
        rows = (ids[:, :-1], ids[:, 1:])
        begins, began = time.process_time(), time.perf_counter()
        update(model, optimizer, rows, step, config.train, precision, forward=forward)
        processor.append(time.process_time() - begins)
        wall.append(time.perf_counter() - began)
    print(
        f"{preset}, {variant}: {model.num_parameters / 1e6:.1f} M parameters, {precision}, "
        f"{min(processor[1:]):.2f} s of processor and {min(wall[1:]):.2f} s an update "
        f"({config.tokens_per_step:,} tokens), peak {peak_memory():,.0f} MB, estimated "
        f"{memory_needed(config) / 1e6:,.0f} MB; the first update {wall[0]:.1f} s",
        flush=True,
    )


def main() -> None:
    """Measure each variant in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="10m")
    parser.add_argument("--updates", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    options = parser.parse_args()
    for variant in options.variants.split(","):
        given = (options.preset, variant, options.updates, options.threads, options.settings)
        code = f"from benchmarks.speed.large_models import measure; measure{given!r}"
        subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main()
