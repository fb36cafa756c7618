"""Times PyTorch's prediction: the class of every pixel of one picture. See README.md for the protocol."""

import argparse
import platform
import time
from pathlib import Path

import torch

from problem import read_problem
from step import LAYOUTS, peak_bytes, problem_parser, say, serve
from torch_unet import Unet

MODES = ("eager", "jit", "compile")


def options() -> argparse.Namespace:
    parser = problem_parser(__doc__, batch=1, size="360x480")
    parser.add_argument("--mode", choices=MODES, default="eager")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--problem", type=Path, help="folder with the weights and the batch; random ones if left out")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Prediction(torch.nn.Module):
    """Pictures [N, 3, H, W] to the class of every pixel, uint8 [N, H, W]."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(images).argmax(1).to(torch.uint8)


def prediction(args: argparse.Namespace, network: Unet, images: torch.Tensor) -> torch.nn.Module:
    model = Prediction(network).to(memory_format=LAYOUTS[args.layout]).eval()
    if args.mode == "jit":
        # Freezing folds batch norm and weight layouts into the program.
        return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, images)))
    return torch.compile(model) if args.mode == "compile" else model


@torch.inference_mode()
def main() -> None:
    args = options()
    torch.set_num_threads(args.threads)
    imported = peak_bytes()
    torch.manual_seed(args.seed)
    height, width = map(int, args.size.split("x"))
    network = Unet(args.classes, args.encoder)
    images = torch.randn(args.batch, 3, height, width)
    if args.problem:
        read_problem(args.problem, network, images, torch.empty(args.batch, height, width, dtype=torch.int64))
    images = images.contiguous(memory_format=LAYOUTS[args.layout])
    start = time.perf_counter()
    predict = prediction(args, network, images)
    for _ in range(args.warmup):
        predict(images)
    say(
        {
            "ready": True,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "capability": torch.backends.cpu.get_cpu_capability(),
            "threads": torch.get_num_threads(),
            "layout": args.layout,
            "mode": args.mode,
            "setup": time.perf_counter() - start,
            "importBytes": imported,
        }
    )

    def turn() -> dict:
        start = time.perf_counter()
        predict(images)
        return {"seconds": time.perf_counter() - start}

    serve(turn)


if __name__ == "__main__":
    main()
