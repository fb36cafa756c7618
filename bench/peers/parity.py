"""Trains on the batches, weights and schedule that segkit dumped, as segkit did. See README.md for the files."""

import argparse
import json
import math
import struct
import time
from pathlib import Path
from typing import BinaryIO, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from torch_unet import Unet, unet_of

Batch = tuple[Tensor, Tensor]
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Float32 tensors by name: an 8-byte length, a JSON header of shapes and byte ranges, the numbers."""
    data = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            continue  # counters of BatchNorm
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(data[start:end], dtype=torch.float32).reshape(entry["shape"])
    return tensors


def read_array(file: BinaryIO, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    size = math.prod(shape) * dtype.itemsize
    data = bytearray(file.read(size))
    if len(data) != size:
        raise SystemExit(f"{file.name}: expected {size} more bytes, but it ends after {len(data)}")
    return torch.frombuffer(data, dtype=dtype).reshape(shape)


def read_batch(file: BinaryIO, count: int, height: int, width: int) -> Batch:
    """Normalised images [count, 3, H, W] and class indices [count, H, W]."""
    images = read_array(file, (count, 3, height, width), torch.float32)
    return images, read_array(file, (count, height, width), torch.int32).long()


def valid_batches(directory: Path, manifest: dict) -> Iterator[Batch]:
    with open(directory / "valid.bin", "rb") as file:
        for count in manifest["validSizes"]:
            yield read_batch(file, count, manifest["height"], manifest["width"])


def check_sizes(directory: Path, manifest: dict) -> None:
    image = 4 * 4 * manifest["height"] * manifest["width"]
    steps = manifest["epochs"] * manifest["trainBatches"]
    expected = {"train.bin": steps * manifest["batchSize"] * image, "valid.bin": sum(manifest["validSizes"]) * image}
    for name, size in expected.items():
        actual = (directory / name).stat().st_size
        if actual != size:
            raise SystemExit(f"{name}: expected {size} bytes for manifest.json, but it has {actual}")
    if len(manifest["schedule"]) != steps:
        raise SystemExit(f"manifest.json: expected a schedule of {steps} steps, but it has {len(manifest['schedule'])}")


class AdamW:
    """fastai's: decay first and decoupled; beta1 is the schedule's momentum, in the bias correction too.

    PyTorch's is the same formula if its beta1 is set before every step.
    """

    def __init__(self, model: Unet, manifest: dict):
        groups: dict[int, list[Tensor]] = {}
        for name, parameter in model.named_parameters():
            groups.setdefault(manifest["groups"][name], []).append(parameter)
        self.beta2 = manifest["beta2"]
        self.inner = torch.optim.AdamW(
            [{"params": parameters, "index": index} for index, parameters in groups.items()],
            eps=manifest["eps"],
            weight_decay=manifest["weightDecay"],
            fused=True,
        )

    def step(self, rates: list[float], momentum: float) -> None:
        for group in self.inner.param_groups:
            group["lr"], group["betas"] = rates[group["index"]], (momentum, self.beta2)
        self.inner.step()
        self.inner.zero_grad(set_to_none=True)


class SmoothLoss:
    """fastai's running training loss: an average with weight 0.98 on the past, its bias towards 0 removed."""

    def __init__(self) -> None:
        self.average, self.count = 0.0, 0

    def add(self, loss: float) -> None:
        self.average = 0.98 * self.average + 0.02 * loss
        self.count += 1

    @property
    def value(self) -> float:
        return self.average / (1 - 0.98**self.count)


def scores(confusion: Tensor, void: int | None) -> dict[str, float | None]:
    """segkit's metrics from pixel counts [truth, prediction]; None where no pixel counts."""
    ratio = lambda part, whole: part / whole if whole else None
    kept = [c for c in range(len(confusion)) if c != void]
    labelled = confusion[kept]
    right = labelled[range(len(kept)), kept]
    unions = labelled.sum(1) + labelled[:, kept].sum(0) - right
    present = unions > 0
    return {
        "accCamvid": ratio(right.sum().item(), labelled.sum().item()),
        "pixelAccuracy": ratio(confusion.diagonal().sum().item(), confusion.sum().item()),
        "meanIou": ratio((right[present] / unions[present]).sum().item(), present.sum().item()),
    }


@torch.no_grad()
def validate(model: Unet, batches: Iterator[Batch], classes: int, void: int | None) -> dict[str, float | None]:
    """Mean loss, void pixels included, and the metrics over all pixels of all batches."""
    model.eval()
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    total, images = 0.0, 0
    for inputs, masks in batches:
        logits = model(inputs)
        total += F.cross_entropy(logits, masks).item() * len(inputs)
        images += len(inputs)
        pairs = masks * classes + logits.argmax(1)
        confusion += torch.bincount(pairs.flatten(), minlength=classes**2).reshape(classes, classes)
    return {"validLoss": total / images, **scores(confusion.double(), void)}


def train(directory: Path, layout: torch.memory_format) -> Iterator[dict]:
    """One record per epoch."""
    manifest = json.loads((directory / "manifest.json").read_text())
    check_sizes(directory, manifest)
    model = unet_of(read_safetensors(directory / "weights.safetensors")).to(memory_format=layout)
    optimizer, smooth = AdamW(model, manifest), SmoothLoss()
    schedule = iter(manifest["schedule"])
    size = manifest["batchSize"], manifest["height"], manifest["width"]
    with open(directory / "train.bin", "rb") as file:
        for epoch in range(manifest["epochs"]):
            start = time.perf_counter()
            model.train()
            for _ in range(manifest["trainBatches"]):
                images, masks = read_batch(file, *size)
                loss = F.cross_entropy(model(images.contiguous(memory_format=layout)), masks)
                loss.backward()
                step = next(schedule)
                optimizer.step(step["lr"], step["momentum"])
                smooth.add(loss.item())
            valid = validate(model, valid_batches(directory, manifest), manifest["classes"], manifest["voidIndex"])
            seconds = time.perf_counter() - start
            yield {"epoch": epoch, "trainLoss": smooth.value, **valid, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layout", choices=LAYOUTS, default="contiguous")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    epochs = []
    for record in train(args.directory, LAYOUTS[args.layout]):
        epochs.append(record)
        print("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in record.items()), flush=True)
        result = {"torch": torch.__version__, "epochs": epochs}
        (args.directory / "torch.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
