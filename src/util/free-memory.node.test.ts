import { describe, expect, test } from "vitest";
import { freeMemory, linuxFreeMemory } from "./free-memory.node.ts";

const gib = 2 ** 30;
const meminfo =
  "MemTotal:       24682416 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\nBuffers: 1 kB\n";
const reader = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

test("this machine has some, and not more than there is", () => {
  expect(freeMemory()).toBeGreaterThan(2 ** 20);
});

describe("on Linux", () => {
  test("is what the kernel holds to be available, not what lies idle", () => {
    expect(linuxFreeMemory(reader({ "/proc/meminfo": meminfo }))).toBe(8 * gib);
  });

  test("is unknown without the kernel's word", () => {
    expect(linuxFreeMemory(reader({}))).toBeUndefined();
    expect(linuxFreeMemory(reader({ "/proc/meminfo": "MemFree: 12 kB\n" }))).toBeUndefined();
  });

  const v2 = {
    "/proc/meminfo": meminfo,
    "/proc/self/cgroup": "0::/user.slice/job\n",
    "/sys/fs/cgroup/user.slice/job/memory.max": "max\n",
    "/sys/fs/cgroup/user.slice/job/memory.current": `${gib}\n`,
  };

  test("has no other bound where no group has a limit", () => {
    expect(linuxFreeMemory(reader(v2))).toBe(8 * gib);
  });

  test.each([
    ["of the process's own group", "/sys/fs/cgroup/user.slice/job/"],
    ["of a group around it", "/sys/fs/cgroup/user.slice/"],
    ["of a container, whose group is the outermost to be seen", "/sys/fs/cgroup/"],
  ])("is what the limit %s leaves, caches not counted as used", (_, folder) => {
    const limited = {
      ...v2,
      [`${folder}memory.max`]: `${4 * gib}\n`,
      [`${folder}memory.current`]: `${3 * gib}\n`,
      [`${folder}memory.stat`]: `anon 5\ninactive_file ${2 * gib}\nactive_file 7\n`,
    };
    expect(linuxFreeMemory(reader(limited))).toBe(3 * gib);
  });

  test("reads groups of the first version too, among all others", () => {
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "9:name=systemd:/\n4:memory:/jobs/7\n3:cpu,cpuacct:/\n0::/\n",
      "/sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes": `${2 * gib}\n`,
      "/sys/fs/cgroup/memory/jobs/7/memory.usage_in_bytes": `${gib}\n`,
      "/sys/fs/cgroup/memory/jobs/7/memory.stat": `inactive_file 9\ntotal_inactive_file ${gib / 2}\n`,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${16 * gib}\n`,
    };
    expect(linuxFreeMemory(reader(files))).toBe(1.5 * gib);
  });

  test("is nothing, and never less, in a group that is full", () => {
    const files = { ...v2, "/sys/fs/cgroup/memory.max": `${gib}\n`, "/sys/fs/cgroup/memory.current": `${2 * gib}\n` };
    expect(linuxFreeMemory(reader(files))).toBe(0);
  });
});
