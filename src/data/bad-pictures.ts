import { CorruptFileError, DataError } from "../util/errors.ts";

/** A picture that cannot be read, or whose mask cannot. */
export interface BadPicture {
  /** Its name in the dataset. */
  readonly id: string;
  /** What is wrong with it, as a sentence. */
  readonly reason: string;
}

/** How many pictures may be bad, and who is told. */
export interface BadPicturesOptions {
  /** How many there may be. */
  readonly most: number;
  /** Those that were found before. */
  readonly known?: readonly BadPicture[];
  /** What the user can do when there are more. */
  readonly hint?: string;
  /** Told of every picture once, when it is found. */
  readonly onFound?: (picture: BadPicture) => void;
}

/**
 * The pictures of a dataset that are left out because they cannot be read: once found they stay out, so that what is
 * trained on depends on which pictures are bad and on nothing else.
 * @example
 * const bad = new BadPictures({ most: 10, onFound: ({ id, reason }) => console.log(id, reason) });
 * const bunch = databunch(dataset, { size: 128, bad });
 */
export class BadPictures {
  /** How many there may be. */
  readonly most: number;
  /** Told of every picture once, when it is found. */
  onFound: ((picture: BadPicture) => void) | undefined;
  readonly #hint: string | undefined;
  readonly #found: Map<string, BadPicture>;

  /** None yet, but for those that are known. */
  constructor({ most, known = [], hint, onFound }: BadPicturesOptions) {
    this.most = most;
    this.onFound = onFound;
    this.#hint = hint;
    this.#found = new Map(known.map((picture) => [picture.id, picture]));
  }

  /** All that were found, in that order. */
  get list(): readonly BadPicture[] {
    return [...this.#found.values()];
  }

  /** Whether the picture of an id is left out. */
  has(id: string): boolean {
    return this.#found.has(id);
  }

  /** Leaves a picture out from now on. Throws a DataError when there are too many. */
  add(picture: BadPicture): void {
    if (this.#found.has(picture.id)) return;
    this.#found.set(picture.id, picture);
    this.onFound?.(picture);
    if (this.#found.size > this.most)
      throw new DataError(
        `data: ${this.#found.size} pictures cannot be read, and at most ${this.most} may be left out; the last: ${picture.reason}`,
        this.#hint === undefined ? {} : { hint: this.#hint },
      );
  }

  /** Those of a list that are not left out. */
  without<T extends { readonly id: string }>(items: readonly T[]): T[] {
    return items.filter(({ id }) => !this.#found.has(id));
  }
}

/** Whether an error is a fault of a picture's files. */
export function isBadPicture(error: unknown): error is DataError | CorruptFileError {
  return error instanceof DataError || error instanceof CorruptFileError;
}
