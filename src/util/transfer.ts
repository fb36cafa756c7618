/** The memory blocks of all typed arrays inside plain data, to be moved to another thread instead of copied. */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    // A view of part of a block is copied: moving it would take the rest along.
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) found.add(value.buffer);
  } else if (value instanceof Map) {
    for (const entry of value.values()) buffersIn(entry, found);
  } else if (typeof value === "object" && value !== null) {
    for (const entry of Object.values(value)) buffersIn(entry, found);
  }
  return found;
}
