"""Writes test/golden/ops.json: what PyTorch says to the cases of test/ops, in float64.

    python scripts/golden.py        (needs torch and numpy; run by hand when a case is added or changed)

The cases come from test/ops/print-cases.ts. Here each has the PyTorch expression of the same name; inputs are the
hashes of test/support/leaf.ts, computed again.
"""

import json
import pathlib
import subprocess

import numpy as np
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).parent.parent
MASK = 0xFFFFFFFF


# --- inputs: the same functions as in test/support/leaf.ts ---


def mix(h):
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


def hashes(name, count):
    seed = 0x811C9DC5
    for char in name:
        seed = ((seed ^ ord(char)) * 0x01000193) & MASK
    return mix((seed + np.arange(count, dtype=np.uint64) * 0x9E3779B9) & MASK)


def fill(leaf, name):
    size = int(np.prod(leaf["shape"], dtype=np.int64))
    bits = hashes(name, size)
    if "gap" in leaf:
        values = np.empty(size)
        values[np.argsort(bits, kind="stable")] = (np.arange(size) - size / 2) * leaf["gap"]
    else:
        u = bits / 2**32 * len(leaf["spans"])
        span = np.array(leaf["spans"], dtype=np.float64)[np.floor(u).astype(int)].reshape(size, 2)
        values = span[:, 0] + (span[:, 1] - span[:, 0]) * (u - np.floor(u))
        if leaf.get("whole"):
            values = np.floor(values)
    values = values.reshape(leaf["shape"])
    if leaf["dtype"] == "float32":
        return torch.tensor(values.astype(np.float32).astype(np.float64), requires_grad=True)
    return torch.tensor(values.astype(np.int64 if leaf["dtype"] == "int32" else bool))


def uniform(shape):
    return {"shape": list(shape), "dtype": "float32", "spans": [[-1, 1]]}


# --- the cases in PyTorch ---


def vjp(function, x, dy):
    """The gradient of Σ function(x)·dy by x."""
    return torch.autograd.grad(function(x), x, dy, create_graph=True)[0]


def binary(name, function):
    variants = ["same shape", "both broadcast", "a scalar", "no axes", "ones in front"]
    return {f"{name}, {variant}": function for variant in variants}


def unary(name, function):
    return {name: function, f"{name}, no axes": function}


def reductions(name, function):
    """`function(x, axes, keepdim)`."""
    return {
        f"{name}, all axes": lambda x: function(x, [0, 1, 2], False),
        f"{name}, all axes kept": lambda x: function(x, [0, 1, 2], True),
        f"{name}, all but channels": lambda x: function(x, [0, 2, 3], False),
        f"{name}, middle axis kept": lambda x: function(x, [1], True),
        f"{name}, last axis": lambda x: function(x, [-1], False),
        f"{name}, no axes to reduce": lambda x: x * 1,
        f"{name}, of a scalar": lambda x: x * 1,
        f"{name}, ties": lambda x: function(x, [1], False),
        f"{name}, int32": lambda x: function(x, [1], False),
    }


def scatter_add(axis, length):
    def apply(dy, i):
        shape = list(dy.shape)
        flat = dy.reshape(shape[:axis] + [i.numel()] + shape[axis + i.dim() :])
        zeros = torch.zeros(shape[:axis] + [length] + shape[axis + i.dim() :], dtype=dy.dtype)
        return zeros.index_add(axis, i.reshape(-1), flat)

    return apply


def take_along_grad(axis, length):
    def apply(dy, i):
        shape = list(dy.shape)
        shape[axis] = length
        return torch.zeros(shape, dtype=dy.dtype).scatter_add(axis, i, dy)

    return apply


def sorted_order(x, axis, descending):
    values = x.detach().numpy()
    return torch.tensor(np.argsort(-values if descending else values, axis, kind="stable"))


def slice_grad(shape, index):
    return lambda dy: vjp(lambda x: x[index], torch.zeros(shape, dtype=dy.dtype, requires_grad=True), dy)


def batch_norm(epsilon=1e-5):
    def apply(x, weight, bias, mean, variance):
        column = (1, -1, 1, 1)
        normal = (x - mean.view(column)) / (variance.view(column) + epsilon).sqrt()
        return normal * weight.view(column) + bias.view(column)

    return apply


