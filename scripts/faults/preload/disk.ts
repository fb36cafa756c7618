/** @file A disk that fails as SEGKIT_FAULT says: a `DiskFault`, and the file that the calls are told in. */
import { writeFileSync } from "node:fs";
import { breakDisk, type DiskFault } from "../../../test/support/faulty-disk.ts";

const { told, ...fault } = JSON.parse(process.env["SEGKIT_FAULT"]!) as DiskFault & { readonly told: string };
const disk = await breakDisk(fault);
process.on("exit", () => writeFileSync(told, JSON.stringify({ calls: disk.calls, failed: disk.failed })));
