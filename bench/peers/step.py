"""Times PyTorch's training step: forward, cross entropy, backward, AdamW. See README.md for the protocol."""

import argparse
import json
import platform
import resource
import sys
import time

import torch
import torch.nn.functional as F

from torch_unet import BLOCKS, Unet

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", default="192x256", help="HxW")
    parser.add_argument("--classes", type=int, default=12)
    parser.add_argument("--encoder", choices=BLOCKS, default="resnet34")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layout", choices=LAYOUTS, default="contiguous")
    parser.add_argument("--compile", type=int, choices=(0, 1), default=0)
    parser.add_argument("--optimizer", choices=("fused", "foreach", "single"), default="fused")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=0, help="run so many steps at once; 0: one per line of input")
    parser.add_argument("--phases", action="store_true", help="time forward, backward and optimizer once, too")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Step:
    """One training step after the other on the same random batch."""

    def __init__(self, args: argparse.Namespace):
        height, width = map(int, args.size.split("x"))
        torch.manual_seed(args.seed)
        layout = LAYOUTS[args.layout]
        self.model = Unet(args.classes, args.encoder).to(memory_format=layout).train()
        self.images = torch.randn(args.batch, 3, height, width).contiguous(memory_format=layout)
        self.masks = torch.randint(args.classes, (args.batch, height, width))
        implementation = {} if args.optimizer == "single" else {args.optimizer: True}
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.01, **implementation
        )
        self.loss = torch.compile(self.forward) if args.compile else self.forward

    def forward(self) -> torch.Tensor:
        return F.cross_entropy(self.model(self.images), self.masks)

    def run(self) -> dict[str, float]:
        """Seconds of the whole step and of its parts, and the loss before the step."""
        marks = [time.perf_counter()]
        loss = self.loss()
        marks.append(time.perf_counter())
        loss.backward()
        marks.append(time.perf_counter())
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        marks.append(time.perf_counter())
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


def main() -> None:
    args = options()
    torch.set_num_threads(args.threads)
    imported = peak_bytes()
    step = Step(args)
    for _ in range(args.warmup):
        step.run()
    ready = {
        "ready": True,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "layout": args.layout,
        "compile": bool(args.compile),
        "optimizer": args.optimizer,
        "parameters": sum(p.numel() for p in step.model.parameters()),
        "importBytes": imported,
    }
    if args.phases:
        ready["phases"] = {name: s for name, s in step.run().items() if name != "loss"}
    say(ready)
    for command in ["step\n"] * args.repeats or iter(sys.stdin.readline, ""):
        if command.strip() == "end":
            break
        if command.strip() != "step":
            raise SystemExit(f'step.py: expected "step" or "end", but received {command.strip()!r}')
        result = step.run()
        say({"seconds": result["seconds"], "loss": result["loss"]})
    say({"peakBytes": peak_bytes()})


if __name__ == "__main__":
    main()