def batch_norm_train(epsilon=1e-5):
    return lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True, 0.1, epsilon)


def with_statistics(x, weight, bias):
    statistics = x.mean((0, 2, 3)) * x.var((0, 2, 3), unbiased=False)
    return batch_norm_train()(x, weight, bias) + statistics.view(-1, 1, 1)


def affine(x, scale, shift):
    return x * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)


def pick(x, i, axis):
    return x.index_select(axis, i.reshape(-1)).reshape(x.shape[:axis] + i.shape + x.shape[axis + 1 :])


FIXED = {
    **binary("Add", torch.add),
    "Add, int32": torch.add,
    "Add, a number": lambda x: x + 2.5,
    "Add, an operand to itself": lambda x: x + x,
    **binary("Sub", torch.sub),
    "Sub, int32": torch.sub,
    "Sub, from a number": lambda x: 1 - x,
    "Sub, an operand from itself": lambda x: x - x,
    **binary("Mul", torch.mul),
    "Mul, int32": torch.mul,
    "Mul, square": torch.square,
    "Mul, broadcast twice": lambda a, b: a * a * b,
    **binary("Div", torch.div),
    "Div, int32": lambda a, b: torch.div(a, b, rounding_mode="trunc"),
    "Div, broadcast twice": torch.div,
    **binary("Pow", torch.pow),
    "Pow, negative base and a whole exponent": lambda x: x**3,
    "Pow, powers of a number": lambda x: 1.7**x,
    **binary("Maximum", torch.maximum),
    "Maximum, int32": torch.maximum,
    **binary("Minimum", torch.minimum),
    "Minimum, int32": torch.minimum,
    **unary("Neg", torch.neg),
    "Neg, int32": torch.neg,
    **unary("Exp", torch.exp),
    "Exp, of a product": lambda a, b: torch.exp(a * b),
    **unary("Log", torch.log),
    **unary("Sqrt", torch.sqrt),
    "Sqrt, twice": torch.sqrt,
    **unary("Reciprocal", torch.reciprocal),
    "Reciprocal, twice": torch.reciprocal,
    **unary("Abs", torch.abs),
    "Clip": lambda x: x.clamp(-1, 0.5),
    "Clip, from below only": lambda x: x.clamp(min=0),
    "Clip, ReLU6": F.relu6,
    "Clip, hard sigmoid": F.hardsigmoid,
    "Clip, hard swish": F.hardswish,
    "Equal, int32": torch.eq,
    "Equal, a number": lambda a: a == 1,
    "Equal, one-hot in front of the last axes": lambda ids: (ids[:, None] == torch.arange(5).view(5, 1, 1)).double(),
    "Equal, one-hot as the last axis": lambda ids: F.one_hot(ids, 3),
    **binary("Greater", torch.gt),
    "Greater, int32": torch.gt,
    "GreaterOrEqual": torch.ge,
    "GreaterOrEqual, int32": torch.ge,
    "Less": torch.lt,
    "Less, int32": torch.lt,
    "LessOrEqual": torch.le,
    "LessOrEqual, int32": torch.le,
    "And": torch.logical_and,
    "And, no axes": torch.logical_and,
    "Not": torch.logical_not,
    "Where": torch.where,
    "Where, all broadcast": torch.where,
    "Where, condition is the largest": torch.where,
    "Where, int32": torch.where,
    "Where, chosen by its own operand": lambda x: torch.where(x > 0, x * x, 1.0),
    "Cast, float32 to int32": lambda x: x.int(),
    "Cast, float32 to bool": lambda x: x.bool(),
    "Cast, int32 to float32": lambda x: x.double(),
    "Cast, bool to float32": lambda x: x.double(),
    "Cast, there and back lets no gradient through": lambda x: x * x.int().double(),
    "Cast, float32 to float32 lets the gradient through": lambda x: x * 1,
    "StopGradient": lambda x: x * x.detach(),
    "StopGradient, of one operand": lambda a, b: a * b.detach(),
    **unary("Relu", F.relu),
    "Relu, of a square, twice": lambda x: F.relu(x**3),
    "ReluGrad": lambda dy, y: dy * (y > 0),
    "ReluGrad, y is exactly 0 or tiny": lambda dy, y: dy * (y > 0),
    "LeakyRelu": F.leaky_relu,
    "LeakyRelu, slope 0.2": lambda x: F.leaky_relu(x, 0.2),
    "Sigmoid": torch.sigmoid,
    "Sigmoid, far out": torch.sigmoid,
    "Tanh": torch.tanh,
    "Softmax, channels": lambda x: F.softmax(x, 1),
    "Softmax, last axis": lambda x: F.softmax(x, -1),
    "Softmax, one axis": lambda x: F.softmax(x, 0),
    "Softmax, one class": lambda x: F.softmax(x, 1),
    "Softmax, large logits": lambda x: F.softmax(x, 1),
    "LogSoftmax, channels": lambda x: F.log_softmax(x, 1),
    "LogSoftmax, first axis": lambda x: F.log_softmax(x, 0),
    "LogSoftmax, one class": lambda x: x + F.log_softmax(x, 1),
    "LogSoftmax, large logits": lambda x: F.log_softmax(x, 1),
    **reductions("ReduceSum", torch.sum),
    **reductions("ReduceMean", torch.mean),
    "ReduceMean, global average pool": lambda x: F.adaptive_avg_pool2d(x, 1),
    **reductions("ReduceMax", torch.amax),
    **reductions("ReduceMin", torch.amin),
    "ArgMax, channels": lambda x: x.argmax(1),
    "ArgMax, last axis kept": lambda x: x.argmax(-1, keepdim=True),
    "ArgMax, ties go to the first": lambda x: torch.tensor(np.argmax(x.detach().numpy(), 1)),
    "ArgMax, int32": lambda x: torch.tensor(np.argmax(x.numpy(), 1)),
    "MatMul, two matrices": torch.matmul,
    "MatMul, a row and a column": torch.matmul,
    "MatMul, an outer product": torch.matmul,
    "MatMul, a turned": lambda a, b: a.mT @ b,
    "MatMul, b turned": lambda a, b: a @ b.mT,
    "MatMul, both turned": lambda a, b: a.mT @ b.mT,
    "MatMul, batches": torch.matmul,
    "MatMul, batches, a turned": lambda a, b: a.mT @ b,
    "MatMul, batches, both turned": lambda a, b: a.mT @ b.mT,
    "MatMul, batches that broadcast": torch.matmul,
    "MatMul, batches that broadcast, b turned": lambda a, b: a @ b.mT,
    "MatMul, a matrix for a batch": torch.matmul,
    "MatMul, a matrix for a batch, a turned": lambda a, b: a.mT @ b,
    "MatMul, a batch for a matrix, b turned": lambda a, b: a @ b.mT,
    "MatMul, with its own transpose": lambda x: x @ x.mT,
    "Reshape": lambda x: x.reshape(4, 6),
    "Reshape, to no axes": lambda x: x.reshape([]),
    "Reshape, from no axes": lambda x: x.reshape(1, 1),
    "Reshape, bool": lambda x: x.reshape(6),
    "Transpose, matrix": lambda x: x.permute(1, 0),
    "Transpose, a cycle of three axes": lambda x: x.permute(1, 2, 0),
    "Transpose, NCHW to NHWC": lambda x: x.permute(0, 2, 3, 1),
    "Transpose, int32": lambda x: x.permute(1, 0),
    "Expand": lambda x: x.expand(2, 3, 4),
    "Expand, a scalar": lambda x: x.expand(2, 2),
    "Expand, bool": lambda x: x.expand(3, 2),
    "Expand, before a product": lambda x, y: x.expand(3, 4) * y,
    "Concat, channels": lambda a, b: torch.cat([a, b], 1),
    "Concat, three along the first axis": lambda a, b, c: torch.cat([a, b, c]),
    "Concat, last axis": lambda a, b: torch.cat([a, b], -1),
    "Concat, a tensor with itself": lambda x: torch.cat([x, x * 2, x], 1),
    "Concat, nine": lambda x: torch.cat([x * (i + 1) for i in range(9)], 1),
    "Concat, int32": lambda a, b: torch.cat([a, b]),
    "Slice": lambda x: x[:, 2:5],
    "Slice, every second": lambda x: x[:, ::2],
    "Slice, every third, the last two left over": lambda x: x[1:9:3],
    "Slice, a step beyond the end": lambda x: x[1:3:4],
    "Slice, the last element": lambda x: x[:, 6:7],
    "Slice, bool": lambda x: x[:, 1:4],
    "SliceGrad": slice_grad((3, 7), (slice(None), slice(2, 5))),
    "SliceGrad, every second": slice_grad((3, 7, 2), (slice(None), slice(0, 7, 2))),
    "SliceGrad, every third": slice_grad((11, 2), (slice(1, 9, 3),)),
    "Pad, every side": lambda x: F.pad(x, (1, 3, 2, 0, 0, 1)),
    "Pad, with a value": lambda x: F.pad(x, (0, 1, 1, 2), value=-1.5),
    "Gather, first axis": lambda x: x[[4, 0, 0, 2]],
    "Gather, last axis": lambda x: x[..., [1, 1, 4]],
    "Gather, indices fed": lambda x, i: pick(x, i, 1),
    "Gather, indices of two axes": lambda x, i: pick(x, i, 0),
    "Gather, one index without axes": lambda x, i: pick(x, i, 1),
    "Gather, edge padding": lambda x: F.pad(x, (1, 3, 2, 1), mode="replicate"),
    "Gather, mirror padding": lambda x: F.pad(x, (1, 3, 2, 1), mode="reflect"),
    "ScatterAdd, first axis": scatter_add(0, 5),
    "ScatterAdd, last axis": scatter_add(2, 4),
    "ScatterAdd, indices of two axes": scatter_add(1, 5),
    "ArgSort, last axis": lambda x: sorted_order(x, -1, False),
    "ArgSort, middle axis, descending": lambda x: sorted_order(x, 1, True),
    "ArgSort, ties keep their order": lambda x: sorted_order(x, 1, False),
    "ArgSort, ties keep their order, descending": lambda x: sorted_order(x, 1, True),
    "ArgSort, int32": lambda x: sorted_order(x, 0, True),
    "TakeAlong, last axis": lambda x, i: x.gather(-1, i),
    "TakeAlong, first axis, more than there are": lambda x, i: x.gather(0, i),
    "TakeAlong, int32": lambda x, i: x.gather(1, i),
    "TakeAlong, sorted": lambda x: x.sort(1, descending=True).values,
    "TakeAlongGrad, last axis": take_along_grad(2, 4),
    "TakeAlongGrad, first axis": take_along_grad(0, 3),
    "CumSum, last axis": lambda x: x.cumsum(-1),
    "CumSum, first axis, reverse": lambda x: x.flip(0).cumsum(0).flip(0),
    "CumSum, of a square, twice": lambda x: (x * x).cumsum(1),
    "CumSum, int32": lambda x: x.cumsum(1),
    "conv2d": F.conv2d,
    "conv2d, same padding": lambda x, w: F.conv2d(F.pad(x, (1, 1, 0, 1)), w, stride=2),
    "conv2d, options for each axis": lambda x, w: F.conv2d(
        x, w, stride=(2, 1), padding=(0, 2), dilation=(1, 2), groups=2
    ),
    "convTranspose2d": lambda y, w: F.conv_transpose2d(y, w, stride=2),
    "convTranspose2d, output padding": lambda y, w: F.conv_transpose2d(y, w, stride=2, padding=1, output_padding=1),
    "convTranspose2d, options for each axis": lambda y, w: F.conv_transpose2d(
        y, w, stride=(3, 1), padding=(0, 1), dilation=(1, 2), groups=2, output_padding=(2, 0)
    ),
    "MaxPool, ties go to the first": lambda x: F.max_pool2d(x, 3, 2),
    "MaxPool, all below zero, padding 1": lambda x: F.max_pool2d(x - 9, 2, 2, 1),
    "MaxPoolGrad, ties go to the first": lambda x, dy: vjp(lambda z: F.max_pool2d(z, 3, 1), x, dy),
    "PixelShuffle, factor 2": lambda x: F.pixel_shuffle(x, 2),
    "PixelShuffle, factor 3, batch 1": lambda x: F.pixel_shuffle(x, 3),
    "PixelUnshuffle, factor 2": lambda x: F.pixel_unshuffle(x, 2),
    "PixelUnshuffle, factor 3, batch 1": lambda x: F.pixel_unshuffle(x, 3),
    "BatchNorm": batch_norm(),
    "BatchNorm, batch 1, one pixel": batch_norm(),
    "BatchNorm, large epsilon": batch_norm(0.1),
    "BatchNormTrain": batch_norm_train(),
    "BatchNormTrain, batch 1": batch_norm_train(),
    "BatchNormTrain, batch 3, one pixel, large epsilon": batch_norm_train(0.1),
    "BatchNormTrain, its statistics used too": with_statistics,
    "ChannelAffine": affine,
    "ChannelAffine, batch 1, one channel": affine,
}

