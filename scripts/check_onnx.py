"""Checks exported ONNX files with the ONNX project's own checker, runs them in ONNX Runtime for Python and compares what they give.

    python scripts/check_onnx.py model.onnx [more.onnx ...]

Needs onnx, onnxruntime and numpy. All files are to be of one model: those after the first are compared with it on drawn pictures,
classes by classes and, where both give them, logits by logits. Prints one line for each file and ends with 1 where one is wrong or
differs by more than its precision may.
"""

import json
import sys

import numpy
import onnx
import onnxruntime

SIZES = [(1, 96, 128), (2, 65, 95), (1, 33, 47)]
# The share of pixels with the first file's class, and how far logits may be from its own, as a share of the largest. Drawn pictures have
# values that int8 was not calibrated for.
LIMITS = {"fp32": (0.9999, 1e-3), "fp16": (0.98, 0.03), "int8": (0.7, None)}
# As good as the best class, as a share of the largest logit.
TIE = 1e-4


def drawn(random, n, height, width):
    """Coarse patches of colour with noise over them, uint8 [n, 3, height, width]."""
    patches = random.integers(0, 256, (n, 3, -(-height // 8), -(-width // 8))).repeat(8, 2).repeat(8, 3)
    noise = random.normal(0, 20, (n, 3, height, width))
    return numpy.clip(patches[:, :, :height, :width] + noise, 0, 255).astype(numpy.uint8)


def results(path):
    """What a file gives for the drawn pictures, and what it says of itself."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    spec = json.loads({entry.key: entry.value for entry in model.metadata_props}["seg.spec"])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(1)
    found = []
    for n, height, width in SIZES:
        pixels = drawn(random, n, height, width)
        if spec["input"]["layout"] == "NHWC":
            pixels = pixels.transpose(0, 2, 3, 1)
        if spec["input"]["dtype"] == "float32":
            mean, std = (numpy.array(spec["stats"][key], numpy.float32).reshape(3, 1, 1) for key in ("mean", "std"))
            pixels = ((pixels.astype(numpy.float32) / 255 - mean) / std).astype(numpy.float32)
        (result,) = session.run([spec["output"]["name"]], {spec["input"]["name"]: numpy.ascontiguousarray(pixels)})
        classes = [len(spec["names"])] if spec["output"]["kind"] == "logits" else []
        expected = (n, *classes, height, width)
        if result.shape != expected:
            raise ValueError(f"expected a result of {expected}, but received {result.shape}")
        if not numpy.isfinite(result).all():
            raise ValueError("the result is not finite")
        found.append(result)
    return model, spec, found


def compare(spec, found, logits):
    """How a file compares with the logits of the first one; raises ValueError where it is too far from them."""
    least, most = LIMITS[spec["precision"]]
    same, pixels, ties, difference = 0, 0, 0, 0.0
    for result, expected in zip(found, logits):
        largest = numpy.abs(expected).max()
        ids = result.argmax(1) if spec["output"]["kind"] == "logits" else result.astype(numpy.int64)
        best = expected.argmax(1)
        below = expected.max(1) - numpy.take_along_axis(expected, ids[:, None], 1)[:, 0]
        ties += ((ids != best) & (below <= TIE * largest)).sum()
        same += (ids == best).sum()
        pixels += best.size
        if spec["output"]["kind"] == "logits":
            difference = max(difference, float(numpy.abs(result - expected).max() / largest))
    share = same / (pixels - ties)
    text = f"{100 * share:.3f} % of the first file's classes ({ties} ties aside)"
    if spec["output"]["kind"] == "logits":
        text += f", logits within {difference:.1e} of the largest"
    if share < least or (most is not None and difference > most):
        raise ValueError(f"{text}; expected {100 * least} %" + ("" if most is None else f" and {most}"))
    return text


failed = False
logits = None
for path in sys.argv[1:]:
    try:
        model, spec, found = results(path)
        shapes = ", ".join("x".join(map(str, result.shape)) for result in found)
        line = f"opset {model.opset_import[0].version}, IR {model.ir_version}, {len(model.graph.node)} nodes, gives {shapes}"
        if logits is not None:
            line += f"; {compare(spec, found, logits)}"
        elif spec["output"]["kind"] == "logits":
            logits = found
        print(f"{path}: {line}")
    except Exception as error:  # each file is reported, whatever is wrong with it
        failed = True
        print(f"{path}: {error}")
sys.exit(failed)
