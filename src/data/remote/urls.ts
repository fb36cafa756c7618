const imageLocal = "https://s3.amazonaws.com/fast-ai-imagelocal/";
const examples = "http://files.fast.ai/data/examples/";
const images = "https://s3.amazonaws.com/fast-ai-imageclas/";

/**
 * Addresses of fastai's datasets, without the `.tgz` of their archives.
 * @see fastai-spec §1.1
 * @example const path = await untarData(URLs.CAMVID);
 */
export const URLs = {
  /** 701 street scenes of 720×960 with masks of 32 classes (599 MB). */
  CAMVID: `${imageLocal}camvid`,
  /** 100 of them, small, without a validation list (2 MB). */
  CAMVID_TINY: `${examples}camvid_tiny`,
  COCO_TINY: `${examples}coco_tiny`,
  PASCAL_2007: `${imageLocal}pascal_2007`,
  PASCAL_2012: `${imageLocal}pascal_2012`,
  BIWI_HEAD_POSE: `${imageLocal}biwi_head_pose`,
  PETS: `${images}oxford-iiit-pet`,
  MNIST_TINY: `${examples}mnist_tiny`,
} as const;

/** What is known of an archive: its length, and the MD5 of its first MiB. */
export interface ArchiveCheck {
  readonly bytes: number;
  readonly md5Head: string;
}

/** What is known of the archives. (fastai-spec §1.1) */
const checks: { readonly [Name in keyof typeof URLs]: ArchiveCheck } = {
  CAMVID: { bytes: 598_913_237, md5Head: "648371e4f3a833682afb39b08a3ce2aa" },
  CAMVID_TINY: { bytes: 2_314_212, md5Head: "2cf6daf91b7a2083ecfa3e9968e9d915" },
  COCO_TINY: { bytes: 801_038, md5Head: "367467451ac4fba79a647753c2c66d3a" },
  PASCAL_2007: { bytes: 1_637_796_771, md5Head: "433b4706eb7c42bd74e7f784e3fdf244" },
  PASCAL_2012: { bytes: 2_618_908_000, md5Head: "d90e29e54a4c76c0c6fba8355dcbaca5" },
  BIWI_HEAD_POSE: { bytes: 452_316_199, md5Head: "00f4ccf66e8cba184bc292fdc08fb237" },
  PETS: { bytes: 811_706_944, md5Head: "e4db5c768afd933bb91f5f594d7417a4" },
  MNIST_TINY: { bytes: 342_207, md5Head: "56143e8f24db90d925d82a5a74141875" },
};

const byAddress: ReadonlyMap<string, ArchiveCheck> = new Map(
  Object.entries(URLs).map(([name, url]) => [url, checks[name as keyof typeof URLs]]),
);

/** What is known of the archive of an address; undefined for one that is not in `URLs`. */
export function checkOf(url: string): ArchiveCheck | undefined {
  return byAddress.get(url);
}
