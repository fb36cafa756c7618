// Structure of networks: modules with named parameters, and the values that go with them.
export { Buffer, Parameter, type ParameterRole } from "./parameter.ts";
export {
  evaluation,
  type ForwardContext,
  Layer,
  type Member,
  type Members,
  Module,
  namedBuffers,
  namedLeaves,
  namedParameters,
  parameterCount,
  stateTensors,
  Training,
} from "./module.ts";
export { initialState, loadState, type StateDict, type StateTensor } from "./state.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  type StoredDType,
  type StoredTensor,
} from "./safetensors.ts";

// Layers.
export { Conv2d, type Conv2dOptions } from "./conv.ts";
export { BatchNorm2d, type BatchNormOptions } from "./batch-norm.ts";
export { Activation, Relu, Sequential } from "./sequential.ts";
export { SelfAttention } from "./attention.ts";
export { ConvLayer, type ConvLayerOptions, norms, type NormType } from "./conv-layer.ts";
export { PixelShuffleIcnr, type PixelShuffleIcnrOptions } from "./pixel-shuffle.ts";

// How weights are made and how they start.
export { plainWeight, spectralNorm, type Weight, type WeightKind, weightNorm } from "./weight.ts";
export { constantInit, icnr, type Init, kaimingNormal, normal, ones, uniformFanIn, zeros } from "./init.ts";
