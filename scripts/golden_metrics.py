"""Writes test/golden/metrics.json: metrics of a few pictures by scikit-learn, SciPy and PyTorch.

    python scripts/golden_metrics.py        (needs torch, scikit-learn and scipy; run by hand)

Each set of pictures has logits [N, C, H, W] and class ids [N, H, W] in patches; predictions are the largest logits.
Pixels whose true class is void, or 255, are taken out before anything is computed.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import binary_erosion
from sklearn import metrics

ROOT = pathlib.Path(__file__).parent.parent


def pictures(seed, shape, classes, void, absent=(), unlabelled=False):
    generator = torch.Generator().manual_seed(seed)
    n, h, w = shape
    present = torch.tensor([c for c in range(classes) if c not in absent])
    coarse = present[torch.randint(len(present), (n, 1, -(-h // 6), -(-w // 6)), generator=generator)]
    truth = F.interpolate(coarse.double(), scale_factor=6)[:, 0, :h, :w].long()
    own = F.one_hot(truth, classes).movedim(-1, 1).double()
    shifted = torch.roll(own, (1, 1), (2, 3))
    noise = torch.randn(n, classes, h, w, generator=generator)
    logits = (2 * own + 1.5 * shifted + noise).float().double()
    if unlabelled:
        truth[torch.rand(n, h, w, generator=generator) < 0.1] = 255
    return {"classes": classes, "void": void, "logits": logits, "truth": truth}


SETS = {
    "four classes and void": pictures(1, (3, 13, 17), 5, 3),
    "no void, a class that is only predicted": pictures(2, (2, 12, 9), 4, None, absent=(1,)),
    "unlabelled pixels": pictures(3, (2, 14, 11), 3, None, unlabelled=True),
}


def boundary(mask, width):
    """What eroding with a square takes away, the picture's border being an edge (Cheng et al. 2021)."""
    return mask & ~binary_erosion(mask, np.ones((3, 3)), iterations=width, border_value=0)


def boundary_iou(truth, predicted, counted, classes, ratio):
    width = max(1, round(ratio * float(np.hypot(*truth.shape[1:]))))
    scores = []
    for c in classes:
        both = either = 0
        for t, p, known in zip(truth, predicted, counted):
            a, b = boundary((t == c) & known, width), boundary((p == c) & known, width)
            both += (a & b).sum()
            either += (a | b).sum()
        if either > 0:
            scores.append(both / either)
    return float(np.mean(scores))


def evaluate(picture):
    classes, void, logits, truth = (picture[key] for key in ["classes", "void", "logits", "truth"])
    predicted = logits.argmax(1)
    counted = (truth < classes) & (truth != (-1 if void is None else void))
    t, p = truth[counted].numpy(), predicted[counted].numpy()
    labels = [c for c in range(classes) if c != void and ((t == c) | (p == c)).any()]
    pixels = logits.movedim(1, -1)[counted]
    own = torch.tensor(t)

    def by_class(score, average, **options):
        return float(score(t, p, labels=labels, average=average, zero_division=0, **options))

    values = {
        "acc_camvid": metrics.accuracy_score(t, p),
        "error_rate": 1 - metrics.accuracy_score(t, p),
        "mean_iou": by_class(metrics.jaccard_score, "macro"),
        "frequency_weighted_iou": by_class(metrics.jaccard_score, "weighted"),
        "mean_dice": by_class(metrics.f1_score, "macro"),
        "matthews": metrics.matthews_corrcoef(t, p),
        "kappa": metrics.cohen_kappa_score(t, p, labels=range(classes)),
        "kappa_linear": metrics.cohen_kappa_score(t, p, labels=range(classes), weights="linear"),
        "kappa_quadratic": metrics.cohen_kappa_score(t, p, labels=range(classes), weights="quadratic"),
        "perplexity": F.cross_entropy(pixels, own).exp(),
        "top_2_accuracy": (pixels.topk(2).indices == own[:, None]).any(1).double().mean(),
        "boundary_iou": boundary_iou(truth.numpy(), predicted.numpy(), counted.numpy(), labels, 0.02),
        "boundary_iou, ratio 0.12": boundary_iou(truth.numpy(), predicted.numpy(), counted.numpy(), labels, 0.12),
    }
    for average in ["macro", "micro", "weighted"]:
        suffix = "" if average == "macro" else f"_{average}"
        values |= {
            f"precision{suffix}": by_class(metrics.precision_score, average),
            f"recall{suffix}": by_class(metrics.recall_score, average),
            f"f2{suffix}": by_class(metrics.fbeta_score, average, beta=2),
            f"f0.5{suffix}": by_class(metrics.fbeta_score, average, beta=0.5),
        }
    every = {"labels": labels, "average": None, "zero_division": 0}
    per_class = {
        "iou": metrics.jaccard_score(t, p, **every),
        "dice": metrics.f1_score(t, p, **every),
        "precision": metrics.precision_score(t, p, **every),
        "recall": metrics.recall_score(t, p, **every),
    }
    return {
        "classes": classes,
        "void": void,
        "shape": list(truth.shape),
        "logits": [float(f"{x:.9g}") for x in logits.reshape(-1).tolist()],
        "truth": truth.reshape(-1).tolist(),
        "values": {name: float(f"{float(value):.9g}") for name, value in values.items()},
        "labels": labels,
        "per_class": {name: [float(f"{x:.9g}") for x in scores] for name, scores in per_class.items()},
    }


def main():
    lines = [f"  {json.dumps(name)}: {json.dumps(evaluate(picture))}" for name, picture in SETS.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (ROOT / "test" / "golden" / "metrics.json").write_text(text, encoding="utf-8")
    print(f"{len(lines)} sets, {len(text.encode()) // 1024} KiB")


if __name__ == "__main__":
    main()
