import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { env } from "onnxruntime-common";

/** The machine, the day and the engine, in one line. */
export function machineLine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return (
    `${day}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores${vectors()}, ${gigabytes} GiB, ` +
    `Node ${process.version}, ONNX Runtime ${env.versions.common}`
  );
}

/** Says so if the machine has other work: its figures would be of that work too. */
export function loadLine(): string | undefined {
  const load = loadavg()[0]!;
  return load > 0.5 ? `the machine is not quiet: load ${load.toFixed(1)} before the first step` : undefined;
}

function vectors(): string {
  try {
    const info = readFileSync("/proc/cpuinfo", "utf8");
    const widest = ["avx512f", "avx2", "asimd"].find((flag) => new RegExp(`\\b${flag}\\b`).test(info));
    return widest ? ` with ${widest.toUpperCase()}` : "";
  } catch {
    return "";
  }
}
