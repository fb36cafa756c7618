"""Trains with the real fastai v1, for segkit to be compared with. See README.md for how to install it."""

import argparse
import json
import time
import warnings
from pathlib import Path

import torch

warnings.filterwarnings("ignore")

# fastai 1.0.61 solves its perspective equations with a function that PyTorch 1.13 removed; this is the same in new words.
if not hasattr(torch, "gesv"):
    torch.solve = lambda right, left: (torch.linalg.solve(left, right), None)

import fastprogress
import numpy as np
from torch.utils.data import DataLoader, Dataset
from fastai.basic_data import DataBunch
from fastai.torch_core import data_collate
from fastai.basic_train import LearnerCallback
from fastai.layers import CrossEntropyFlat
from fastai.vision import (
    Image,
    ImageSegment,
    SegmentationItemList,
    get_transforms,
    imagenet_stats,
    models,
    unet_learner,
)

fastprogress.fastprogress.NO_BAR = True

from parity import read_safetensors, scores


class DumpedSamples(Dataset):
    """The pictures and masks that segkit dumped, all epochs one after the other, as fastai's own classes."""

    def __init__(self, directory: Path, manifest: dict):
        self.batch_size, self.size = manifest["batchSize"], (manifest["height"], manifest["width"])
        self.batches = manifest["epochs"] * manifest["trainBatches"]
        self.records = np.memmap(directory / "train.bin", np.int32, "r").reshape(self.batches, -1)
        self.c = manifest["classes"]

    def __len__(self) -> int:
        return self.batches * self.batch_size

    def __getitem__(self, index: int) -> tuple[Image, ImageSegment]:
        batch, sample = divmod(index, self.batch_size)
        masks_from = self.batch_size * 3 * self.size[0] * self.size[1]
        record = np.array(self.records[batch])
        picture = record[:masks_from].view(np.float32).reshape(self.batch_size, 3, *self.size)[sample]
        mask = record[masks_from:].reshape(self.batch_size, 1, *self.size)[sample]
        return Image(torch.from_numpy(picture)), ImageSegment(torch.from_numpy(mask).float())


class StepLosses(LearnerCallback):
    """The loss of every training step, as it is before smoothing."""

    def __init__(self, learn):
        super().__init__(learn)
        self.losses = []

    def on_backward_begin(self, last_loss, **_):
        self.losses.append(last_loss.item())


def steps(arguments: argparse.Namespace) -> dict:
    """One-cycle training on segkit's batches from segkit's weights."""
    directory = arguments.directory
    manifest = json.loads((directory / "manifest.json").read_text())
    samples = DumpedSamples(directory, manifest)
    order = {"batch_size": manifest["batchSize"], "shuffle": False}
    data = DataBunch(
        *(DataLoader(part, **order) for part in (samples, samples, samples)),
        path=directory, collate_fn=data_collate, device=torch.device("cpu"), no_check=True,
    )
    data.valid_dl = None
    learn = unet_learner(
        data, getattr(models, manifest["encoder"]), pretrained=False, wd=manifest["weightDecay"], silent=True,
        loss_func=CrossEntropyFlat(axis=1),
    )
    report = learn.model.load_state_dict(read_safetensors(directory / "weights.safetensors"), strict=False)
    foreign = [name for name in report.missing_keys if not name.endswith("num_batches_tracked")]
    if foreign or report.unexpected_keys:
        raise SystemExit(f"weights do not fit: missing {foreign}, unexpected {report.unexpected_keys}")
    recorder = StepLosses(learn)
    learn.fit_one_cycle(1, slice(manifest["lr"]), pct_start=manifest["pctStart"], callbacks=[recorder])
    return {"losses": recorder.losses, "lrs": [float(lr) for lr in learn.recorder.lrs]}


def camvid(arguments: argparse.Namespace) -> DataBunch:
    """fastai's data block over a folder in CamVid's layout, with its usual transforms."""
    path = arguments.directory
    codes = np.loadtxt(path / "codes.txt", dtype=str)
    height, width = map(int, arguments.size.split("x"))
    return (
        SegmentationItemList.from_folder(path / "images")
        .split_by_fname_file("../valid.txt")
        .label_from_func(lambda picture: path / "labels" / f"{picture.stem}_P.png", classes=codes)
        .transform(get_transforms(), size=(height, width), tfm_y=True)
        .databunch(bs=arguments.bs, num_workers=arguments.workers)
        .normalize(imagenet_stats)
    )


def pipeline(arguments: argparse.Namespace) -> dict:
    """Training pictures a second out of fastai's loader, its workers' start not counted."""
    data = camvid(arguments)
    warm_up = arguments.workers + 2
    for made, _ in enumerate(data.train_dl, 1):
        if made == warm_up:
            start = time.perf_counter()
        if made == warm_up + arguments.batches:
            break
    return {"rate": arguments.batches * arguments.bs / (time.perf_counter() - start)}


def train(arguments: argparse.Namespace) -> dict:
    """A whole training with fastai's own data block, transforms and order; scores pooled over all validation pixels."""
    torch.manual_seed(arguments.seed)
    np.random.seed(arguments.seed)
    __import__("random").seed(arguments.seed)
    data = camvid(arguments)
    learn = unet_learner(data, getattr(models, arguments.encoder), pretrained=False, wd=1e-2, silent=True)
    learn.fit_one_cycle(arguments.epochs, arguments.lr)
    codes = data.classes
    classes = len(codes)
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    learn.model.eval()
    with torch.no_grad():
        for images, masks in data.valid_dl:
            pairs = masks[:, 0] * classes + learn.model(images).argmax(1)
            confusion += torch.bincount(pairs.flatten(), minlength=classes**2).reshape(classes, classes)
    void = next((i for i, code in enumerate(codes) if code.lower() == "void"), None)
    losses = [float(loss) for loss in learn.recorder.val_losses]
    return {"seed": arguments.seed, "validLosses": losses, **scores(confusion.double(), void)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(required=True)
    on_batches = modes.add_parser("steps", help="on the batches that segkit dumped")
    on_batches.set_defaults(run=steps)
    whole = modes.add_parser("train", help="on a dataset folder, with fastai's transforms")
    whole.set_defaults(run=train)
    loading = modes.add_parser("pipeline", help="only the loader of a dataset folder")
    loading.set_defaults(run=pipeline)
    loading.add_argument("--batches", type=int, default=24)
    for mode in (on_batches, whole, loading):
        mode.add_argument("directory", type=Path)
        mode.add_argument("--threads", type=int, default=2)
        mode.add_argument("--out", type=Path, required=True, help="a file, or - for standard output")
    for mode in (whole, loading):
        mode.add_argument("--size", default="64x96")
        mode.add_argument("--bs", type=int, default=8)
        mode.add_argument("--workers", type=int, default=2)
    whole.add_argument("--epochs", type=int, default=3)
    whole.add_argument("--lr", type=float, default=1e-3)
    whole.add_argument("--seed", type=int, default=1)
    whole.add_argument("--encoder", default="resnet18")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    result = {"torch": torch.__version__, "fastai": __import__("fastai").__version__, **arguments.run(arguments)}
    text = json.dumps(result) + "\n"
    print(text, end="") if str(arguments.out) == "-" else arguments.out.write_text(text)


if __name__ == "__main__":
    main()
