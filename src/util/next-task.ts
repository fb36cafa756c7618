// What Node and browsers have in common; their own declarations differ.
declare const MessageChannel: new () => {
  readonly port1: { addEventListener(type: "message", told: () => void): void; start(): void; close(): void };
  readonly port2: { postMessage(message: null): void };
};

/**
 * Resolves when the events that wait have had their turn: messages, timers, an abort. A timer would do so too, but
 * browsers make those that follow each other wait for some milliseconds.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
