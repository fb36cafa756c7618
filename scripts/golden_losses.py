"""Writes test/golden/losses.json: values and gradients of losses in float64.

    python scripts/golden_losses.py        (needs torch and segmentation_models_pytorch; run by hand)

Each case names a loss of src/losses, its options there, the inputs, and which of the pictures below it looks at. Losses
that segmentation_models_pytorch (smp) has are computed by it, the others by plain PyTorch; "by" says which. Logits
are rounded to float32 first, so that both sides begin with the same numbers.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from segmentation_models_pytorch import losses as smp
from segmentation_models_pytorch.losses import lovasz

ROOT = pathlib.Path(__file__).parent.parent


def picture(seed, shape, classes, scale=1.5, absent=(), ignored=None):
    """Logits [N, C, H, W] and class ids [N, H, W], some of them `ignored`, none of them `absent`."""
    generator = torch.Generator().manual_seed(seed)
    n, h, w = shape
    logits = (torch.randn(n, classes, h, w, generator=generator) * scale).float().double()
    present = torch.tensor([c for c in range(classes) if c not in absent])
    target = present[torch.randint(len(present), (n, h, w), generator=generator)]
    if ignored is not None:
        target[torch.rand(n, h, w, generator=generator) < 0.2] = ignored
    return logits, target


PICTURES = {
    "plain": picture(1, (2, 5, 7), 4),
    "batch 1": picture(2, (1, 3, 9), 3),
    "one pixel": picture(3, (1, 1, 1), 3),
    "two classes": picture(4, (3, 4, 5), 2),
    "class 2 absent": picture(5, (2, 5, 7), 4, absent=(2,)),
    "255 ignored": picture(6, (2, 5, 7), 4, ignored=255),
    "class 1 ignored": picture(7, (2, 5, 7), 4, ignored=1),
    "large logits": picture(8, (2, 3, 5), 4, scale=40.0),
}
WEIGHT = [1.0, 0.5, 2.0, 0.25]


def cross_entropy(weight=None, ignore_index=-100, label_smoothing=0.0):
    w = None if weight is None else torch.tensor(weight, dtype=torch.float64)
    return lambda x, y: F.cross_entropy(x, y, w, ignore_index=ignore_index, label_smoothing=label_smoothing)


def lovasz_grad(own):
    """smp's function of this name counts in float32, which its dot product then refuses beside float64."""
    union = own.sum() + (1 - own).cumsum(0)
    jaccard = 1 - (own.sum() - own.cumsum(0)) / union
    return torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])


lovasz._lovasz_grad = lovasz_grad


def lovasz_weighted(weight):
    """smp has no class weights: its loss of each class present alone, averaged by the weights."""

    def apply(x, y):
        probabilities = x.softmax(1).movedim(1, -1).reshape(-1, x.shape[1])
        labels = y.reshape(-1)
        present = [c for c in range(x.shape[1]) if (labels == c).any()]
        each = [weight[c] * lovasz._lovasz_softmax_flat(probabilities, labels, classes=[c]) for c in present]
        return sum(each) / sum(weight[c] for c in present)

    return apply


def total(*terms):
    return lambda x, y: sum(factor * loss(x, y) for factor, loss in terms)


CASES = []


def case(loss, options, pictures, function, by):
    for name in pictures:
        CASES.append((loss, options, name, function, by))


EVERY = ["plain", "batch 1", "one pixel", "two classes", "class 2 absent", "large logits"]
TORCH, SMP = "torch", "smp"

case("crossEntropy", {}, EVERY, cross_entropy(), TORCH)
case("crossEntropy", {"weight": WEIGHT}, ["plain", "large logits"], cross_entropy(WEIGHT), TORCH)
case("crossEntropy", {"ignoreIndex": 255}, ["255 ignored"], cross_entropy(ignore_index=255), TORCH)
case("crossEntropy", {"labelSmoothing": 0.1}, EVERY, cross_entropy(label_smoothing=0.1), TORCH)
case(
    "crossEntropy",
    {"labelSmoothing": 0.3, "weight": WEIGHT, "ignoreIndex": 1},
    ["class 1 ignored", "class 2 absent"],
    cross_entropy(WEIGHT, 1, 0.3),
    TORCH,
)

