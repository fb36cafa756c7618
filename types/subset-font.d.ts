// What is used of subset-font, which has no types of its own.
declare module "subset-font" {
  /** The font with the letters of a text alone. */
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: {
      readonly targetFormat: "truetype" | "woff" | "woff2";
      /** Leaves out glyphs that only features such as small capitals lead to. */
      readonly noLayoutClosure?: boolean;
    },
  ): Promise<Buffer>;
}