# Convolutions: the arguments of conv2d; `pads` is left, right, top, bottom.
CONVOLUTIONS = {
    "1×1": {},
    "1×1, batch 3": {},
    "1×1 on one pixel": {},
    "1×1, stride 2": {"stride": 2},
    "1×1, padding 1": {"padding": 1},
    "1×1, groups 2": {"groups": 2},
    "3×3": {},
    "3×3, padding 1": {"padding": 1},
    "3×3, padding 1, batch 3": {"padding": 1},
    "3×3, padding 1, many channels, few pixels": {"padding": 1},
    "3×3, padding 1, many channels, one picture": {"padding": 1},
    "3×3, padding 2": {"padding": 2},
    "3×3, padding 3": {"padding": 3},
    "3×3, uneven padding": {"pads": (1, 1, 0, 2)},
    "3×3, uneven padding, stride 2": {"pads": (1, 1, 0, 2), "stride": 2},
    "3×3, stride 2, padding 1": {"stride": 2, "padding": 1},
    "3×3, stride 2, padding 1, last row and column unused": {"stride": 2, "padding": 1},
    "3×3, stride 3, last rows and columns unused": {"stride": 3},
    "3×3, stride 2 by 1": {"stride": (2, 1), "padding": 1},
    "5×3, padding 2 by 1": {"padding": (2, 1)},
    "7×7, stride 2, padding 3": {"stride": 2, "padding": 3},
    "7×7, stride 2, padding 3, even size": {"stride": 2, "padding": 3},
    "3×3, dilation 2, padding 2": {"dilation": 2, "padding": 2},
    "3×3, dilation 1 by 2, stride 2": {"dilation": (1, 2), "stride": 2},
    "3×3, groups 2": {"groups": 2, "padding": 1},
    "3×3, groups 2, stride 2": {"groups": 2, "stride": 2, "padding": 1},
    "3×3, depthwise": {"groups": 4, "padding": 1},
    "3×3, depthwise, two outputs a channel": {"groups": 3, "padding": 1},
    "3×3, depthwise, stride 2, dilation 2": {"groups": 3, "stride": 2, "dilation": 2, "padding": 2},
    "5×5, depthwise, stride 2, uneven padding": {"groups": 3, "stride": 2, "pads": (1, 2, 1, 2)},
    "2×2, stride 2, last row and column unused": {"stride": 2},
    "2×2, stride 1, padding 1": {"padding": 1},
    "kernel smaller than the stride": {"stride": (3, 2)},
    "kernel as large as the picture": {},
}


