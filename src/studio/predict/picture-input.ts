import { find } from "../dom.ts";

/** Takes pictures that are chosen, dropped anywhere on the page, or pasted. */
export function takePictures(root: HTMLElement, onPicture: (file: File, name: string) => void): void {
  const input = find(root, "input.file", HTMLInputElement);
  for (const button of root.querySelectorAll(".choose")) button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take(input.files);
    // The same file may be chosen again.
    input.value = "";
  });
  document.addEventListener("paste", ({ clipboardData }) => take(clipboardData?.files));
  let depth = 0;
  const mark = (change: number): void => {
    depth = Math.max(depth + change, 0);
    root.classList.toggle("dropping", depth > 0);
  };
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") === true;
  document.addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    take(event.dataTransfer?.files);
  });

  function take(files: FileList | null | undefined): void {
    const [file] = files ?? [];
    if (file && !root.hidden) onPicture(file, file.name);
  }
}
