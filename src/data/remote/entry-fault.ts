import { quoted } from "../../util/printable.ts";

/** How much an archive may unpack to. */
export interface ExtractLimits {
  /** Files and folders; 1,000,000 where left out. */
  readonly entries?: number;
  /** Bytes of all files together; 64 GiB where left out. */
  readonly bytes?: number;
  /** Bytes of all files for one byte of archive; 200 where left out. Up to 16 MiB are fine in any case. */
  readonly ratio?: number;
}

const gibibyte = 2 ** 30;
/** Sixteen MiB, which harm nobody. */
const always = 2 ** 24;

/** Characters of a path, and of all paths, which are remembered. */
const longestPath = 4096;
const mostOfPaths = 2 ** 26;

const kinds: Readonly<Record<string, string>> = {
  Link: "a link",
  SymbolicLink: "a link",
  CharacterDevice: "a device",
  BlockDevice: "a device",
  FIFO: "a pipe",
};

const files = new Set(["File", "OldFile", "ContiguousFile"]);

/** What is wrong with an entry's kind or path, as a clause about it; null where nothing is. */
export function entryFault(path: string, type: string, windows: boolean): string | null {
  if (!files.has(type) && type !== "Directory") return `is ${kinds[type] ?? "of an unknown kind"}`;
  // Backslashes and drives mean folders on Windows, and nothing good elsewhere.
  if (path.includes("\0")) return "has a NUL character in its name";
  if (path.startsWith("/") || path.startsWith("\\")) return "has an absolute path";
  if (/^[a-z]:/i.test(path)) return "begins with a drive";
  if (path.includes("\\")) return "has a backslash in its name";
  const parts = path.split("/");
  if (parts.includes("..")) return "leads out of the archive's folder";
  if (path.length > longestPath) return `has a name of more than ${longestPath} characters`;
  if (parts.length > 100) return "lies in more than 100 folders";
  if (windows && parts.some(isReserved)) return "has a name that Windows keeps for devices";
  return null;
}

function isReserved(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name) || /[<>:"|?*]/.test(name) || /[ .]$/.test(name);
}

/** Adds up the entries of an archive of `archiveBytes`, and tells which limit one goes over. */
export class ExtractTally {
  readonly #limits: Required<ExtractLimits>;
  readonly #archiveBytes: number;
  #entries = 0;
  #bytes = 0;
  #passed = 0;
  #pathLength = 0;
  /** The entries by their names on a disk that does not tell capitals and kinds of accents apart. */
  readonly #names = new Map<string, string>();

  constructor(archiveBytes: number, { entries = 1_000_000, bytes = 64 * gibibyte, ratio = 200 }: ExtractLimits) {
    this.#archiveBytes = archiveBytes;
    this.#limits = { entries, bytes, ratio };
  }

  /** Counts an entry of `size` bytes; a clause about it if it is too much or has the name of another one, else null. */
  add(path: string, size: number): string | null {
    const { entries, bytes, ratio } = this.#limits;
    const place = path
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/");
    const name = place.normalize("NFC").toLowerCase();
    const other = this.#names.get(name);
    if (other !== undefined && other !== place) return `is on some disks the same file as ${quoted(other)}`;
    this.#names.set(name, place);
    this.#pathLength += path.length;
    if (this.#pathLength > mostOfPaths) return `brings the names to more than ${mostOfPaths} characters`;
    this.#entries++;
    this.#bytes += size;
    if (this.#entries > entries) return `is one more than the limit of ${entries} entries`;
    if (this.#bytes > bytes) return `brings the files to ${this.#bytes} bytes, over the limit of ${bytes}`;
    if (this.#bytes > always && this.#bytes > ratio * this.#archiveBytes)
      return `brings the files to ${this.#bytes} bytes, over ${ratio} times the archive's ${this.#archiveBytes}`;
    return null;
  }

  /** Counts bytes of the tar itself, which has more in it than files; a clause about it if it is too much, else null. */
  pass(length: number): string | null {
    this.#passed += length;
    const { ratio } = this.#limits;
    const tooMuch = this.#passed > always && this.#passed > ratio * this.#archiveBytes;
    return tooMuch ? `it unpacks to more than ${ratio} times its size` : null;
  }
}
