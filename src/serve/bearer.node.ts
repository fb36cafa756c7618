import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** A check of Authorization headers against a token, in a time that tells nothing about it. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(header ?? "") ?? [];
    return timingSafeEqual(digest(given ?? ""), expected) && given !== undefined;
  };
}
