"""Writes test/golden/encoders.json: the features of torchvision's and timm's networks, in float64.

    python scripts/golden_encoders.py   (needs torch, torchvision, timm and efficientnet_lite_pytorch; run by hand)

Weights and pictures are the hashes of test/support/hash-fill.ts, computed again: parameter or buffer k of the encoder,
counted in the order of its state dict without the batch counters and the classifier, is filled from seed k.
"""

import hashlib
import json
import math
import pathlib

import numpy as np
import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet

ROOT = pathlib.Path(__file__).parent.parent
SIZES = [(64, 96), (37, 51)]
MASK = 0xFFFFFFFF


# --- the fill of test/support/hash-fill.ts ---


def uniform(length, k):
    seed = ((k + 1) * 2246822519) & MASK
    h = (np.arange(length, dtype=np.uint64) * 2654435761 + seed) & MASK
    h ^= h >> 15
    h = (h * 2246822519) & MASK
    h ^= h >> 13
    h = (h * 3266489917) & MASK
    h ^= h >> 16
    return h / 2**32


def scaled(name, shape, u):
    if name.endswith("running_mean"):
        return (2 * u - 1) * 0.2
    if name.endswith("running_var"):
        return 0.5 + u
    if len(shape) == 4:
        bound = math.sqrt(3) * math.sqrt(2 / math.prod(shape[1:]))
        return (2 * u - 1) * bound
    return 0.8 + 0.4 * u if name.endswith("weight") else (2 * u - 1) * 0.1


def filled(shape, k, scale):
    values = scale(uniform(math.prod(shape), k)).astype(np.float32)
    return torch.tensor(values.astype(np.float64)).reshape(shape)


# --- the networks ---


def resnet(name):
    model = getattr(torchvision.models, name)(weights=None)

    def features(x):
        stem = model.relu(model.bn1(model.conv1(x)))
        results = [stem, model.layer1(model.maxpool(stem))]
        for layer in (model.layer2, model.layer3, model.layer4):
            results.append(layer(results[-1]))
        return results

    return model, ("fc.",), features


def mobilenet():
    model = torchvision.models.mobilenet_v3_large(weights=None)

    def features(x):
        results = []
        for i, layer in enumerate(model.features[:16]):
            x = layer(x)
            if i in (1, 3, 6, 12, 15):
                results.append(x)
        return results

    return model, ("features.16.", "classifier."), features


def efficientnet():
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)

    def features(x):
        results = []
        x = model.bn1(model.conv_stem(x))
        for i, blocks in enumerate(model.blocks):
            x = blocks(x)
            if i in (0, 1, 2, 4, 6):
                results.append(x)
        return results

    return model, ("conv_head.", "bn2.", "classifier."), features


NETWORKS = {
    **{name: lambda name=name: resnet(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101")},
    "mobilenetV3Large": mobilenet,
    "efficientnetLite0": efficientnet,
}


# --- what is written ---


def encoder_entries(state, classifier):
    kept = [(n, t) for n, t in state.items() if not n.endswith("num_batches_tracked")]
    return [(n, t) for n, t in kept if not n.startswith(classifier)]


def digest(entries):
    lines = "".join(f"{name} {'x'.join(map(str, tensor.shape))}\n" for name, tensor in entries)
    return hashlib.sha256(lines.encode()).hexdigest()


def summary(x):
    values = x.flatten().numpy()
    stride = max(1, values.size // 12)
    return {
        "shape": list(x.shape),
        "sum": float(values.sum()),
        "abs_sum": float(np.abs(values).sum()),
        "max": float(values.max()),
        "min": float(values.min()),
        "sample_stride": stride,
        "samples": [float(v) for v in values[::stride][:12]],
    }


def study(make):
    model, classifier, features = make()
    entries = encoder_entries(model.state_dict(), classifier)
    model = model.double().eval()
    for k, (name, tensor) in enumerate(encoder_entries(model.state_dict(), classifier)):
        tensor.copy_(filled(tensor.shape, k, lambda u: scaled(name, tensor.shape, u)))
    parameters = dict(model.named_parameters())
    return {
        "whole_network_parameters": sum(p.numel() for p in parameters.values()),
        "classifier_parameters": sum(p.numel() for n, p in parameters.items() if n.startswith(classifier)),
        "names_sha256": digest(entries),
        "first_name": entries[0][0],
        "last_name": entries[-1][0],
        "features": {
            f"{h}x{w}": [summary(f) for f in features(filled((1, 3, h, w), 9999, lambda u: 4 * u - 2))]
            for h, w in SIZES
        },
    }


def flat_names():
    state = EfficientNet.from_name("efficientnet-lite0").state_dict()
    return digest(encoder_entries(state, ("_conv_head.", "_bn1.", "_fc.")))


if __name__ == "__main__":
    with torch.no_grad():
        studies = {name: study(make) for name, make in NETWORKS.items()}
    studies["efficientnetLite0"]["flat_names_sha256"] = flat_names()
    target = ROOT / "test" / "golden" / "encoders.json"
    target.write_text(json.dumps({"torch": torch.__version__, "encoders": studies}, indent=1) + "\n")
    print(target, target.stat().st_size, "bytes")
