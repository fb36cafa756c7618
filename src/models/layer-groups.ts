import { namedParameters } from "../nn/module.ts";
import type { Parameter, ParameterRole } from "../nn/parameter.ts";
import { ConfigError } from "../util/errors.ts";
import type { SegmentationModel } from "./model.ts";

/** A parameter of a model with all that training asks of it. */
export interface ParameterInfo {
  readonly name: string;
  readonly parameter: Parameter;
  /** Its layer group, counted from the input's side. */
  readonly group: number;
  readonly role: ParameterRole;
}

/**
 * The parameters in groups that train at rates of their own: the shallow half of the encoder, its deep half, and all
 * that follows it (fastai's split). An encoder without a `secondGroup` gives one group instead of two.
 */
export function layerGroups(model: SegmentationModel): ParameterInfo[][] {
  const parts = encoderParts(model);
  const groups: ParameterInfo[][] = Array.from({ length: parts.length + 1 }, () => []);
  for (const [name, parameter] of namedParameters(model)) {
    const part = parts.findIndex((parameters) => parameters.has(parameter));
    const group = part < 0 ? parts.length : part;
    groups[group]!.push({ name, parameter, group, role: parameter.role });
  }
  return groups;
}

function encoderParts({ encoder }: SegmentationModel): ReadonlySet<Parameter>[] {
  const parameters = namedParameters(encoder);
  const split = parameters.findIndex(([name]) => name.startsWith(`${encoder.secondGroup}.`));
  const parts = split < 0 ? [parameters] : [parameters.slice(0, split), parameters.slice(split)];
  return parts.map((part) => new Set(part.map(([, parameter]) => parameter)));
}

/**
 * What trains when the groups before the n-th are frozen (fastai's `freeze_to`): the groups from it on and, with
 * `trainBn`, every batch norm. A negative n counts from the last group; 0 freezes nothing.
 * Throws a ConfigError when there is no such group.
 */
export function trainableParameters(
  groups: readonly (readonly ParameterInfo[])[],
  n: number,
  options: { readonly trainBn?: boolean } = {},
): ParameterInfo[] {
  const { trainBn = true } = options;
  const first = n < 0 ? n + groups.length : n;
  if (!Number.isInteger(n) || first < 0 || first >= groups.length)
    throw new ConfigError(
      `freeze: expected a layer group from ${-groups.length} to ${groups.length - 1}, but received ${n}`,
      { hint: `The model has ${groups.length} layer groups; 0 trains all of them, -1 the last one.` },
    );
  return groups.flat().filter(({ group, role }) => group >= first || (trainBn && role === "norm"));
}