def convolution(pads=(0, 0, 0, 0), **options):
    return lambda x, w, b=None: F.conv2d(F.pad(x, pads), w, b, **options)


def convolution_cases(name, options, leaves):
    conv = convolution(**options)
    zeros = {key: torch.zeros(leaves[key]["shape"], dtype=torch.float64, requires_grad=True) for key in "xw"}
    return {
        f"Conv, {name}": conv,
        f"ConvTranspose, {name}": lambda y, w: vjp(lambda x: conv(x, w), zeros["x"], y),
        f"ConvWeightGrad, {name}": lambda x, dy: vjp(lambda w: conv(x, w), zeros["w"], dy),
    }


# Pooling: kernel, stride, padding.
POOLINGS = {
    "2×2": (2, 2, 0),
    "2×2 on odd sizes": (2, 2, 0),
    "3×3, stride 2, padding 1": (3, 2, 1),
    "3×3, stride 2, padding 1, even size": (3, 2, 1),
    "3×3, stride 1, padding 1": (3, 1, 1),
    "3×2, stride 1 by 3, padding 1 by 0": ((3, 2), (1, 3), (1, 0)),
    "1×1, stride 3": (1, 3, 0),
    "kernel as large as the picture": ((3, 5), (3, 5), 0),
}


def pooling_cases(name, options):
    return {
        f"MaxPool, {name}": lambda x: F.max_pool2d(x, *options),
        f"MaxPoolGrad, {name}": lambda x, dy: vjp(lambda z: F.max_pool2d(z, *options), x, dy),
        f"AveragePool, {name}": lambda x: F.avg_pool2d(x, *options),
        f"AveragePool, {name}, padding not counted": lambda x: F.avg_pool2d(x, *options, count_include_pad=False),
    }


