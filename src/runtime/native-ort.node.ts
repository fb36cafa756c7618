import type * as ort from "onnxruntime-node";

/**
 * ONNX Runtime's native build. From 1.29 on, what its maker publishes for Linux and macOS reports every process over the
 * network unless this variable is set before it starts (microsoft/onnxruntime#27379); a value that is there already stays.
 */
export function nativeOrt(): Promise<typeof ort> {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  return import("onnxruntime-node");
}
