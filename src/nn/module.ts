import type { Tensor } from "../graph/tensor.ts";
import { Buffer, Parameter } from "./parameter.ts";

/** What a module is made of. */
export type Member = Module | Parameter | Buffer;

/** Members by the names that PyTorch's state dict gives them. A name may have several parts: "layers.0". */
export type Members = Readonly<Record<string, Member>>;

/** The structure of a network or of a part of one. It holds no values: those live in a StateDict. */
export abstract class Module {
  /** Its parameters, buffers and parts, by their state-dict names; what a name stands for must not change. */
  abstract members(): Members;
}

/** A module from one tensor to one tensor. */
export abstract class Layer extends Module {
  /** The layer's output for x, as graph nodes; parameters are inputs of the graph. */
  abstract forward(x: Tensor, context: ForwardContext): Tensor;
}

/** How a forward pass runs, and where it reports what it changes. */
export interface ForwardContext {
  /** In training, batch norm uses the statistics of the batch. */
  readonly training: boolean;
  /** Weights of the batch norms that keep to their running statistics even in training; none where left out. */
  readonly frozen?: ReadonlySet<Parameter> | undefined;
  /** Reports the value a buffer has after this pass. Called in training only. */
  update(buffer: Buffer, next: Tensor): void;
}

/** The context of evaluation: nothing changes. */
export const evaluation: ForwardContext = { training: false, update: () => {} };

/** The context of one training step; collects what the step does to buffers. */
export class Training implements ForwardContext {
  /** Always true. */
  readonly training = true;
  /** The next values of the buffers that the pass has changed. */
  readonly updates: Map<Buffer, Tensor> = new Map();

  update(buffer: Buffer, next: Tensor): void {
    this.updates.set(buffer, next);
  }
}

/**
 * Every parameter and buffer below a module with its full name, in the order the members are given in.
 * @example for (const [name, leaf] of namedLeaves(module)) console.log(name, leaf.shape);
 */
export function namedLeaves(module: Module): [name: string, leaf: Parameter | Buffer][] {
  return Object.entries(module.members()).flatMap(([name, member]) =>
    member instanceof Module
      ? namedLeaves(member).map(([inner, leaf]): [string, Parameter | Buffer] => [`${name}.${inner}`, leaf])
      : [[name, member] as [string, Parameter | Buffer]],
  );
}

/**
 * Every parameter below a module with its full name.
 * @example const names = namedParameters(module).map(([name]) => name); // "layers.0.weight", …
 */
export function namedParameters(module: Module): [name: string, parameter: Parameter][] {
  return namedLeaves(module).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
}

/**
 * Every buffer below a module with its full name.
 * @example const running = namedBuffers(module).filter(([name]) => name.endsWith("running_mean"));
 */
export function namedBuffers(module: Module): [name: string, buffer: Buffer][] {
  return namedLeaves(module).filter((entry): entry is [string, Buffer] => entry[1] instanceof Buffer);
}

/**
 * The graph inputs of a module by their full names: what a program that runs it must be fed from a StateDict.
 * @example const inputs = { images: x, ...stateTensors(module) };
 */
export function stateTensors(module: Module): Record<string, Tensor> {
  return Object.fromEntries(namedLeaves(module).map(([name, leaf]) => [name, leaf.tensor]));
}

/**
 * The number of trainable values.
 * @example const n = parameterCount(new Conv2d(3, 8, { kernel: 3 })); // 3·8·3·3 + 8 = 224
 */
export function parameterCount(module: Module): number {
  return namedParameters(module).reduce((total, [, parameter]) => total + parameter.tensor.size, 0);
}
