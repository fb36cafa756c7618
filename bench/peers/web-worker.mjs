// The browser's Worker over Node's worker threads, as far as jax-js uses it: without one it runs on a single thread.
import { Worker as Thread } from "node:worker_threads";

const prelude = `
  const { parentPort } = require("node:worker_threads");
  const self = globalThis;
  self.postMessage = (message) => parentPort.postMessage(message);
  parentPort.on("message", (data) => self.onmessage({ data }));
`;

export class Worker {
  onmessage = () => {};
  onerror = () => {};
  #thread;

  /** @param {string} url of a blob */
  constructor(url) {
    this.#thread = fetch(url)
      .then((response) => response.text())
      .then((source) => {
        const thread = new Thread(`${prelude}\n${source}`, { eval: true });
        thread.on("message", (data) => this.onmessage({ data }));
        thread.on("error", (error) => this.onerror(error));
        return thread;
      });
  }

  postMessage(message) {
    void this.#thread.then((thread) => thread.postMessage(message));
  }
}
