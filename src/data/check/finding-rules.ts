/** "error": training on the data would fail or be wrong. "warning": worth a look. "note": good to know. */
export type Severity = "error" | "warning" | "note";

/** What can be found out about a dataset, by name. */
export type FindingKind =
  | "class-names"
  | "split"
  | "missing-mask"
  | "extra-mask"
  | "shared-mask"
  | "size-mismatch"
  | "exif-mismatch"
  | "unreadable-image"
  | "truncated-image"
  | "damaged-image"
  | "doubtful-image"
  | "unreadable-mask"
  | "truncated-mask"
  | "damaged-mask"
  | "mask-format"
  | "jpeg-mask"
  | "lossy-mask"
  | "sixteen-bit-mask"
  | "colour-mask"
  | "unlisted-colour"
  | "palette-mask"
  | "rounded-mask"
  | "ignore-value"
  | "binary-values"
  | "one-based-ids"
  | "brightness-values"
  | "ids-beyond-classes"
  | "unlabelled-mask"
  | "one-class"
  | "class-untrained"
  | "class-unvalidated"
  | "class-untested"
  | "class-unused"
  | "sixteen-bit-image"
  | "cmyk-image"
  | "animated-image"
  | "exif-rotated"
  | "alpha-image"
  | "duplicate-across"
  | "duplicate-within"
  | "near-duplicate"
  | "different-masks"
  | "sequence-across"
  | "valid-one-sequence"
  | "test-one-sequence"
  | "mixed-sizes"
  | "odd-size"
  | "small-picture";

