"""Reads the weights and the batch that the benchmark gives to all participants."""

import json
import struct
from pathlib import Path

import torch
from torch import Tensor, nn


def read_problem(folder: Path, model: nn.Module, images: Tensor, masks: Tensor) -> None:
    """Fills a model's parameters and buffers, images [N, 3, H, W] and masks [N, H, W], tensor by tensor."""
    images.copy_(torch.from_file(str(folder / "images.bin"), size=images.numel()).view(images.shape))
    masks.copy_(torch.from_file(str(folder / "masks.bin"), size=masks.numel(), dtype=torch.int32).view(masks.shape))
    path = folder / "weights.safetensors"
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        state = model.state_dict()
        header.pop("__metadata__", None)
        missing = {name for name in state if not name.endswith("num_batches_tracked")} ^ header.keys()
        if missing:
            raise SystemExit(f"{path}: expected the model's names, but these are on one side only: {sorted(missing)}")
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            file.seek(8 + length + start)
            state[name].copy_(torch.frombuffer(bytearray(file.read(end - start)), dtype=torch.float32).view(entry["shape"]))
