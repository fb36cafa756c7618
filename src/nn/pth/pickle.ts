import { quoted } from "../../util/printable.ts";
import { ByteReader } from "./byte-reader.ts";
import { damaged, PickleGlobal, type PickleValue, refused } from "./values.ts";

/** What a pickle may ask for outside itself. */
export interface PickleWorld {
  /** By module and name: "collections.OrderedDict". */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for; throws a CorruptFileError for one of another form. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

export interface PickleLimits {
  /** Values on the stack. */
  readonly stack: number;
  /** Values remembered for a second use. */
  readonly memo: number;
  /** Containers under construction at a time. */
  readonly depth: number;
  /** Values made, and values put into containers, in all. */
  readonly work: number;
}

const defaultLimits: PickleLimits = { stack: 1_000_000, memo: 1_000_000, depth: 200, work: 2_000_000 };

/**
 * Reads one pickle from `start` on, with the opcodes of protocols 2 to 5 that build numbers, text, lists, dictionaries
 * and what `world` allows. Nothing is ever imported or run. Returns the value and where the next byte is.
 * Source: the opcodes' description in Python's `pickletools`.
 * @throws CorruptFileError for a damaged pickle, one that asks for anything else, and one beyond the limits.
 */
export function unpickle(
  bytes: Uint8Array,
  world: PickleWorld,
  start = 0,
  limits: PickleLimits = defaultLimits,
): { value: PickleValue; end: number } {
  const machine = new Machine(new ByteReader(bytes, start), world, limits);
  for (;;) {
    const opcode = machine.reader.u8();
    if (opcode === stop) return { value: machine.pop(), end: machine.reader.position };
    const run = opcodes[opcode];
    if (!run) throw refused(`its pickle uses the opcode 0x${opcode.toString(16).padStart(2, "0")}`);
    run(machine);
  }
}

const stop = 0x2e;

class Machine {
  readonly reader: ByteReader;
  readonly world: PickleWorld;
  readonly #limits: PickleLimits;
  readonly #memo = new Map<number, PickleValue>();
  /** Where in the stack each container under construction begins. */
  readonly #marks: number[] = [];
  #stack: PickleValue[] = [];
  #work = 0;

  constructor(reader: ByteReader, world: PickleWorld, limits: PickleLimits) {
    this.reader = reader;
    this.world = world;
    this.#limits = limits;
  }

  push(value: PickleValue): void {
    this.#spend(1);
    if (this.#stack.length >= this.#limits.stack) throw refused(`its pickle piles up ${this.#limits.stack} values`);
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw damaged("the pickle takes a value that is not there");
    return this.#stack.pop()!;
  }

  peek(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    if (this.#marks.length >= this.#limits.depth) throw refused(`its pickle nests deeper than ${this.#limits.depth}`);
    this.#marks.push(this.#stack.length);
  }

  /** The values since the last mark, which is taken away. */
  sinceMark(): PickleValue[] {
    const from = this.#marks.pop();
    if (from === undefined) throw damaged("the pickle ends a container that was not begun");
    return this.#stack.splice(from);
  }

  last(count: number): PickleValue[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.toReversed();
  }

  remember(index: number): void {
    this.#memo.set(index, this.peek());
    if (this.#memo.size > this.#limits.memo) throw refused(`its pickle remembers ${this.#memo.size} values`);
  }

  rememberNext(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw damaged(`the pickle recalls value ${index}, which is not there`);
    this.push(value);
  }

  global(name: string): void {
    const found = this.world.globals.get(name);
    if (!found) throw refused(`its pickle asks for ${quoted(name)}, which is no tensor`);
    this.push(found);
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof PickleGlobal) || !callee.call)
      throw refused(`its pickle calls ${callee instanceof PickleGlobal ? callee.name : "a value"}`);
    if (!Array.isArray(args)) throw damaged(`the pickle calls ${callee.name} without a list of arguments`);
    // What is called copies the lists that it is given.
    for (const each of args) if (Array.isArray(each)) this.#spend(each.length);
    this.push(callee.call(args));
  }

  #spend(values: number): void {
    this.#work += values;
    if (this.#work > this.#limits.work) throw refused(`its pickle builds more than ${this.#limits.work} values`);
  }

  /** Attributes of a dictionary's, such as a state dict's version numbers, are passed over. */
  build(): void {
    this.pop();
    if (!(this.peek() instanceof Map)) throw refused("its pickle sets attributes of an object");
  }

  append(values: readonly PickleValue[]): void {
    const list = this.peek();
    if (!Array.isArray(list)) throw damaged("the pickle appends to what is no list");
    this.#spend(values.length);
    for (const value of values) list.push(value);
  }

  setItems(values: readonly PickleValue[]): void {
    const target = this.peek();
    if (!(target instanceof Map) || values.length % 2 !== 0) throw damaged("the pickle fills what is no dictionary");
    this.#spend(values.length);
    for (let i = 0; i < values.length; i += 2) target.set(values[i]!, values[i + 1]!);
  }
}

function dictionary(values: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  if (values.length % 2 !== 0) throw damaged("a dictionary has a key without a value");
  return new Map(Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]));
}

