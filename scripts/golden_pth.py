"""Writes test/golden/pth: small files saved by real PyTorch and fastai, and what is in them.

    python scripts/golden_pth.py torch      (needs torch)
    python scripts/golden_pth.py fastai1    (needs torch and fastai 1)
    python scripts/golden_pth.py fastai2    (needs torch and fastai 2)
"""

import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")

FOLDER = pathlib.Path(__file__).parent.parent / "test" / "golden" / "pth"
MASK = 0xFFFFFFFF


def uniform(shape, k):
    """The fill of test/support/hash-fill.ts."""
    length = int(np.prod(shape))
    h = (np.arange(length, dtype=np.uint64) * 2654435761 + (((k + 1) * 2246822519) & MASK)) & MASK
    h ^= h >> 15
    h = (h * 2246822519) & MASK
    h ^= h >> 13
    h = (h * 3266489917) & MASK
    h ^= h >> 16
    return torch.tensor((h / 2**32).astype(np.float32)).reshape(shape)


def picture(height, width):
    return 4 * uniform((1, 3, height, width), 9999) - 2


def listed(tensors):
    """Shapes and all values, in row-major order."""
    return {
        name: {"shape": list(t.shape), "values": t.detach().double().flatten().tolist()} for name, t in tensors.items()
    }


def summed(tensors):
    return {
        name: {"shape": list(t.shape), "sum": float(t.double().sum())}
        for name, t in tensors.items()
        if not name.endswith("num_batches_tracked")
    }


def write(name, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(json.dumps(content) + "\n")


def save_torch():
    """Every element type and every way that a tensor can lie in its storage, in both formats."""
    base = uniform((4, 6), 1) * 10 - 5
    shared = torch.arange(12, dtype=torch.float32)
    tensors = {
        "contiguous": base,
        "transposed": base.clone().t(),
        "sliced": base.clone()[1:, 1::2],
        "offset": base.clone().flatten()[5:11],
        "channels_last": uniform((2, 3, 2, 2), 2).contiguous(memory_format=torch.channels_last),
        "shared": shared,
        "shared_part": shared[3:9].view(2, 3),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": nn.Parameter(uniform((3,), 3)),
        "double": uniform((3,), 4).double() / 3,
        "half": torch.tensor([0.0, -1.5, 65504.0, 6e-8, 1e-3, float("inf"), -float("inf")], dtype=torch.float16),
        "bfloat16": torch.tensor([0.0, -1.5, 3e38, 1e-3, float("inf")], dtype=torch.bfloat16),
        "int64": torch.tensor([0, -1, 2**40]),
        "int32": torch.tensor([0, -1, 2**30], dtype=torch.int32),
        "int16": torch.tensor([0, -1, 2**14], dtype=torch.int16),
        "int8": torch.tensor([0, -1, 127], dtype=torch.int8),
        "uint8": torch.tensor([0, 1, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.save(tensors, FOLDER / "torch.pth")
    torch.save(tensors, FOLDER / "torch-legacy.pth", _use_new_zipfile_serialization=False)
    module = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))
    for protocol in (3, 4, 5):
        torch.save(module.state_dict(), FOLDER / f"torch-protocol-{protocol}.pth", pickle_protocol=protocol)
    torch.save(module, FOLDER / "torch-module.pth")
    finite = {k: t for k, t in tensors.items() if k not in ("half", "bfloat16")}
    write("torch.json", {**listed(finite), "module_sum": float(sum(t.double().sum() for t in module.state_dict().values()))})


CHANNELS = (4, 4, 6)


def encoder():
    first, second, third = CHANNELS

    def block(inside, outside, stride):
        convolution = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        return nn.Sequential(convolution, nn.ReLU(), nn.BatchNorm2d(outside))

    stem = nn.Conv2d(3, first, 3, 2, 1, bias=False)
    pool = nn.MaxPool2d(3, 2, 1)
    return nn.Sequential(stem, nn.BatchNorm2d(first), nn.ReLU(), pool, block(first, second, 1), block(second, third, 2))


def save_fastai1():
    """`learn.save` of fastai v1's U-Net, built for an even and for an odd size."""
    import fastai
    from fastai.basic_data import DataBunch
    from fastai.basic_train import Learner
    from fastai.layers import CrossEntropyFlat
    from fastai.vision.models.unet import DynamicUnet
    from torch.utils.data import DataLoader, TensorDataset

    assert fastai.__version__.startswith("1."), fastai.__version__
    content = {"fastai": fastai.__version__, "channels": CHANNELS, "classes": 3}
    for name, (height, width) in {"fastai1": (16, 24), "fastai1-odd": (17, 23)}.items():
        torch.manual_seed(1)
        samples = TensorDataset(torch.randn(2, 3, height, width), torch.randint(0, 3, (2, 1, height, width)))
        with tempfile.TemporaryDirectory() as folder:
            data = DataBunch(DataLoader(samples, batch_size=2), DataLoader(samples, batch_size=2), path=folder)
            model = DynamicUnet(encoder(), 3, (height, width), norm_type=None)  # what unet_learner passes
            learn = Learner(data, model, loss_func=CrossEntropyFlat(axis=1), silent=True)
            learn.fit(1, 1e-3)
            learn.save("m", with_opt=name == "fastai1")
            shutil.copy(pathlib.Path(folder) / "models" / "m.pth", FOLDER / f"{name}.pth")
        model.eval()
        with torch.no_grad():
            logits = model.double()(picture(height, width).double())
        content[name] = {
            "size": [height, width],
            "tensors": summed(model.state_dict()),
            "logits": logits.flatten().tolist()[::7],
        }
    write("fastai1.json", content)


def save_fastai2():
    """`learn.save` of fastai v2, the optimizer's state with it."""
    import fastai
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat

    torch.manual_seed(1)
    samples = [(torch.randn(3, 8, 8), torch.randint(0, 2, (8, 8))) for _ in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        loaders = DataLoaders(DataLoader(samples, bs=4), DataLoader(samples, bs=4))
        model = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.BatchNorm2d(2))
        learn = Learner(loaders, model, loss_func=CrossEntropyLossFlat(axis=1), path=folder)
        learn.fit(1)
        learn.save("m")
        shutil.copy(pathlib.Path(folder) / "models" / "m.pth", FOLDER / "fastai2.pth")
    write("fastai2.json", {"fastai": fastai.__version__, "tensors": summed(model.state_dict())})


if __name__ == "__main__":
    {"torch": save_torch, "fastai1": save_fastai1, "fastai2": save_fastai2}[sys.argv[1]]()
