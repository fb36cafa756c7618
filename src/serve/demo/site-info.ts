/** A picture to try the model on. */
export interface SitePicture {
  /** Its path in the site. */
  readonly path: string;
  /** What it is called. */
  readonly name: string;
}

/** What the page of a demo is told by site.json, which lies beside it. */
export interface SiteInfo {
  /** Another one for every change of any file: names what the page keeps for later. */
  readonly version: string;
  /** What the model is called. */
  readonly name: string;
  readonly model: {
    /** Its path in the site. */
    readonly path: string;
    /** Its size. */
    readonly bytes: number;
  };
  readonly pictures: readonly SitePicture[];
  /** The paths of the page's own files. */
  readonly page: readonly string[];
}
