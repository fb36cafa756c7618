"""Times PyTorch's training step: forward, cross entropy, backward, AdamW. See README.md for the protocol."""

import argparse
import json
import platform
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F

from problem import read_problem
from torch_unet import BLOCKS, Unet

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def problem_parser(description: str, batch: int, size: str) -> argparse.ArgumentParser:
    """The options of every program that computes a problem."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--size", default=size, help="HxW")
    parser.add_argument("--classes", type=int, default=12)
    parser.add_argument("--encoder", choices=BLOCKS, default="resnet34")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layout", choices=LAYOUTS, default="contiguous")
    return parser


def options() -> argparse.Namespace:
    parser = problem_parser(__doc__, batch=4, size="192x256")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--amp", action="store_true", help="float16 where PyTorch's autocast uses it, loss scaled")
    parser.add_argument("--compile", type=int, choices=(0, 1), default=0)
    parser.add_argument("--optimizer", choices=("fused", "foreach", "single"), default="fused")
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=0, help="run so many steps at once; 0: one per line of input")
    parser.add_argument("--phases", action="store_true", help="time forward, backward and optimizer once, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--problem", type=Path, help="folder with the weights and the batch; random ones if left out")
    return parser.parse_args()


class Step:
    """One training step after the other on the same random batch."""

    def __init__(self, args: argparse.Namespace):
        height, width = map(int, args.size.split("x"))
        torch.manual_seed(args.seed)
        layout = LAYOUTS[args.layout]
        self.model = Unet(args.classes, args.encoder).to(memory_format=layout).train()
        self.images = torch.randn(args.batch, 3, height, width)
        self.masks = torch.randint(args.classes, (args.batch, height, width))
        if args.problem:
            read_problem(args.problem, self.model, self.images, self.masks)
        self.device = args.device
        self.model = self.model.to(args.device)
        self.images = self.images.contiguous(memory_format=layout).to(args.device)
        self.masks = self.masks.to(args.device)
        self.amp = args.amp
        self.scaler = torch.amp.GradScaler(args.device, enabled=args.amp)
        implementation = {} if args.optimizer == "single" else {args.optimizer: True}
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.01, **implementation
        )
        self.loss = torch.compile(self.forward) if args.compile else self.forward

    def forward(self) -> torch.Tensor:
        with torch.autocast(self.device, torch.float16, enabled=self.amp):
            return F.cross_entropy(self.model(self.images), self.masks)

    def now(self) -> float:
        """The time when the device has done all it was given."""
        if self.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    def run(self) -> dict[str, float]:
        """Seconds of the whole step and of its parts, and the loss before the step."""
        marks = [self.now()]
        loss = self.loss()
        marks.append(self.now())
        self.scaler.scale(loss).backward()
        marks.append(self.now())
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        marks.append(self.now())
        forward, backward, optimizer = (end - start for start, end in zip(marks, marks[1:]))
        return {
            "seconds": marks[-1] - marks[0],
            "loss": loss.item(),
            "forward": forward,
            "backward": backward,
            "optimizer": optimizer,
        }


def peak_bytes() -> int:
    """Most memory this process has held so far, libraries included.

    On Linux ru_maxrss may be the parent's figure from before the fork; the process's own status is not.
    """
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return rss if sys.platform == "darwin" else rss * 1024


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


def serve(turn: Callable[[], dict], repeats: int = 0) -> None:
    """Answers every "step" of standard input with a turn, and "end" with the peak memory; or takes so many turns at once."""
    for command in ["step\n"] * repeats or iter(sys.stdin.readline, ""):
        if command.strip() == "end":
            break
        if command.strip() != "step":
            raise SystemExit(f'{Path(sys.argv[0]).name}: expected "step" or "end", but received {command.strip()!r}')
        say(turn())
    say({"peakBytes": peak_bytes()})


def main() -> None:
    args = options()
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("step.py: error: PyTorch finds no CUDA device")
    torch.set_num_threads(args.threads)
    imported = peak_bytes()
    step = Step(args)
    losses = [step.run()["loss"] for _ in range(args.warmup)]
    ready = {
        "ready": True,
        "firstLoss": losses[0] if losses else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
        "layout": args.layout,
        "compile": bool(args.compile),
        "optimizer": args.optimizer,
        "parameters": sum(p.numel() for p in step.model.parameters()),
        "importBytes": imported,
    }
    if args.phases:
        ready["phases"] = {name: s for name, s in step.run().items() if name != "loss"}
    say(ready)
    def turn() -> dict:
        result = step.run()
        return {"seconds": result["seconds"], "loss": result["loss"]}

    serve(turn, args.repeats)


if __name__ == "__main__":
    main()
