"""Checks exported ONNX files with the ONNX project's own checker and runs them in ONNX Runtime for Python.

    python scripts/check_onnx.py model.onnx [more.onnx ...]

Needs onnx, onnxruntime and numpy. Prints one line for each file and ends with 1 where one is wrong.
"""

import json
import sys

import numpy
import onnx
import onnxruntime


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    spec = json.loads({entry.key: entry.value for entry in model.metadata_props}["seg.spec"])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(1)
    shapes = []
    for n, height, width in [(1, 96, 128), (2, 65, 95), (1, 33, 47)]:
        pixels = random.integers(0, 256, (n, 3, height, width), dtype=numpy.uint8)
        if spec["input"]["layout"] == "NHWC":
            pixels = pixels.transpose(0, 2, 3, 1)
        if spec["input"]["dtype"] == "float32":
            mean, std = (numpy.array(spec["stats"][key], numpy.float32).reshape(3, 1, 1) for key in ("mean", "std"))
            pixels = ((pixels.astype(numpy.float32) / 255 - mean) / std).astype(numpy.float32)
        (result,) = session.run([spec["output"]["name"]], {spec["input"]["name"]: pixels})
        classes = [len(spec["names"])] if spec["output"]["kind"] == "logits" else []
        expected = (n, *classes, height, width)
        if result.shape != expected:
            raise ValueError(f"expected a result of {expected}, but received {result.shape}")
        if not numpy.isfinite(result).all():
            raise ValueError("the result is not finite")
        shapes.append("x".join(map(str, result.shape)))
    opset = model.opset_import[0].version
    return f"opset {opset}, IR {model.ir_version}, {len(model.graph.node)} nodes, gives {', '.join(shapes)}"


failed = False
for path in sys.argv[1:]:
    try:
        print(f"{path}: {check(path)}")
    except Exception as error:  # each file is reported, whatever is wrong with it
        failed = True
        print(f"{path}: {error}")
sys.exit(failed)