RESIZES = ["5×7 to 10×14", "5×7 to 11×13", "5×7 to 9×5", "5×7 to 3×4", "3×5 to 1×1", "1×1 to 3×4", "4×3 to 1×9", "2×1 to 82×1"]


def resize_cases(sizes):
    size = [int(n) for n in sizes.split(" to ")[1].split("×")]
    return {
        f"Resize, nearest, {sizes}": lambda x: F.interpolate(x, size, mode="nearest"),
        f"Resize, bilinear, {sizes}": lambda x: F.interpolate(x, size, mode="bilinear", align_corners=False),
        f"Resize, bilinear-align-corners, {sizes}": lambda x: F.interpolate(
            x, size, mode="bilinear", align_corners=True
        ),
    }


def gradient_of(function, wrt):
    """The gradients by all leaves of `wrt`, flat and one after the other, weighted with the last operand."""

    def apply(**leaves):
        cotangent = leaves.pop("cotangent")
        y = function(*leaves.values())
        grads = torch.autograd.grad(y, [leaves[key] for key in wrt], cotangent, create_graph=True)
        return torch.cat([grad.reshape(-1) for grad in grads])

    return apply


# --- the file ---


def rounded(tensor):
    return [float(f"{float(value):.7g}") + 0.0 for value in tensor.detach().reshape(-1)]


