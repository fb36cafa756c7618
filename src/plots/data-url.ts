import { encode } from "fast-png";

/** A picture: 8-bit sRGB, interleaved (height × width × 3), rows from the top. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A picture as the text of a PNG inside an SVG. */
export function dataUrl({ height, width, data }: Picture): string {
  const png = encode({ width, height, data, channels: 3 });
  return `data:image/png;base64,${base64(png)}`;
}

function base64(bytes: Uint8Array): string {
  // A multiple of three bytes each, so that the parts can be joined.
  const part = 3 * 8192;
  let text = "";
  for (let at = 0; at < bytes.length; at += part) text += btoa(String.fromCharCode(...bytes.subarray(at, at + part)));
  return text;
}
