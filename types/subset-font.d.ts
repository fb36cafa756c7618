// What is used of subset-font, which has no types of its own.
declare module "subset-font" {
  /** The font with the letters of a text alone. */
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: {
      readonly targetFormat: "truetype" | "woff" | "woff2";
      /** OpenType features that stay, by their tags; all where left out. */
      readonly keepFeatures?: readonly string[];
    },
  ): Promise<Buffer>;
}
