"""fastai's DynamicUnet on a ResNet-18 or -34 encoder, in plain PyTorch: the network that segkit is measured against.

The parameter names are fastai's (and segkit's), so weights move either way; no torchvision is needed.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}


def conv_relu(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    nn.init.zeros_(conv.bias)
    return nn.Sequential(conv, nn.ReLU(inplace=True))


def batch_norm(channels: int, bias: float) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.constant_(norm.bias, bias)
    return norm


def resize_to(x: Tensor, like: Tensor) -> Tensor:
    """Nearest resize to the height and width of `like`; nothing to do at most sizes."""
    return x if x.shape[-2:] == like.shape[-2:] else F.interpolate(x, like.shape[-2:], mode="nearest")


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut, with torchvision's names."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += shortcut
        return F.relu(y, inplace=True)


class Encoder(nn.Sequential):
    """torchvision's ResNet up to its last stage; gives every stage's output, the stem's first."""

    def __init__(self, blocks: tuple[int, ...]):
        stem = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        stages, inputs = [], 64
        for stage, count in enumerate(blocks):
            outputs = 64 << stage
            first = BasicBlock(inputs, outputs, 1 if stage == 0 else 2)
            stages.append(nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(count - 1))))
            inputs = outputs
        super().__init__(stem, nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1), *stages)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, image: Tensor) -> list[Tensor]:
        conv, norm, relu, pool, *stages = self
        features = [relu(norm(conv(image)))]
        x = pool(features[0])
        for stage in stages:
            x = stage(x)
            features.append(x)
        return features


class PixelShuffle(nn.Module):
    """1x1 convolution and pixel shuffle: twice the height and width. ICNR: starts as a nearest resize."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv = conv_relu(inputs, 4 * outputs, 1)
        weight = self.conv[0].weight
        weight.data = weight.data[:outputs].repeat_interleave(4, dim=0)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x), 2)


class UnetBlock(nn.Module):
    def __init__(self, inputs: int, skip: int, final: bool):
        super().__init__()
        width = inputs // 2 + skip
        self.outputs = width // 2 if final else width
        self.shuf = PixelShuffle(inputs, inputs // 2)
        self.bn = batch_norm(skip, 1e-3)
        self.conv1 = conv_relu(width, self.outputs)
        self.conv2 = conv_relu(self.outputs, self.outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        up = resize_to(self.shuf(x), skip)
        # fastai takes the ReLU of the whole concatenation; `up` already is one.
        return self.conv2(self.conv1(torch.cat([up, F.relu(self.bn(skip), inplace=True)], 1)))


class ResidualBlock(nn.Module):
    def __init__(self, channels: int, bottle: bool):
        super().__init__()
        inner = channels // 2 if bottle else channels
        self.layers = nn.ModuleList([conv_relu(channels, inner), conv_relu(inner, channels)])

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[1](self.layers[0](x)) + x


class Unet(nn.Module):
    """Logits [N, classes, H, W] of normalised images [N, 3, H, W], at even and odd sizes.

    The names are those of a fastai network built at an even size: at odd sizes fastai puts in one more layer.
    """

    def __init__(self, classes: int, encoder: str = "resnet34", bottle: bool = False):
        super().__init__()
        blocks, x = [], 512
        for stage, skip in enumerate((256, 128, 64, 64)):
            blocks.append(UnetBlock(x, skip, final=stage == 3))
            x = blocks[-1].outputs
        classify = nn.Conv2d(x + 3, classes, 1)
        nn.init.kaiming_normal_(classify.weight, nonlinearity="relu")
        nn.init.zeros_(classify.bias)
        self.layers = nn.ModuleList(
            [
                Encoder(BLOCKS[encoder]),
                batch_norm(512, 1e-3),
                nn.ReLU(inplace=True),
                nn.Sequential(conv_relu(512, 1024), conv_relu(1024, 512)),
                *blocks,
                PixelShuffle(x, x),
                nn.Identity(),  # the concatenation with the image
                ResidualBlock(x + 3, bottle),
                nn.Sequential(classify),
            ]
        )

    def forward(self, image: Tensor) -> Tensor:
        encoder, norm, relu, middle, *blocks, shuffle, _, residual, classify = self.layers
        *skips, x = encoder(image)
        x = middle(relu(norm(x)))
        for block, skip in zip(blocks, reversed(skips)):
            x = block(x, skip)
        x = torch.cat([resize_to(shuffle(x), image), image], 1)
        return classify(residual(x))


def unet_of(state: dict[str, Tensor]) -> Unet:
    """The network that a state dict belongs to, with its weights; counters of BatchNorm may be missing."""
    encoder = "resnet34" if "layers.0.4.2.conv1.weight" in state else "resnet18"
    inner, channels = state["layers.10.layers.0.0.weight"].shape[:2]
    model = Unet(state["layers.11.0.weight"].shape[0], encoder, bottle=inner < channels)
    model.load_state_dict(state)
    return model
