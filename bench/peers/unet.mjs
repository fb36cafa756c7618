// The network of torch_unet.py over any library's operators: DynamicUnet on a ResNet-18 or -34.

/** @type {Record<string, readonly number[]>} */
const blocks = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] };

/**
 * Logits of a batch of images.
 *
 * `ops` brings the operators in its own layout: `conv(x, weight, bias | undefined, stride)`, padded by half the kernel;
 * `batchNorm(x, name)`, `relu`, `maxPool` (3×3, stride 2, padding 1), `add`, `concat` over channels, `pixelShuffle`
 * (by 2), `resizeTo(x, like)` (nearest), and `again(x)` for a value that is used once more. `parameter(name)` gives
 * a weight by its name in PyTorch.
 */
export function unet(ops, parameter, encoder, images) {
  const { again, relu, add, concat } = ops;
  const conv = (x, name, { bias = true, stride = 1 } = {}) =>
    ops.conv(x, parameter(`${name}.weight`), bias ? parameter(`${name}.bias`) : undefined, stride);
  const convRelu = (x, name) => relu(conv(x, `${name}.0`));
  const basicBlock = (x, name, stride, widens) => {
    const plain = { bias: false };
    const shortcut = widens
      ? ops.batchNorm(conv(again(x), `${name}.downsample.0`, { bias: false, stride }), `${name}.downsample.1`)
      : again(x);
    const inner = relu(ops.batchNorm(conv(x, `${name}.conv1`, { bias: false, stride }), `${name}.bn1`));
    return relu(add(ops.batchNorm(conv(inner, `${name}.conv2`, plain), `${name}.bn2`), shortcut));
  };
  const upsample = (x, name) => ops.pixelShuffle(convRelu(x, `${name}.conv`));

  let x = relu(ops.batchNorm(conv(again(images), "layers.0.0", { bias: false, stride: 2 }), "layers.0.1"));
  const skips = [again(x)];
  x = ops.maxPool(x);
  for (const [stage, count] of blocks[encoder].entries()) {
    for (let i = 0; i < count; i++) {
      const first = stage > 0 && i === 0;
      x = basicBlock(x, `layers.0.${stage + 4}.${i}`, first ? 2 : 1, first);
    }
    if (stage < 3) skips.push(again(x));
  }
  x = convRelu(convRelu(relu(ops.batchNorm(x, "layers.1")), "layers.3.0"), "layers.3.1");
  for (let i = 4; i < 8; i++) {
    const skip = skips.pop();
    const up = ops.resizeTo(upsample(x, `layers.${i}.shuf`), skip);
    const both = concat(up, relu(ops.batchNorm(skip, `layers.${i}.bn`)));
    x = convRelu(convRelu(both, `layers.${i}.conv1`), `layers.${i}.conv2`);
  }
  x = concat(ops.resizeTo(upsample(x, "layers.8"), images), images);
  const residual = convRelu(convRelu(again(x), "layers.10.layers.0"), "layers.10.layers.1");
  return conv(add(residual, x), "layers.11.0");
}