function stackGlobal(m: Machine): void {
  const [module, name] = m.last(2);
  if (typeof module !== "string" || typeof name !== "string")
    throw damaged("the pickle asks for a name that is no text");
  m.global(`${module}.${name}`);
}

/** What each opcode does; those that are not here are refused. */
const opcodes: Readonly<Record<number, (m: Machine) => void>> = {
  0x80: (m) => {
    const protocol = m.reader.u8();
    if (protocol > 5) throw refused(`it is a pickle of protocol ${protocol}`);
  },
  0x95: (m) => void m.reader.u64(), // FRAME
  0x28: (m) => m.mark(),
  0x30: (m) => void m.pop(),
  0x31: (m) => void m.sinceMark(),
  0x32: (m) => m.push(m.peek()),
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.reader.i32()),
  0x4b: (m) => m.push(m.reader.u8()),
  0x4d: (m) => m.push(m.reader.u16()),
  0x8a: (m) => m.push(m.reader.integer(m.reader.u8())),
  0x8b: (m) => m.push(m.reader.integer(m.reader.u32())),
  0x47: (m) => m.push(m.reader.f64()),
  0x58: (m) => m.push(m.reader.text(m.reader.u32())),
  0x8c: (m) => m.push(m.reader.text(m.reader.u8())),
  0x8d: (m) => m.push(m.reader.text(m.reader.u64())),
  0x54: (m) => m.push(m.reader.text(m.reader.u32())), // BINSTRING
  0x55: (m) => m.push(m.reader.text(m.reader.u8())), // SHORT_BINSTRING
  0x29: (m) => m.push([]),
  0x74: (m) => m.push(m.sinceMark()), // TUPLE
  0x85: (m) => m.push(m.last(1)),
  0x86: (m) => m.push(m.last(2)),
  0x87: (m) => m.push(m.last(3)),
  0x5d: (m) => m.push([]),
  0x6c: (m) => m.push(m.sinceMark()), // LIST
  0x61: (m) => m.append(m.last(1)),
  0x65: (m) => m.append(m.sinceMark()),
  0x7d: (m) => m.push(new Map()),
  0x64: (m) => m.push(dictionary(m.sinceMark())),
  0x73: (m) => m.setItems(m.last(2)),
  0x75: (m) => m.setItems(m.sinceMark()),
  0x71: (m) => m.remember(m.reader.u8()),
  0x72: (m) => m.remember(m.reader.u32()),
  0x94: (m) => m.rememberNext(),
  0x68: (m) => m.recall(m.reader.u8()),
  0x6a: (m) => m.recall(m.reader.u32()),
  0x63: (m) => m.global(`${m.reader.line()}.${m.reader.line()}`),
  0x93: stackGlobal,
  0x52: (m) => m.reduce(),
  0x81: (m) => m.reduce(), // NEWOBJ
  0x62: (m) => m.build(),
  0x51: (m) => m.push(m.world.persistent(m.pop())),
};
