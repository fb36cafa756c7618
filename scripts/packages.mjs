/** The packages of a lock file but those that only developing takes, each version once: name, version, licence. */
export function packagesIn(lock) {
  const found = new Map();
  for (const [path, { version, license = "none given", dev, optional = false }] of Object.entries(lock.packages)) {
    if (path === "" || dev) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    found.set(`${name}@${version}`, { name, version, license, optional });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
