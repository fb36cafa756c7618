import { ConfigError, messageOf } from "../../util/errors.ts";

/** The camera, frame by frame. */
export class Camera {
  readonly #video = document.createElement("video");
  #stream: MediaStream | undefined;

  constructor() {
    Object.assign(this.#video, { muted: true, playsInline: true });
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * Turns it on and gives frames to `onFrame` until it is turned off: the next one is taken when the last is done with, so
   * that none waits. Throws a ConfigError where there is no camera or it may not be used.
   */
  async run(onFrame: (frame: ImageBitmap) => Promise<void>): Promise<void> {
    const stream = await openCamera();
    this.#stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.stop());
    try {
      this.#video.srcObject = stream;
      await this.#video.play();
      while (this.#stream === stream) {
        await this.#nextFrame();
        if (this.#stream === stream) await onFrame(await createImageBitmap(this.#video));
      }
    } finally {
      this.stop();
    }
  }

  /** Turns it off. */
  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  /** Comes with the next animation frame: not while nobody looks at the page. */
  async #nextFrame(): Promise<void> {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

const faults: Readonly<Record<string, string>> = {
  NotAllowedError: "it may not be used",
  NotFoundError: "there is none",
  NotReadableError: "another program uses it",
};

async function openCamera(): Promise<MediaStream> {
  // Browsers' types say that it is always there.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices)
    throw new ConfigError("The camera cannot be reached from this address.", {
      hint: "Browsers give it to pages on this machine and to those that come by https.",
    });
  try {
    const video = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
    return await devices.getUserMedia({ video, audio: false });
  } catch (error) {
    const reason = (error instanceof DOMException && faults[error.name]) || messageOf(error);
    throw new ConfigError(`The camera cannot be started: ${reason}.`, {
      hint: "Look at the browser's permissions for this page, or choose a picture.",
      cause: error,
    });
  }
}
