"""Runs FOLDER/model.onnx on FOLDER/pictures.bin, uint8 [n, height, width, 3], and writes FOLDER/ids.bin, uint8 [n, height, width].

    python peers/everywhere.py FOLDER N HEIGHT WIDTH

Needs onnx, onnxruntime and numpy. The file goes through the ONNX project's own checker first. What the input and the output are is
read from its own metadata.
"""

import json
import pathlib
import platform
import sys

import numpy
import onnx
import onnxruntime

folder = pathlib.Path(sys.argv[1])
shape = [int(text) for text in sys.argv[2:5]]
onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
spec = json.loads(session.get_modelmeta().custom_metadata_map["seg.spec"])
pixels = numpy.fromfile(folder / "pictures.bin", numpy.uint8).reshape(*shape, 3)
mean, std = (numpy.array(spec["stats"][key], numpy.float32) for key in ("mean", "std"))
values = ((pixels.astype(numpy.float32) / 255 - mean) / std).transpose(0, 3, 1, 2)
(logits,) = session.run([spec["output"]["name"]], {spec["input"]["name"]: numpy.ascontiguousarray(values, numpy.float32)})
logits.argmax(1).astype(numpy.uint8).tofile(folder / "ids.bin")
print(f"checked by onnx {onnx.__version__}; ONNX Runtime {onnxruntime.__version__}, Python {platform.python_version()}")