/** What is said of a kind of finding, wherever it is found. */
export interface FindingRule {
  readonly severity: Severity;
  /** What is the matter; how many there are is said after it. */
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

const copyAgain = "Copy the file again from its source, or remove it with its mask.";
const ids = "Save the ids as an 8-bit grey or palette PNG.";

/** Every kind of finding, in the order of reports: the gravest first. */
export const findingRules: Readonly<Record<FindingKind, FindingRule>> = {
  "class-names": {
    severity: "error",
    title: "class names that are missing or contradictory",
    remedy: "Write one class name a line into codes.txt; the first names id 0 of the masks.",
  },
  split: {
    severity: "error",
    title: "no sound split into training and validation pictures",
    remedy: "Name some of the images, but not all, in valid.txt, or delete it for a random split.",
  },
  "missing-mask": {
    severity: "error",
    title: "images without a mask",
    remedy: "Add a mask of the image's name (with or without _P) as PNG, or remove the image.",
  },
  "shared-mask": {
    severity: "error",
    title: "images that would share one mask",
    remedy: "Remove one of the images, or give them different names.",
  },
  "size-mismatch": {
    severity: "error",
    title: "masks of another size than their image",
    remedy: "Make the mask from the image at its full size; ids cannot be resized smoothly.",
  },
  "exif-mismatch": {
    severity: "error",
    title: "masks drawn on the image as its EXIF tag turns it, while pixels are read as stored",
    remedy: "Turn the image's pixels and remove the tag (such as with exiftran -a, or sharp's autoOrient).",
  },
  "unreadable-image": {
    severity: "error",
    title: "images that cannot be read",
    remedy: copyAgain,
  },
  "truncated-image": { severity: "error", title: "images that are cut off", remedy: copyAgain },
  "damaged-image": { severity: "error", title: "images that are damaged", remedy: copyAgain },
  "unreadable-mask": {
    severity: "error",
    title: "masks that cannot be read",
    remedy: "Copy the file again from its source, or remove it with its image.",
  },
  "truncated-mask": {
    severity: "error",
    title: "masks that are cut off",
    remedy: "Copy the file again from its source, or remove it with its image.",
  },
  "damaged-mask": {
    severity: "error",
    title: "masks that are damaged",
    remedy: "Copy the file again from its source, or remove it with its image.",
  },
  "mask-format": { severity: "error", title: "masks of a kind that is not read", remedy: ids },
  "jpeg-mask": {
    severity: "error",
    title: "masks that are JPEG, which changes pixel values, so they are no class ids",
    remedy:
      "Save masks as 8-bit grey or palette PNG, from before they were JPEG; of 0 and 255 alone, name them .png and use --mask-div.",
  },
  "sixteen-bit-mask": {
    severity: "error",
    title: "masks of 16 bits, while class ids are stored in 8",
    remedy: ids,
  },
  "colour-mask": {
    severity: "error",
    title: "masks drawn in colours, while a mask holds one class id per pixel",
    remedy: "Give the colours of the classes with --mask-colours, or replace them by ids in a grey or palette PNG.",
  },
  "unlisted-colour": {
    severity: "error",
    title: "masks with a colour that stands for no class",
    remedy: "Add the colour to the list, or mend the mask; smoothed edges and JPEG make such colours.",
  },
  "binary-values": {
    severity: "error",
    title: "masks of 0 and 255 in place of ids 0 and 1",
    remedy: "Divide them by 255 with --mask-div; of a few masks among others, write 1 in place of 255 into these.",
  },
  "ignore-value": {
    severity: "error",
    title: "masks with the value 255, which usually marks pixels to ignore",
    remedy: "Use --ignore-index 255, or give them the id of a void class with --mask-map.",
  },
  "one-based-ids": {
    severity: "error",
    title: "masks whose ids begin at 1",
    remedy: "Subtract 1 from every value with --mask-map 1:0,2:1,…",
  },
  "brightness-values": {
    severity: "error",
    title: "masks whose values look like the brightness of colours",
    remedy: "Give every value the id of its class with --mask-map.",
  },
  "ids-beyond-classes": {
    severity: "error",
    title: "masks with ids beyond the class names",
    remedy: "Add the missing names to codes.txt, or mend the ids.",
  },
  "one-class": {
    severity: "error",
    title: "training masks that all together hold one class, so that there is nothing to learn",
    remedy: "Check that the masks are those of these images and hold class ids.",
  },
  "duplicate-across": {
    severity: "error",
    title: "equal pictures on both sides of the split",
    remedy: "Remove one of the two: what was learned by heart says nothing about new pictures.",
  },
  "valid-one-sequence": {
    severity: "warning",
    title: "all validation pictures are frames of one sequence",
    remedy:
      "Read the score as that of this one scene, not of new ones; validate on frames of several sequences that are not trained on.",
  },
  "test-one-sequence": {
    severity: "warning",
    title: "all test pictures are frames of one sequence",
    remedy:
      "Read the score as that of this one scene, not of new ones; test on frames of several sequences that are not trained on.",
  },
  "sequence-across": {
    severity: "warning",
    title: "sequences with frames on both sides of the split, which makes scores too good",
    remedy: "Put whole sequences on one side, as splitByGroups does, or leave a gap between the sides.",
  },
  "near-duplicate": {
    severity: "warning",
    title: "pictures that nearly equal one on the other side of the split",
    remedy: "Put both on one side: the score is too good otherwise.",
  },
  "different-masks": {
    severity: "warning",
    title: "equal pictures with different masks",
    remedy: "Decide which mask is right and remove the other pair.",
  },
  "duplicate-within": {
    severity: "warning",
    title: "pictures that occur more than once on one side",
    remedy: "Remove the copies, unless they are meant to count more.",
  },
  "class-untrained": {
    severity: "warning",
    title: "classes that are measured but have no pixel to train on",
    remedy: "Move pictures with the class to the training side, or merge it with another class.",
  },
  "class-unvalidated": {
    severity: "warning",
    title: "classes that are trained but absent from the validation masks, so that they get no score",
    remedy: "Move some pictures with the class to the validation side.",
  },
  "class-untested": {
    severity: "warning",
    title: "classes that are trained but absent from the test masks, so that they get no score there",
    remedy: "Move some pictures with the class to the test list.",
  },
  "unlabelled-mask": {
    severity: "warning",
    title: "masks without a labelled pixel",
    remedy: "Label the picture, or remove it: it teaches nothing.",
  },
  "extra-mask": {
    severity: "warning",
    title: "masks without an image",
    remedy: "Add the images, or remove the masks; they are left out.",
  },
  "exif-rotated": {
    severity: "warning",
    title: "images turned by an EXIF tag, which is ignored",
    remedy: "Look whether the masks fit the pixels as stored; to be sure, turn the pixels and remove the tag.",
  },
  "animated-image": {
    severity: "warning",
    title: "images of several frames, of which the first is used",
    remedy: "Save the frame that the mask belongs to as a picture of its own.",
  },
  "cmyk-image": {
    severity: "warning",
    title: "images in CMYK, which become RGB without their colour profile",
    remedy: "Save them as RGB, so that colours are the same everywhere.",
  },
  "sixteen-bit-image": {
    severity: "warning",
    title: "images of more than 8 bits per channel, which are cut to 8",
    remedy: "Save them with 8 bits, stretched so that what matters stays visible.",
  },
  "doubtful-image": {
    severity: "warning",
    title: "images that decode, but with complaints",
    remedy: "Look at them: parts may be missing. Save them again.",
  },
  "lossy-mask": {
    severity: "warning",
    title: "masks that are JPEG, which changes values",
    remedy: "Save masks as PNG, which keeps them.",
  },
  "rounded-mask": {
    severity: "warning",
    title: "masks with values that --mask-div does not divide, which are rounded",
    remedy: "Look at their edges; save masks without smoothing.",
  },
  "odd-size": {
    severity: "warning",
    title: "pictures of other proportions than most, which are squeezed into one size",
    remedy: "Cut them to the proportions of the others, or leave them out.",
  },
  "small-picture": {
    severity: "warning",
    title: "pictures of less than 32 pixels a side",
    remedy: "Leave them out, or replace them by larger ones: the network sees at 1/32 of the size.",
  },
  "mixed-sizes": {
    severity: "note",
    title: "different sizes; all are resized to one",
    remedy: "Choose it with --size.",
  },
  "class-unused": {
    severity: "note",
    title: "classes that no mask uses",
    remedy: "Nothing to do, unless masks are missing.",
  },
  "palette-mask": {
    severity: "note",
    title: "palette masks: a pixel's index in the palette is its class id",
    remedy: "Nothing to do, if they were made of ids; a colour picture reduced to a palette has indices of its own.",
  },
  "alpha-image": {
    severity: "note",
    title: "images with transparency, which is dropped",
    remedy: "Nothing to do, unless what is behind transparent pixels looks wrong.",
  },
};
