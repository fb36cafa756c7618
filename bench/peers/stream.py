"""Times pictures from JPEG files to PNG masks with PyTorch and Pillow: seconds of one while others are read and written.

Two threads read and write, the main one computes. See README.md for the protocol.
"""

import argparse
import platform
import tempfile
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import torch
from PIL import Image, __version__ as pillow

from problem import read_problem
from step import LAYOUTS, peak_bytes, problem_parser, say, serve
from torch_unet import Unet

AHEAD = 3


def options() -> argparse.Namespace:
    parser = problem_parser(__doc__, batch=1, size="360x480")
    parser.add_argument("--problem", type=Path, help="folder with the weights; random ones if left out")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/")
    parser.add_argument("--pictures", type=int, default=12)
    return parser.parse_args()


class Stream:
    def __init__(self, args: argparse.Namespace, out: Path):
        height, width = map(int, args.size.split("x"))
        network = Unet(args.classes, args.encoder)
        if args.problem:
            images = torch.empty(args.batch, 3, height, width)
            read_problem(args.problem, network, images, torch.empty(args.batch, height, width, dtype=torch.int64))
        self.layout = LAYOUTS[args.layout]
        self.network = network.to(memory_format=self.layout).eval()
        self.files = sorted((args.data / "images").iterdir())[: args.pictures]
        self.out = out
        self.palette = [value for i in range(args.classes) for value in (20 * i, 255 - 20 * i, 128)]
        self.mean = torch.tensor([0.485, 0.456, 0.406])
        self.std = torch.tensor([0.229, 0.224, 0.225])
        self.pool = ThreadPoolExecutor(2)

    def read(self, file: Path) -> torch.Tensor:
        pixels = torch.from_numpy(numpy.array(Image.open(file).convert("RGB"))).float()
        normal = (pixels / 255 - self.mean) / self.std
        return normal.permute(2, 0, 1)[None].contiguous(memory_format=self.layout)

    @torch.inference_mode()
    def predict(self, picture: torch.Tensor) -> torch.Tensor:
        return self.network(picture).argmax(1).to(torch.uint8)[0]

    def write(self, file: Path, mask: torch.Tensor) -> None:
        image = Image.fromarray(mask.numpy())
        image.putpalette(self.palette)
        image.save(self.out / f"{file.stem}.png")

    def turn(self) -> float:
        start = time.perf_counter()
        waiting = deque(self.files)
        reading = deque(self.pool.submit(self.read, waiting.popleft()) for _ in range(min(AHEAD, len(waiting))))
        written = []
        for file in self.files:
            picture = reading.popleft().result()
            if waiting:
                reading.append(self.pool.submit(self.read, waiting.popleft()))
            written.append(self.pool.submit(self.write, file, self.predict(picture)))
        for each in written:
            each.result()
        return (time.perf_counter() - start) / len(self.files)


def main() -> None:
    args = options()
    torch.set_num_threads(args.threads)
    imported = peak_bytes()
    with tempfile.TemporaryDirectory() as out:
        stream = Stream(args, Path(out))
        stream.turn()
        say(
            {
                "ready": True,
                "torch": torch.__version__,
                "python": platform.python_version(),
                "pillow": pillow,
                "threads": torch.get_num_threads(),
                "layout": args.layout,
                "importBytes": imported,
            }
        )
        serve(lambda: {"seconds": stream.turn()})


if __name__ == "__main__":
    main()