def evaluate(case, function):
    leaves = {key: fill(leaf, f"{case['name']}/{key}") for key, leaf in case["leaves"].items()}
    y = function(**leaves) if "gradientOf" in case else function(*leaves.values())
    grads = {}
    if case["wrt"]:
        cotangent = fill(uniform(y.shape), f"{case['name']}/cotangent")
        wrt = [leaves[key] for key in case["wrt"]]
        found = (
            torch.autograd.grad((y * cotangent).sum(), wrt, allow_unused=True) if y.requires_grad else [None] * len(wrt)
        )
        grads = {
            key: rounded(torch.zeros_like(leaf) if grad is None else grad)
            for key, leaf, grad in zip(case["wrt"], wrt, found)
        }
    shapes = {key: leaf["shape"] for key, leaf in case["leaves"].items()}
    return {"leaves": shapes, "shape": list(y.shape), "y": rounded(y), "gradients": grads}


def main():
    printed = subprocess.run(
        ["node", "--import", "tsx", "test/ops/print-cases.ts"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    cases = {case["name"]: case for case in json.loads(printed.stdout)}
    functions = dict(FIXED)
    for name, options in CONVOLUTIONS.items():
        functions |= convolution_cases(name, options, cases[f"Conv, {name}"]["leaves"])
    for name, options in POOLINGS.items():
        functions |= pooling_cases(name, options)
    for sizes in RESIZES:
        functions |= resize_cases(sizes)
    lines = []
    for name, case in cases.items():
        of = case.get("gradientOf")
        function = gradient_of(functions[of], cases[of]["wrt"]) if of else functions[name]
        result = json.dumps(evaluate(case, function), separators=(",", ":"))
        lines.append(f"{json.dumps(name, ensure_ascii=False)}: {result}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (ROOT / "test" / "golden" / "ops.json").write_text(text, encoding="utf-8")
    print(f"{len(lines)} cases, {len(text.encode()) // 1024} KiB")


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
