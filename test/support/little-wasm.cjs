// Lets WebAssembly have so many MB of shared memory, as SEGKIT_TEST_WASM_MB says.
const { Memory } = WebAssembly;
const pages = Number(process.env.SEGKIT_TEST_WASM_MB) * 16;
WebAssembly.Memory = function (limits) {
  return new Memory(limits.shared ? { ...limits, maximum: Math.min(limits.maximum, pages) } : limits);
};
