"""Reads a log through TensorBoard's own code and compares it with what segkit says it logged.

python tensorboard_check.py FOLDER TOLD.json; written by bench/tensorboard.ts. Needs tensorboard, pillow and numpy.
"""

import base64
import io
import json
import sys

import numpy as np
import tensorboard
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main(folder, told_file):
    with open(told_file, encoding="utf-8") as file:
        told = json.load(file)
    kept = {"scalars": 0, "images": 0, "histograms": 0}  # 0: all of them
    log = EventAccumulator(folder, size_guidance=kept).Reload()

    scalars = {tag: log.Scalars(tag) for tag in log.Tags()["scalars"]}
    same_tags("scalars", scalars, told["scalars"])
    for tag, points in scalars.items():
        # A file holds float32.
        expected = [(int(step), float(np.float32(value))) for step, value in told["scalars"][tag].items()]
        same(tag, [(point.step, point.value) for point in points], sorted(expected))

    images = {tag: log.Images(tag) for tag in log.Tags()["images"]}
    shown = {tag: steps for tag, steps in told["images"].items() if tag in images}
    if not shown or len({tag.split("/")[1] for tag in shown}) != 3 or len(shown) != 9:
        fail(f"expected 3 pictures of 3 kinds, but TensorBoard has {sorted(images)}")
    same_tags("images", images, shown)
    shape = (told["height"], told["width"])
    for tag, pictures in images.items():
        same(tag, [each.step for each in pictures], sorted(int(step) for step in shown[tag]))
        for each in pictures:
            same(f"{tag}: its size", (each.height, each.width), shape)
            pixels = np.asarray(Image.open(io.BytesIO(each.encoded_image_string)).convert("RGB"))
            raw = np.frombuffer(base64.b64decode(shown[tag][str(each.step)]), np.uint8)
            colours = raw.reshape(*shape, 3) if tag.endswith("/picture") else coloured(raw.reshape(shape), told["palette"])
            if not np.array_equal(pixels, colours):
                fail(f"{tag} at step {each.step}: other pixels")

    histograms = {tag: log.Histograms(tag) for tag in log.Tags()["histograms"]}
    same_tags("histograms", histograms, told["histograms"])
    for tag, points in histograms.items():
        found = [(point.step, [v.min, v.max, v.num, sum(v.bucket)]) for point in points for v in [point.histogram_value]]
        expected = [(int(step), [*value, value[2]]) for step, value in told["histograms"][tag].items()]
        same(tag, found, sorted(expected))

    counts = [sum(len(points) for points in kind.values()) for kind in (scalars, images, histograms)]
    print(
        f"TensorBoard {tensorboard.__version__} reads back as logged: {counts[0]} numbers under {len(scalars)} tags, "
        f"{counts[1]} pictures under {len(images)}, {counts[2]} histograms under {len(histograms)}"
    )


def coloured(ids, palette):
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(palette)] = palette
    return colours[ids]


def same_tags(kind, found, expected):
    same(f"tags of {kind}", sorted(found), sorted(expected))


def same(what, found, expected):
    if found != expected:
        fail(f"{what}: expected {expected}, but TensorBoard has {found}")


def fail(message):
    sys.exit(f"tensorboard_check: {message}")


main(*sys.argv[1:])
