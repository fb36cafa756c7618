import type { SitePicture } from "../../serve/demo/site-info.ts";
import { DataError } from "../../util/errors.ts";
import { element } from "../dom.ts";
import { showError } from "../say.ts";

/** Makes a button for each of the pictures to try. */
export function offerPictures(
  group: HTMLElement,
  pictures: readonly SitePicture[],
  onPicture: (file: Blob, name: string) => void,
): void {
  group.hidden = pictures.length === 0;
  group.append(
    ...pictures.map(({ path, name }) => {
      const image = element("img", { src: path, alt: name });
      const button = element("button", { type: "button" }, image);
      button.addEventListener("click", () => {
        fetchPicture(path, name).then((file) => onPicture(file, name), showError);
      });
      return button;
    }),
  );
}

async function fetchPicture(path: string, name: string): Promise<Blob> {
  const response = await fetch(path).catch(() => null);
  if (response?.ok) return response.blob();
  throw new DataError(`${name} cannot be loaded.`, { hint: "Look whether segkit demo still runs." });
}
