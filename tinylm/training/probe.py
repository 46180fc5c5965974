"""Says in one JSON object what torch finds on this machine: `python -m tinylm.training.probe`."""

from __future__ import annotations

import json

import torch

from tinylm.speed import is_ready
from tinylm.training.device import available_devices

if __name__ == "__main__":
    found = {"torch": torch.__version__, "devices": available_devices(), "compiled": is_ready()}
    print(json.dumps(found))