case("focal", {}, EVERY, smp.FocalLoss("multiclass"), SMP)
case("focal", {"gamma": 0}, ["plain", "large logits"], smp.FocalLoss("multiclass", gamma=0.0), SMP)
case("focal", {"gamma": 0.5}, ["plain"], smp.FocalLoss("multiclass", gamma=0.5), SMP)
case("focal", {"gamma": 3, "alpha": 0.25}, ["plain", "large logits"], smp.FocalLoss("multiclass", 0.25, 3.0), SMP)
case("focal", {"ignoreIndex": 255}, ["255 ignored"], smp.FocalLoss("multiclass", ignore_index=255), SMP)
case(
    "focal",
    {"weight": WEIGHT, "ignoreIndex": 1},
    ["class 1 ignored"],
    smp.FocalLoss("multiclass", ignore_index=1, class_weights=WEIGHT),
    SMP,
)

for name, Class in [("dice", smp.DiceLoss), ("jaccard", smp.JaccardLoss), ("tversky", smp.TverskyLoss)]:
    case(name, {}, EVERY, Class("multiclass"), SMP)
    case(name, {"smooth": 1}, ["plain", "class 2 absent"], Class("multiclass", smooth=1.0), SMP)
    case(name, {"logLoss": True}, ["plain", "class 2 absent"], Class("multiclass", log_loss=True), SMP)
    case(name, {"classes": [0, 2]}, ["plain", "class 2 absent"], Class("multiclass", classes=[0, 2]), SMP)
    case(name, {"ignoreIndex": 255}, ["255 ignored"], Class("multiclass", ignore_index=255), SMP)
    case(name, {"ignoreIndex": 1}, ["class 1 ignored"], Class("multiclass", ignore_index=1), SMP)
    case(
        name,
        {"weight": WEIGHT, "classes": [1, 2, 3]},
        ["plain"],
        Class("multiclass", classes=[1, 2, 3], class_weights=WEIGHT),
        SMP,
    )
case("tversky", {"alpha": 0.3, "beta": 0.7}, EVERY, smp.TverskyLoss("multiclass", alpha=0.3, beta=0.7), SMP)
case(
    "tversky",
    {"alpha": 0.3, "beta": 0.7, "gamma": 0.75},
    ["plain", "255 ignored"],
    smp.TverskyLoss("multiclass", alpha=0.3, beta=0.7, gamma=0.75, ignore_index=255),
    SMP,
)

case("lovaszSoftmax", {}, EVERY, smp.LovaszLoss("multiclass"), SMP)
case("lovaszSoftmax", {"perImage": True}, ["plain", "class 2 absent"], smp.LovaszLoss("multiclass", per_image=True), SMP)
case("lovaszSoftmax", {"ignoreIndex": 255}, ["255 ignored"], smp.LovaszLoss("multiclass", ignore_index=255), SMP)
case(
    "lovaszSoftmax",
    {"perImage": True, "ignoreIndex": 1},
    ["class 1 ignored"],
    smp.LovaszLoss("multiclass", per_image=True, ignore_index=1),
    SMP,
)
case("lovaszSoftmax", {"weight": WEIGHT}, ["plain", "class 2 absent"], lovasz_weighted(WEIGHT), SMP)

SUM = "crossEntropy(labelSmoothing=0.1) + 0.5*dice + 2 * focal(gamma=3, alpha=0.25)"
case(
    SUM,
    {},
    ["plain", "class 2 absent"],
    total(
        (1, cross_entropy(label_smoothing=0.1)),
        (0.5, smp.DiceLoss("multiclass")),
        (2, smp.FocalLoss("multiclass", 0.25, 3.0)),
    ),
    "torch and smp",
)


def rounded(tensor):
    return [float(f"{float(value):.9g}") + 0.0 for value in tensor.detach().reshape(-1)]


def evaluate(function, logits, target):
    x = logits.clone().requires_grad_(True)
    value = function(x, target)
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return {"value": rounded(value)[0], "gradient": rounded(gradient)}


def main():
    pictures = {
        name: {"shape": list(logits.shape), "logits": rounded(logits), "target": target.reshape(-1).tolist()}
        for name, (logits, target) in PICTURES.items()
    }
    results = [
        {"loss": loss, "options": options, "picture": name, "by": by, **evaluate(function, *PICTURES[name])}
        for loss, options, name, function, by in CASES
    ]
    lines = [f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in pictures.items()]
    rows = [f"    {json.dumps(result)}" for result in results]
    text = '{\n  "pictures": {\n' + ",\n".join(lines) + '\n  },\n  "cases": [\n' + ",\n".join(rows) + "\n  ]\n}\n"
    (ROOT / "test" / "golden" / "losses.json").write_text(text, encoding="utf-8")
    print(f"{len(results)} cases, {len(text.encode()) // 1024} KiB")


if __name__ == "__main__":
    main()
