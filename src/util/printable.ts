/** Control characters, but for line ends and tabs, and marks that turn the direction of writing. */
const unprintable = /(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** A text whose control characters are written out: names in files are not to steer the terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A name from a file in quotes, no longer than a line or two. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}
